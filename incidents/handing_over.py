"""What somebody left of incidents: those they led, and action items that were theirs."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from governance.access.models import User
from governance.ledger.acting import Door
from governance.web.handing_over import LEGACIES, Left, Legacy
from incidents.models import ActionItem, Incident
from incidents.services.incidents import hand_over_incident
from incidents.services.work import hand_over_action

MOST = 200
_LED = (Incident.State.TRIAGED, Incident.State.CONTAINED, Incident.State.RESOLVED)


def incidents_of(person: User) -> Iterable[Left]:
    """Incidents this person leads that are not closed."""
    led = Incident.objects.filter(commander=person, state__in=_LED).select_related("system")
    for each in led.order_by("reported_at", "pk")[:MOST]:
        yield Left(each.pk, str(each), reverse("incidents:incident_detail", args=[each.pk]), each.system.name)


def actions_of(person: User) -> Iterable[Left]:
    """Action items of this person that are not done."""
    owed = ActionItem.objects.filter(owner=person, done_at=None).select_related("incident__system")
    for each in owed.order_by("due", "pk")[:MOST]:
        page = reverse("incidents:incident_detail", args=[each.incident_id])
        yield Left(each.pk, each.text, page, f"{each.incident}, due {each.due:%-d %b %Y}")


def give_incident(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Have somebody else lead it."""
    incident = Incident.objects.get(pk=key)
    return hand_over_incident(actor=actor, incident=incident, commander=successor, reason=reason, door=door)


def give_action(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Give it to somebody else."""
    action = ActionItem.objects.select_related("incident").get(pk=key)
    return hand_over_action(actor=actor, action=action, owner=successor, reason=reason, door=door)


def register() -> None:
    """Say what stands there of incidents; called once at start."""
    LEGACIES.register(Legacy("incidents", "Incidents they led", incidents_of, give_incident, order=70))
    LEGACIES.register(Legacy("actions", "Action items", actions_of, give_action, order=80))
