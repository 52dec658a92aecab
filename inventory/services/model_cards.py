"""A model card taken in as the next revision of a system's document, and given out again."""

from __future__ import annotations

from governance.access.models import User
from governance.access.vocabulary import Permission, Role
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory import queries
from inventory.documents import reading
from inventory.documents.front_matter import FRONT_MATTER
from inventory.documents.model_cards import Card, read, write
from inventory.imports.reports import FileReport
from inventory.models import DocumentRevision, System
from inventory.services.documents import save_document_revision
from inventory.services.permitted import require

MODEL_CARD = "model-card"


def import_model_card(
    *,
    actor: User | Command,
    system: System,
    content: bytes,
    contact: str = "",
    dry_run: bool = False,
    door: Door = Door.WEB,
) -> FileReport:
    """Take a card in as the next revision of the model card; the same card again changes nothing.

    Sections the card does not speak of keep their text. A card a command takes in counts as the owner's, who answers
    for the system. Raises CardError, InvalidInput, Conflict `no_author`.
    """
    with acting(actor, door=door, verb="document.import"):
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.DOCUMENT_CHANGE, locked)
        template = reading.template_named(reading.policy_now(), MODEL_CARD)
        card = read(content, reading.section_titles(locked, template))
        last = _last(locked)
        sections = _together(card, last)
        if last and sections == last.sections and list(card.layout) == last.layout:
            return FileReport(rows=1, unchanged=1)
        author = actor if isinstance(actor, User) else owner_of(locked)
        if not dry_run:
            save_document_revision(
                actor=actor, author=author, system=locked, template=MODEL_CARD, sections=sections,
                layout=card.layout, contact=contact or (last.contact if last else author.email or str(author)),
                door=door,
            )  # fmt: skip
        return FileReport(rows=1, updated=1) if last else FileReport(rows=1, created=1)


def card_of(system: System, revision: DocumentRevision) -> str:
    """A revision as Markdown with front matter."""
    template = reading.template_named(reading.policy_now(), revision.document.template)
    record = reading.record_of(system)
    about = {
        "model_name": system.name,
        "version": record["release"],
        "datasets": [str(line).split(" (")[0] for line in record["datasets"]],
    }
    return write(revision.sections, revision.layout, reading.section_titles(system, template), about)


def _together(card: Card, last: DocumentRevision | None) -> dict[str, str]:
    """The card's sections, and those of the last revision it says nothing of."""
    kept = {
        name: text
        for name, text in (last.sections if last else {}).items()
        if name != FRONT_MATTER and name not in (last.layout if last else ())
    }
    return {**kept, **card.sections}


def _last(system: System) -> DocumentRevision | None:
    return (
        DocumentRevision.objects.filter(document__system=system, document__template=MODEL_CARD)
        .order_by("-number")
        .first()
    )


def owner_of(system: System) -> User:
    """Who answers for what a command takes in. Raises Conflict `no_author` where nobody owns the system."""
    for assignment in queries.current_assignments(system):
        if assignment.role == Role.OWNER:
            return assignment.person
    raise Conflict(Reason("no_author", "The system has no owner: say with --as who answers for the card."))
