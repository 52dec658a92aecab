"""The gate on a release's page: each environment, everything that stands in the way with its fix, when it closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.gate.models import GateCheck
from governance.policy.decide import Decision, Line, Status, decide, enforced
from governance.policy.facts import Facts
from governance.policy.packs import PackInvalid
from governance.policy.queries import facts_of, pack_in_force, rules
from governance.policy.schema import Environment
from governance.web import slots
from inventory.models import Release

RECENT = 5


@dataclass(frozen=True, slots=True)
class Outlook:
    """The gate's answer for one environment."""

    environment: Environment
    decision: Decision
    enforced: bool


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One unmet requirement and the environments it closes."""

    line: Line
    environments: tuple[str, ...]
    everywhere: bool


def panel(release: Release, person: User) -> dict[str, Any]:
    """What the panel's template needs. Recorded checks are shown to those who may ask the gate."""
    pack = pack_in_force()
    if pack is None:
        return {"release": release, "pack": None}
    now = portal_now()
    facts = facts_of([release]).get(release.pk, Facts())
    try:
        in_force = rules(pack)
    except PackInvalid:
        return {"release": release, "pack": pack, "broken": True}
    outlooks = [
        Outlook(environment, decide(facts, in_force, environment, now), enforced(facts, environment, now))
        for environment in sorted(in_force.document.environments, key=lambda each: (each.order, each.id))
    ]
    return {
        "release": release,
        "pack": pack,
        "outlooks": outlooks,
        "obstacles": _obstacles(outlooks),
        "kept": [line for line in outlooks[-1].decision.lines if line.status is not Status.UNMET],
        "last": outlooks[-1].environment,
        "checks": _recent(release, person),
    }


def _obstacles(outlooks: list[Outlook]) -> list[Obstacle]:
    """Unmet requirements in the pack's order, each once per wording."""
    found: dict[tuple[str, str], tuple[Line, list[str]]] = {}
    for outlook in outlooks:
        for line in outlook.decision.unmet:
            found.setdefault((line.id, line.reason), (line, []))[1].append(outlook.environment.title)
    return [Obstacle(line, tuple(names), len(names) == len(outlooks)) for line, names in found.values()]


def _recent(release: Release, person: User) -> list[GateCheck]:
    if not rights.can(person, Permission.GATE_CHECK, release):
        return []
    return list(GateCheck.objects.filter(release=release).select_related("asked_by")[:RECENT])


def _for_slot(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    return panel(release, request.user) if isinstance(request.user, User) else None


def register() -> None:
    """Put the panel on the release's page; called once, at start."""
    slots.PANELS.register(slots.Panel("gate", slots.Place.RELEASE, "gate/_panel.html", _for_slot, order=10))
