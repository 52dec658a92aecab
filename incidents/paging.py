"""How grave an incident is, in the words of the on-call tools it is handed to."""

from __future__ import annotations

from django.db.models import Model

from governance.notify.handoffs import GRAVITIES, USUAL, grade
from incidents.models import Incident
from incidents.queries import rules_of_incidents
from incidents.rules import gravity


def gravity_of_incident(thing: Model) -> str:
    """By its severity among those of the pack in force, the worst being critical."""
    if not isinstance(thing, Incident):
        return USUAL
    rules = rules_of_incidents()
    ordered = [one.id for one in rules.severities] if rules else []
    return gravity(ordered, thing.severity, GRAVITIES, USUAL)


def register() -> None:
    """Say it to the hand-offs; called once at start."""
    grade(Incident._meta.label_lower, gravity_of_incident)
