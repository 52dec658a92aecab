"""What is said about the controls of a system or an asset: the newest word on each, and every word before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from inventory import dependencies
from inventory.controls import Control, controls_of
from inventory.models import Asset, ControlFact, System

Subject = System | Asset


@dataclass(frozen=True, slots=True)
class Standing:
    """A control with the newest word on it; None while nobody said anything."""

    control: Control
    fact: ControlFact | None


def noun_of(subject: Subject) -> str:
    """`system` or `asset`."""
    return "system" if isinstance(subject, System) else "asset"


def facts_about(subject: Subject) -> QuerySet[ControlFact]:
    """Every word on the controls of one thing, the newest first."""
    rows = ControlFact.objects.select_related("recorded_by", "evidence").order_by("-id")
    return rows.filter(system=subject) if isinstance(subject, System) else rows.filter(asset=subject)


def standings(subject: Subject) -> list[Standing]:
    """Every control of the catalogue, in its order, with the newest word on it."""
    newest = {fact.control: fact for fact in facts_about(subject).order_by("control", "-id").distinct("control")}
    return [Standing(control, newest.get(control.id)) for control in controls_of(noun_of(subject))]


def seen_facts(person: User) -> QuerySet[ControlFact]:
    """The words on systems and assets a person may see."""
    systems = rights.visible(person, System.objects.all()).order_by().values("pk")
    assets = dependencies.assets_for(person).order_by().values("pk")
    rows = ControlFact.objects.select_related("system", "asset", "recorded_by", "evidence")
    return rows.defer("system__search", "asset__search").filter(Q(system__in=systems) | Q(asset__in=assets))


def controls_shown(subject: Subject, may_record: bool) -> Mapping[str, Any]:
    """What the table of controls needs."""
    noun = noun_of(subject)
    rows = [
        {"control": one.control, "fact": one.fact,
         "href": reverse(f"inventory:{noun}_control", args=[subject.slug, one.control.id])}
        for one in standings(subject)
    ]  # fmt: skip
    return {"rows": rows, "may_record": may_record, "noun": noun}
