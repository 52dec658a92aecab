"""The bytes of evidence: measured while they stream, kept once, checked before they are handed out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File

from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Reason
from inventory.evidence.storage import PIECE, evidence_storage, place_of

MEGABYTE = 1024 * 1024
LARGEST = 50 * MEGABYTE
LONGEST_NAME = 200
UNKNOWN = "application/octet-stream"
# What the first bytes of a file say it is; a name or a browser's word is never believed.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"), (b"PK\x03\x04", "application/zip"), (b"\x1f\x8b", "application/gzip"),
    (b"PAR1", "application/vnd.apache.parquet"), (b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
)  # fmt: skip


class EvidenceBroken(Exception):  # noqa: N818  what was found, not what went wrong here
    """A kept file is gone or is no longer what was handed in."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a content is."""

    sha256: str
    size: int
    media_type: str


def measure(content: File[Any]) -> Measured:
    """Read it once, piece by piece. Raises InvalidInput for an empty or too large one."""
    digest, size, first = hashlib.sha256(), 0, b""
    for piece in content.chunks(PIECE):
        first = first or bytes(piece[:4096])
        size += len(piece)
        if size > LARGEST:
            raise InvalidInput({"file": [f"Is larger than {LARGEST // MEGABYTE} MB."]})
        digest.update(piece)
    if not size:
        raise InvalidInput({"file": ["Is empty."]})
    return Measured(digest.hexdigest(), size, sniffed(first))


def sniffed(first: bytes) -> str:
    """The media type the first bytes of a file tell; text only where it is nothing that a browser would run."""
    for beginning, media_type in _BEGINNINGS:
        if first.startswith(beginning):
            return media_type
    try:
        text = first[:4000].decode("utf-8", errors="strict" if len(first) < 4000 else "ignore")
    except UnicodeDecodeError:
        return UNKNOWN
    if "\0" in text:
        return UNKNOWN
    return "application/json" if text.lstrip()[:1] in {"{", "["} else "text/plain"


def keep(content: File[Any], measured: Measured) -> None:
    """Store it under its digest unless it is there already, whole. Raises Conflict `storage` when it cannot be kept."""
    storage, place = evidence_storage(), place_of(measured.sha256)
    try:
        if storage.exists(place) and _digest_of(place) == measured.sha256:
            return
        content.seek(0)
        storage.save(place, content)
    except OSError as error:
        sentence = "The file could not be kept: the file store is full or out of reach. Nothing was changed."
        raise Conflict(Reason("storage", sentence)) from error


def checked(sha256: str) -> File[Any]:
    """The content, after reading it through. Raises EvidenceBroken."""
    found = _digest_of(place_of(sha256))
    if found != sha256:
        raise EvidenceBroken(found)
    return evidence_storage().open(place_of(sha256))


def state_of(sha256: str) -> str:
    """The digest of what is kept under that name, or “missing”."""
    try:
        return _digest_of(place_of(sha256))
    except EvidenceBroken as broken:
        return str(broken)


def _digest_of(place: str) -> str:
    digest = hashlib.sha256()
    try:
        with evidence_storage().open(place) as kept:
            for piece in _pieces(kept):
                digest.update(piece)
    except FileNotFoundError as error:
        raise EvidenceBroken("missing") from error
    return digest.hexdigest()


def _pieces(file: File[Any]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
