"""Whether every kept evidence file still is what its row says, for verify_ledger."""

from __future__ import annotations

from collections.abc import Iterator

from governance.ledger.differences import Difference
from inventory.evidence.content import state_of
from inventory.models import EvidenceFile


def broken_files() -> Iterator[Difference]:
    """A difference for each file that is missing or holds other bytes."""
    for file in EvidenceFile.objects.order_by("pk").iterator(chunk_size=500):
        found = state_of(file.sha256)
        if found != file.sha256:
            yield Difference(None, "evidence files", str(file.pk), "sha256", file.sha256, found)
