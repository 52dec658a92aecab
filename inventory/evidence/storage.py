"""Where evidence files are kept: below PORTAL_DATA by default, or wherever the setting `STORAGES["evidence"]` says."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

PIECE = 256 * 1024


class LocalEvidence(FileSystemStorage):
    """Files on a disk of ours: written beside their place, flushed, then moved in; no half file is ever read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"file_permissions_mode": 0o440, "directory_permissions_mode": 0o750, **options})

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: the same name is the same content."""
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        """Write, flush, move. Raises OSError, leaving nothing behind."""
        place = Path(self.path(name))
        place.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".", suffix=".part", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in content.chunks(PIECE):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).chmod(0o440)
            Path(draft).replace(place)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        return name


def evidence_storage() -> Storage:
    """The configured storage."""
    return storages["evidence"]


def place_of(sha256: str) -> str:
    """The name a content is kept under; nothing anybody typed is part of it."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
