"""Attaching files to reviews and findings: the bytes are kept first, then the row that names them is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.files.base import File
from django.db.models import QuerySet

from governance.access.models import User
from governance.access.rights import visible
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason, Refusal
from governance.validation import attaching
from governance.validation.models import Finding, FindingFile, Review, ReviewFile
from governance.validation.services.locks import lock_review
from inventory.evidence.content import LONGEST_NAME, Measured, keep, measure
from inventory.models import EvidenceFile, EvidenceLink
from inventory.services.evidence import evidence_file, label_of
from inventory.services.releases import lock_release

T = TypeVar("T")
MOST = 5
NOT_KEPT = "No file attached to anything you may see has this digest."


@dataclass(frozen=True)
class Handed:
    """What is handed in: a file with its name, or the digest of one that is kept already."""

    content: File[Any] | None = None
    name: str = ""
    sha256: str = ""


def attach_to_review(*, actor: User, review: Review, part: str, handed: Handed, door: Door = Door.WEB) -> ReviewFile:
    """Attach a file to the discussion of a review or to what is decided there; nobody contributes by it.

    Raises InvalidInput, Forbidden, Conflict `state`, `storage`, `duplicate`.
    """
    with acting(actor, door=door, verb="review.attach"):
        part = _part(part, ReviewFile.Part.values)
        _judged(attaching.against_review(actor, review, part))
    measured = _kept(handed)
    with acting(actor, door=door, verb="review.attach"):
        locked = lock_review(review.pk, actor=actor)
        _judged(attaching.against_review(actor, locked, part))
        file, name = _file(actor, handed, measured)
        if locked.files.filter(part=part, file=file, name=name).exists():
            raise _twice()
        return ReviewFile.objects.create(
            review=locked, part=part, file=file, name=name, added_by=actor, added_at=portal_now()
        )


def attach_to_finding(
    *, actor: User, finding: Finding, part: str, handed: Handed, door: Door = Door.WEB
) -> FindingFile:
    """Attach a file to the answer to a finding, or to the judgement of that answer. Raises as a review's does."""
    with acting(actor, door=door, verb="finding.attach"):
        part = _part(part, FindingFile.Part.values)
        _judged(attaching.against_finding(actor, finding, part))
    measured = _kept(handed)
    with acting(actor, door=door, verb="finding.attach"):
        release = lock_release(finding.release, actor=actor)
        locked = Finding.objects.select_for_update(no_key=True).get(pk=finding.pk)
        locked.release = release
        _judged(attaching.against_finding(actor, locked, part))
        file, name = _file(actor, handed, measured)
        if locked.files.filter(part=part, file=file, name=name).exists():
            raise _twice()
        return FindingFile.objects.create(
            finding=locked, part=part, file=file, name=name, added_by=actor, added_at=portal_now()
        )


def with_files(
    act: Callable[[], T], attach: Callable[[Handed], object], files: Sequence[Handed], *, actor: User, verb: str,
    door: Door,
) -> T:  # fmt: skip
    """Do something and attach files to it in one transaction: a file that is refused refuses all, and says which.

    Raises what the act raises, InvalidInput `files`, Conflict `storage`, `duplicate`.
    """
    with acting(actor, door=door, verb=verb):
        if len(files) > MOST:
            raise InvalidInput({"files": [f"At most {MOST} files at once; attach the others afterwards."]})
        done = act()
        for handed in files:
            named = f"“{handed.name[:LONGEST_NAME]}”"
            try:
                attach(handed)
            except InvalidInput as invalid:
                said = [f"{named}: {text}" for texts in invalid.errors.values() for text in texts]
                raise InvalidInput({"files": said}) from invalid
            except Conflict as conflict:
                raise Conflict(*(Reason(each.code, f"{named}: {each.text}") for each in conflict.reasons)) from conflict
        return done


def _part(part: str, known: list[str]) -> str:
    checks = Checks()
    part = checks.choice("part", part, known)
    checks.done()
    return part


def _judged(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise refusal


def _kept(handed: Handed) -> Measured | None:
    """The bytes, measured and kept; None where a digest names a file. Raises InvalidInput, Conflict `storage`."""
    if (handed.content is None) == (not handed.sha256):
        raise InvalidInput({"file": ["Hand in a file, or the digest of one that is kept already: one of the two."]})
    if handed.content is None:
        return None
    measured = measure(handed.content)
    keep(handed.content, measured)
    return measured


def _file(actor: User, handed: Handed, measured: Measured | None) -> tuple[EvidenceFile, str]:
    """The file's row and its name here. Raises InvalidInput, the same for an unknown digest and for one not seen."""
    if measured is not None:
        return evidence_file(actor, measured), label_of(handed.name)
    checks = Checks()
    sha256 = checks.sha256("sha256", handed.sha256)
    checks.done()
    everywhere: tuple[QuerySet[Any], ...] = (
        EvidenceLink.objects.all(), ReviewFile.objects.all(), FindingFile.objects.all()
    )  # fmt: skip
    for links in everywhere:
        found = visible(actor, links.filter(file__sha256=sha256).select_related("file")).order_by("-pk").first()
        if found is not None:
            return found.file, label_of(handed.name or found.name)
    raise InvalidInput({"sha256": [NOT_KEPT]})


def _twice() -> Conflict:
    return Conflict(Reason("duplicate", "This very file is attached here under that name already."))
