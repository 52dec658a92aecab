"""Attaching evidence: the file is kept first, then its rows are written; a row never names a file that is not there."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.files.base import File

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.evidence.content import LONGEST_NAME, Measured, keep, measure
from inventory.models import Document, EvidenceFile, EvidenceLink, System
from inventory.services.documents import EVIDENCE, save_document_revision
from inventory.services.permitted import require


def attach_evidence(
    *,
    actor: User,
    system: System,
    content: File[Any],
    name: str,
    document: Document | None = None,
    door: Door = Door.WEB,
) -> EvidenceLink:
    """Attach a file to a system. On a document it is also the next revision, which names it with its digest.

    So what is attached is frozen with the document when a release is submitted, and whoever attached it has a hand
    in it. Raises InvalidInput, Conflict `storage` (the store is full or out of reach), `duplicate`.
    """
    with acting(actor, door=door, verb="evidence.attach"):
        require(actor, Permission.DOCUMENT_CHANGE, system)
        label = label_of(name)
    measured = measure(content)
    keep(content, measured)
    with acting(actor, door=door, verb="evidence.attach"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.DOCUMENT_CHANGE, locked)
        file = evidence_file(actor, measured)
        already = EvidenceLink.objects.filter(system=locked, document=document, file=file, name=label)
        if already.exists():
            raise Conflict(Reason("duplicate", "This very file is attached here under that name already."))
        link = EvidenceLink.objects.create(
            system=locked, document=document, file=file, name=label, added_by=actor, added_at=portal_now()
        )
        if document is not None:
            _named_in(actor, locked, document, link, door)
        return link


def attached(*, actor: User, system: System, content: File[Any], name: str, door: Door = Door.WEB) -> EvidenceLink:
    """The file attached to the system under that name: as it is there already, or attached now. Raises as attaching."""
    already = EvidenceLink.objects.filter(
        system=system, document=None, file__sha256=measure(content).sha256, name=label_of(name)
    )
    return already.first() or attach_evidence(actor=actor, system=system, content=content, name=name, door=door)


def evidence_file(actor: User, measured: Measured) -> EvidenceFile:
    """The row of a content that is kept. For callers that act already."""
    file, _ = EvidenceFile.objects.get_or_create(
        sha256=measured.sha256,
        defaults={
            "size": measured.size, "media_type": measured.media_type, "uploaded_by": actor,
            "uploaded_at": portal_now(),
        },
    )  # fmt: skip
    return file


def _named_in(actor: User, system: System, document: Document, link: EvidenceLink, door: Door) -> None:
    """The document's next revision, with the file in its list of evidence."""
    last = document.revisions.order_by("-number").first()
    if last is None or document.system_id != system.pk:
        raise Conflict(Reason("state", "Write the document first, then attach files to it."))
    line = f"- `{link.name.replace('`', '')}`, sha256:{link.file.sha256}"
    listed = "\n".join(filter(None, [last.sections.get(EVIDENCE, ""), line]))
    save_document_revision(
        actor=actor, system=system, template=document.template, sections={**last.sections, EVIDENCE: listed},
        contact=last.contact, door=door, expected_number=last.number, keep_draft=True,
    )  # fmt: skip


def label_of(name: str) -> str:
    """The file's name as a label: the last part of a path, without marks that mislead."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    checks = Checks()
    label = checks.text("name", kept[-LONGEST_NAME:].strip(". "), limit=LONGEST_NAME, required=True)
    checks.done()
    return label
