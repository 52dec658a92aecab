"""Uploads are measured while they arrive: one that is too large is refused before it fills a disk."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

LARGEST_REQUEST = 60 * 1024 * 1024


class MeasuredUpload(FileUploadHandler):
    """Stands before Django's own handlers and lets through at most `LARGEST_REQUEST` bytes of files."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._seen = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None  # noqa: N803
    ) -> None:  # fmt: skip
        """Refuse by the length announced. Raises RequestDataTooBig."""
        if content_length > LARGEST_REQUEST:
            raise RequestDataTooBig("the request announces more than is taken")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Refuse by what really came. Raises RequestDataTooBig."""
        self._seen += len(raw_data)
        if self._seen > LARGEST_REQUEST:
            raise RequestDataTooBig("the request holds more than is taken")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""
