"""Documents of a system: saved as numbered revisions that never change afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.models import Document, DocumentRevision, System
from inventory.services.permitted import require

MOST_SECTIONS = 100
LONGEST_SECTION = 100_000


def save_document_revision(
    *,
    actor: User,
    system: System,
    template: str,
    sections: Mapping[str, str],
    contact: str,
    title: str = "",
    expected_number: int | None = None,
    door: Door = Door.WEB,
) -> DocumentRevision:
    """Save the next revision of a system's document on `template`; the document appears with its first revision.

    `expected_number` is the revision the author started from (0: none yet). Raises InvalidInput, Conflict `stale`.
    """
    with acting(actor, door=door, verb="document.save"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.DOCUMENT_CHANGE, locked)
        checks = Checks()
        template = checks.slug("template", template, limit=80)
        title = checks.text("title", title, limit=200) or template.replace("-", " ").capitalize()
        contact = checks.text("contact", contact, limit=254, required=True)
        kept = _sections(checks, sections)
        checks.done()
        now = portal_now()
        document, _ = Document.objects.get_or_create(
            system=locked, template=template, defaults={"title": title, "created_at": now}
        )
        last = document.revisions.order_by("-number").first()
        number = last.number if last else 0
        if expected_number is not None and expected_number != number:
            raise Conflict(Reason("stale", f"Revision {number} was saved in the meantime; look at it first."))
        return DocumentRevision.objects.create(
            document=document, number=number + 1, sections=kept, author=actor, contact=contact, created_at=now
        )


def _sections(checks: Checks, sections: object) -> dict[str, str]:
    if not isinstance(sections, Mapping) or len(sections) > MOST_SECTIONS:
        checks.refuse("sections", f"Must be an object of at most {MOST_SECTIONS} sections.")
        return {}
    line = checks.below("sections")
    kept = {}
    for name, text in sections.items():
        if checks.slug("sections", name, limit=80):
            kept[name] = line.text(name, text, limit=LONGEST_SECTION, lines=True)
    if not kept:
        checks.refuse("sections", "Has no section.")
    return kept
