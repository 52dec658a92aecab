"""What people outside may read about a system: written by one, approved or refused by another, withdrawn at once."""

from __future__ import annotations

from governance.access.models import User
from governance.access.rights import can
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from inventory.discretion import internal_words
from inventory.models import System, TransparencyPage, TransparencyVersion
from inventory.services.permitted import require, said
from inventory.transparency import inside_of, public_version

LONGEST = 20_000


def write_transparency(
    *, actor: User, system: System, title: str, contact: str, text: str, slug: str = "", door: Door = Door.WEB
) -> TransparencyVersion:
    """Write what people outside are to read; somebody else approves it before anybody can.

    `slug` chooses the address the first time. Raises InvalidInput for a text that names people, or the system otherwise
    than by its title, Forbidden, Conflict `state` for a retired system, `duplicate` while another version waits.
    """
    with acting(actor, door=door, verb="transparency.write"):
        locked = _locked(actor, system, Permission.DOCUMENT_CHANGE)
        if locked.phase == System.Phase.RETIRED:
            raise Conflict(Reason("state", "A retired system is not explained anew."))
        checks = Checks()
        called = checks.text("title", title, limit=200, required=True)
        asked = checks.text("contact", contact, limit=300, required=True)
        kept = _clean(checks, locked, called, asked, text)
        page = _page(checks, actor, locked, slug)
        checks.done()
        if page.versions.filter(decided_at=None).exists():
            raise Conflict(Reason("duplicate", "Another version waits to be decided on."))
        newest = page.versions.order_by("-number").values_list("number", flat=True).first() or 0
        return TransparencyVersion.objects.create(
            page=page, number=newest + 1, title=called, contact=asked, text=kept, written_by=actor,
            written_at=portal_now(),
        )  # fmt: skip


def approve_transparency(
    *, actor: User, version: TransparencyVersion, reason: str = "", door: Door = Door.WEB
) -> TransparencyVersion:
    """Make a version public; somebody else than who wrote it. Raises Forbidden `sod.same_person`, Conflict."""
    with acting(actor, door=door, verb="transparency.approve"):
        return _decided(actor, version, reason, approved=True)


def refuse_transparency(
    *, actor: User, version: TransparencyVersion, reason: str, door: Door = Door.WEB
) -> TransparencyVersion:
    """Keep a version inside, and say why; somebody else than who wrote it."""
    with acting(actor, door=door, verb="transparency.refuse"):
        return _decided(actor, version, reason, approved=False)


def withdraw_transparency(*, actor: User, system: System, reason: str, door: Door = Door.WEB) -> TransparencyVersion:
    """Take back what is public; from then on nothing is, also no earlier version. Raises Conflict `state`."""
    with acting(actor, door=door, verb="transparency.withdraw", reason=said(reason)):
        needed = Permission.TRANSPARENCY_DECIDE
        if not can(actor, needed, system):
            needed = Permission.DOCUMENT_CHANGE
        locked = _locked(actor, system, needed)
        checks = Checks()
        why = checks.text("reason", reason, limit=500, required=True)
        checks.done()
        page = TransparencyPage.objects.filter(system=locked).first()
        public = public_version(page.slug) if page else None
        if public is None:
            raise Conflict(Reason("state", "Nothing about this system is public."))
        public.withdrawn_at, public.withdrawn_by, public.withdrawal = portal_now(), actor, why
        public.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal"])
        return public


def _locked(actor: User, system: System, permission: Permission) -> System:
    locked = System.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=system.pk)
    require(actor, permission, locked)
    return locked


def _decided(actor: User, version: TransparencyVersion, reason: str, *, approved: bool) -> TransparencyVersion:
    system = _locked(actor, version.page.system, Permission.TRANSPARENCY_DECIDE)
    locked = TransparencyVersion.objects.select_for_update(of=("self",)).select_related("page").get(pk=version.pk)
    checks = Checks()
    locked.decision = checks.text("reason", reason, limit=2000, required=not approved, lines=True)
    if approved:
        _clean(checks, system, locked.title, locked.contact, locked.text)
    checks.done()
    if locked.decided_at is not None:
        raise Conflict(Reason("duplicate", "This version was decided on before."))
    if locked.written_by_id == actor.pk:
        raise Forbidden(Reason("sod.same_person", "Somebody else decides on it than who wrote it."))
    locked.approved, locked.decided_at, locked.decided_by = approved, portal_now(), actor
    locked.save(update_fields=["approved", "decided_at", "decided_by", "decision"])
    return locked


def _page(checks: Checks, actor: User, system: System, slug: str) -> TransparencyPage:
    """The address of the system, chosen now where there is none yet."""
    page = TransparencyPage.objects.filter(system=system).first()
    if page is not None:
        if slug and slug != page.slug:
            checks.refuse("slug", f"The address stays as it was chosen: {page.slug}.")
        return page
    chosen = checks.slug("slug", slug or system.slug, limit=120)
    if chosen and TransparencyPage.objects.filter(slug=chosen).exists():
        checks.refuse("slug", "Another system has this address.")
    checks.done()
    return TransparencyPage.objects.create(system=system, slug=chosen, created_by=actor, created_at=portal_now())


def _clean(checks: Checks, system: System, title: str, contact: str, text: str) -> str:
    """The text, if neither it nor what stands above and below it names anybody."""
    kept = checks.text("text", text, limit=LONGEST, required=True, lines=True)
    if found := internal_words(kept, inside_of(system, kept, title)):
        checks.refuse("text", f"Names what stays inside: {'; '.join(found[:10])}.")
    for field, words in (("title", title), ("contact", contact)):
        people = inside_of(system, words).people
        if people:
            checks.refuse(field, f"Names what stays inside: {'; '.join(people[:10])}.")
    return kept
