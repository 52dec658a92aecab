"""What may be changed of many systems, and of many risks, together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import Checks
from governance.ledger.acting import Door
from governance.web.together import (
    Choices,
    Field,
    Many,
    holders_among,
    named,
    read_choice,
    read_instant,
    read_person,
    written,
)
from inventory.models import Risk, System, Unit
from inventory.risks import risk_rows
from inventory.services.risks import entrust_risk
from inventory.services.systems import change_system, move_system

_DESCRIBED = {
    "origin": "Origin", "impact": "Declared impact", "own_role": "Our own role", "personal_data": "Personal data",
}  # fmt: skip
_NO_MOVE = frozenset({System.Phase.UNKNOWN, System.Phase.NOT_STATED, System.Phase.RETIRED})
MOST_UNITS = 200


def _words(field: str) -> Callable[[User, Sequence[Any]], Choices]:
    """The words a field of a system takes; a system is retired alone."""
    choices = [(str(word), str(label)) for word, label in System._meta.get_field(field).flatchoices]  # type: ignore[union-attr]
    kept = [(word, label) for word, label in choices if field != "phase" or word not in _NO_MOVE]
    return lambda actor, rows: kept


def _move(*, actor: User, row: System, value: str, reason: str, door: Door) -> object:
    return move_system(actor=actor, system=row, verb=f"move_to_{value}", reason=reason, door=door)


def _settle(*, actor: User, row: System, value: Unit, reason: str, door: Door) -> object:
    return change_system(actor=actor, system=row, unit=value, door=door)


def _describe(field: str) -> Callable[..., object]:
    def change(*, actor: User, row: System, value: str, reason: str, door: Door) -> object:
        return change_system(actor=actor, system=row, door=door, **{field: value})  # type: ignore[arg-type]

    return change


def _described(field: str, label: str, change: Callable[..., object] | None = None) -> Field:
    choices = _words(field)
    return Field(
        field, label, read_choice(choices), lambda row: str(getattr(row, field)), str, change or _describe(field),
        choices, words=True,
    )  # fmt: skip


def _units(actor: User) -> QuerySet[Unit]:
    return rights.visible(actor, Unit.objects.order_by("name"), Permission.SYSTEM_ADD)


def _unit_choices(actor: User, rows: Sequence[Any]) -> Choices:
    return [(unit.slug, unit.name) for unit in _units(actor)[:MOST_UNITS]]


def _read_unit(checks: Checks, actor: User, rows: Sequence[Any], text: str) -> Unit | None:
    unit = _units(actor).filter(slug=text).first() if text and "\0" not in text else None
    if unit is None:
        checks.refuse("value", "Choose a unit you may put systems in.")
    return unit


SYSTEMS: Final = Many(
    noun="system", plural="systems", verb="system.change", page="inventory:system_list", key="slug",
    rows=lambda: System.objects.select_related("unit").defer("search"),
    href=lambda row: reverse("inventory:system_detail", args=[row.slug]), name=lambda row: str(row.name),
    fields=(
        _described("phase", "Phase", _move),
        *(_described(field, label) for field, label in _DESCRIBED.items()),
        Field(
            "unit", "Unit", _read_unit, lambda row: str(row.unit.slug), lambda unit: str(unit.slug), _settle,
            _unit_choices, words=True,
        ),
    ),
)  # fmt: skip


def _give(*, actor: User, row: Risk, value: User, reason: str, door: Door) -> object:
    return entrust_risk(actor=actor, risk=row, owner=value, reason=reason, door=door)


def _look_again(*, actor: User, row: Risk, value: Any, reason: str, door: Door) -> object:
    return entrust_risk(actor=actor, risk=row, review_at=value, reason=reason, door=door)


RISKS: Final = Many(
    noun="risk", plural="risks", verb="risk.entrust", page="inventory:risk_list", rows=risk_rows,
    href=lambda row: reverse("inventory:risk_detail", args=[row.pk]), order=("system_id", "pk"),
    fields=(
        Field(
            "owner", "Treated by", read_person(Permission.SYSTEM_VIEW), lambda row: named(row.owner), named, _give,
            holders_among(Permission.SYSTEM_VIEW), "Who is not seen on a system cannot treat its risks.",
        ),
        Field(
            "review_at", "Looked at again by", read_instant, lambda row: written(row.review_at), written, _look_again,
        ),
    ),
)  # fmt: skip
