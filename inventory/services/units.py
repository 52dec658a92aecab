"""Business units: added, renamed, moved in the tree."""

from __future__ import annotations

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from inventory.models import Unit, UnitClosure
from inventory.rules import RESERVED_SLUGS, content_version, free_slug, slug_of
from inventory.services.permitted import require


def unit_version(unit: Unit) -> str:
    """What a client has seen of this unit."""
    return content_version("unit", unit.pk, unit.name, unit.slug, unit.parent_id)


def create_unit(
    *, actor: User | Command, name: str, parent: Unit | None = None, slug: str = "", door: Door = Door.WEB
) -> Unit:
    """Add a unit below `parent`, or at the top.

    Raises InvalidInput for its name or slug, Conflict `duplicate` when they are taken.
    """
    with acting(actor, door=door, verb="unit.create"):
        require(actor, Permission.UNIT_CHANGE, parent)
        checks = Checks()
        name = checks.text("name", name, limit=300, required=True)
        slug = _slug(checks, slug, name)
        checks.done()
        _name_is_free(name, parent, None)
        return Unit.objects.create(name=name, slug=slug, parent=parent)


def change_unit(
    *,
    actor: User | Command,
    unit: Unit,
    name: str | None = None,
    parent: Unit | None = None,
    move: bool = False,
    expected: str = "",
    door: Door = Door.WEB,
) -> Unit:
    """Rename a unit; with `move`, hang it below `parent` (None: at the top). Its slug stays.

    Raises Conflict `stale` when `expected` is not what the unit is now, `cycle` below itself, `duplicate`.
    """
    with acting(actor, door=door, verb="unit.change"):
        # The tree is one thing: two moves at once could each be right and together make a ring.
        units = {row.pk: row for row in Unit.objects.select_for_update(no_key=True).order_by("pk")} if move else {}
        locked = units.get(unit.pk) or Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        require(actor, Permission.UNIT_CHANGE, locked)
        if expected and expected != unit_version(locked):
            raise Conflict(Reason("stale", "Somebody changed this unit in the meantime; look at it again."))
        if name is not None:
            checks = Checks()
            locked.name = checks.text("name", name, limit=300, required=True)
            checks.done()
        if move:
            require(actor, Permission.UNIT_CHANGE, parent)
            if parent and UnitClosure.objects.filter(ancestor=locked, descendant=parent).exists():
                raise Conflict(Reason("cycle", f"“{parent}” is part of “{locked}”; a unit cannot hang below itself."))
            locked.parent = parent
        _name_is_free(locked.name, locked.parent, locked)
        locked.save(update_fields=["name", "parent"])
    return locked


def _slug(checks: Checks, slug: str, name: str) -> str:
    if not slug:
        base = slug_of(name, fallback="unit")
        return free_slug(base, frozenset(Unit.objects.filter(slug__startswith=base).values_list("slug", flat=True)))
    slug = checks.slug("slug", slug, limit=120)
    if slug in RESERVED_SLUGS:
        checks.refuse("slug", "Is a word the portal's own addresses use.")
    elif slug and Unit.objects.filter(slug=slug).exists():
        raise Conflict(Reason("duplicate", f"Another unit has the address “{slug}”."))
    return slug


def _name_is_free(name: str, parent: Unit | None, itself: Unit | None) -> None:
    namesakes = Unit.objects.filter(parent=parent, name__iexact=name)
    if itself:
        namesakes = namesakes.exclude(pk=itself.pk)
    if namesakes.exists():
        where = f"“{parent}”" if parent else "The organisation"
        raise Conflict(Reason("duplicate", f"{where} already has a part named “{name}”."))
