"""Documents of a system: saved as numbered revisions that never change afterwards; drafts are their author's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.documents import reading
from inventory.documents.front_matter import FRONT_MATTER, problem_of
from inventory.models import Document, DocumentDraft, DocumentRevision, System
from inventory.services.permitted import require

MOST_SECTIONS = 100
LONGEST_SECTION = 100_000
LONGEST_DOCUMENT = 1_000_000
EVIDENCE = "evidence"  # the section that lists attached files; attaching writes it


def save_document_revision(
    *,
    actor: User | Command,
    system: System,
    template: str,
    sections: Mapping[str, str],
    contact: str,
    author: User | None = None,
    title: str = "",
    expected_number: int | None = None,
    layout: Sequence[str] = (),
    keep_draft: bool = False,
    door: Door = Door.WEB,
) -> DocumentRevision:
    """Save the next revision of a system's document on `template`; the document appears with its first revision.

    `expected_number` is the revision the author started from (0: none yet). `layout` is the order the sections had
    in an imported text; it may name sections the template does not have, everybody else writes in those it has or
    the last revision had. A person is the author, a command names one; the author's draft ends unless `keep_draft`.
    Raises InvalidInput, Conflict `stale`.
    """
    with acting(actor, door=door, verb="document.save"):
        author = actor if isinstance(actor, User) else author
        if author is None:
            raise ValueError("what a command saves needs an author")
        locked = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        require(actor, Permission.DOCUMENT_CHANGE, locked)
        last = (
            DocumentRevision.objects.filter(document__system=locked, document__template=template)
            .select_related("document")
            .order_by("-number")
            .first()
        )
        checks = Checks()
        headings = _headings(checks, locked, template, last)
        title = checks.text("title", title, limit=200) or headings.title
        contact = checks.text("contact", contact, limit=254, required=True)
        kept = _sections(checks, sections, {*headings.sections, *layout})
        checks.done()
        number = last.number if last else 0
        if expected_number is not None and expected_number != number:
            raise Conflict(Reason("stale", f"Revision {number} was saved in the meantime; look at it first."))
        now = portal_now()
        document = last.document if last else _begun(locked, template, title)
        if last and contact != last.contact and document.successor_id is not None:
            document.successor = None
            document.save(update_fields=["successor"])
        if not keep_draft:
            DocumentDraft.objects.filter(system=locked, template=template, person=author).delete()
        return DocumentRevision.objects.create(
            document=document, number=number + 1, sections=kept, author=author, contact=contact, created_at=now,
            layout=[name for name in layout or (last.layout if last else ()) if name in kept],
        )  # fmt: skip


def save_draft(
    *, actor: User, system: System, template: str, sections: Mapping[str, str], contact: str, seen: int
) -> DocumentDraft:
    """Keep what somebody is typing, for them alone. Not governed: nothing of it counts. Raises InvalidInput."""
    require(actor, Permission.DOCUMENT_CHANGE, system)
    checks = Checks()
    template = checks.slug("template", template, limit=80)
    contact = checks.text("contact", contact, limit=254)
    kept = _sections(checks, sections, sections)
    checks.done()
    draft, _ = DocumentDraft.objects.update_or_create(
        system=system, template=template, person=actor,
        defaults={"sections": kept, "contact": contact, "seen": seen, "updated_at": portal_now()},
    )  # fmt: skip
    return draft


def discard_draft(*, actor: User, system: System, template: str) -> None:
    """Throw one's own draft away."""
    DocumentDraft.objects.filter(system=system, template=template, person=actor).delete()


def hand_over_document(
    *, actor: User, document: Document, contact: User, reason: str, door: Door = Door.WEB
) -> Document:
    """Have somebody else answer questions about a document whose contact's account closed. No revision is rewritten.

    Raises InvalidInput, Forbidden, Conflict `state`.
    """
    checks = Checks()
    reason = checks.text("reason", reason, limit=500, required=True, lines=True)
    with acting(actor, door=door, verb="document.hand_over", reason=reason):
        checks.done()
        system = System.objects.select_for_update(no_key=True).get(pk=document.system_id)
        require(actor, Permission.ASSIGNMENT_CHANGE, system)
        locked = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
        if not _contact_left(locked):
            raise Conflict(Reason("state", "Whom this document names, or who took over, is no closed account."))
        if contact.kind != User.Kind.HUMAN or not can(contact, Permission.SYSTEM_VIEW, system):
            checks.refuse("contact", "Must be a person who can see this system.")
        checks.done()
        locked.successor = contact
        locked.save(update_fields=["successor"])
        return locked


def _contact_left(document: Document) -> bool:
    """Whether who is asked about it is an account that was closed."""
    if document.successor is not None:
        return document.successor.closed_at is not None
    newest = document.revisions.order_by("-number").first()
    named = newest.contact if newest else ""
    bears = Q(name__iexact=named) | Q(username__iexact=named) | Q(email__iexact=named)
    return User.objects.filter(bears, kind=User.Kind.HUMAN, closed_at__isnull=False).exists()


def _begun(system: System, template: str, title: str) -> Document:
    return Document.objects.create(system=system, template=template, title=title, created_at=portal_now())


class _Headings:
    """What may be written: the sections of the template and of the last revision, and the document's title."""

    def __init__(self, title: str, sections: Collection[str]) -> None:
        self.title, self.sections = title, frozenset(sections)


def _headings(checks: Checks, system: System, template: str, last: DocumentRevision | None) -> _Headings:
    """Refuse a template the policy in force does not have, unless the system has such a document already."""
    pack = reading.policy_now()
    known = reading.template_named(pack, template)
    written = frozenset(last.sections) if last else frozenset[str]()
    if known is None and last is None:
        names = ", ".join(each.id for each in reading.templates_of(pack))
        checks.refuse("template", f"Must be one of: {names}." if names else "No policy in force has templates.")
        return _Headings("", ())
    asked = reading.section_titles(system, known)
    title = last.document.title if last else known.title if known else ""
    return _Headings(title, {*asked, *written, EVIDENCE, FRONT_MATTER})


def _sections(checks: Checks, sections: object, known: Collection[str]) -> dict[str, str]:
    if not isinstance(sections, Mapping) or len(sections) > MOST_SECTIONS:
        checks.refuse("sections", f"Must be an object of at most {MOST_SECTIONS} sections.")
        return {}
    line = checks.below("sections")
    kept = {}
    for name, text in sections.items():
        if not checks.slug("sections", name, limit=80):
            continue
        if known and name not in known:
            line.refuse(name, "The template has no such section.")
            continue
        kept[name] = line.text(name, text, limit=LONGEST_SECTION, lines=True)
    if not sections:
        checks.refuse("sections", "Has no section.")
    if sum(len(text) for text in kept.values()) > LONGEST_DOCUMENT:
        checks.refuse("sections", f"Are longer than {LONGEST_DOCUMENT} characters together.")
    if problem := problem_of(kept.get(FRONT_MATTER, "")):
        line.refuse(FRONT_MATTER, problem)
    return kept
