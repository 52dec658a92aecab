"""What somebody left of incidents: those they led or took part in, action items, and what they watched."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.urls import reverse

from governance.access.models import User
from governance.ledger.acting import Door
from governance.web.days import last_day
from governance.web.handing_over import LEGACIES, Left, Legacy
from incidents.models import ActionItem, Incident, MonitoringPlan, Participant
from incidents.services.incidents import hand_over_incident
from incidents.services.plans import hand_over_plan
from incidents.services.response import hand_over_participation
from incidents.services.work import hand_over_action
from inventory.models import System

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
        yield Left(each.pk, each.text, page, f"{each.incident}, due {last_day(each.due):%-d %b %Y}")


def give_incident(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Have somebody else lead it."""
    incident = Incident.objects.get(pk=key)
    return hand_over_incident(actor=actor, incident=incident, commander=successor, reason=reason, door=door)


def give_action(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Give it to somebody else."""
    action = ActionItem.objects.select_related("incident").get(pk=key)
    return hand_over_action(actor=actor, action=action, owner=successor, reason=reason, door=door)


def parts_of(person: User) -> Iterable[Left]:
    """Functions this person takes part for in incidents under work, where nobody with an open account does so too."""
    others = Participant.objects.filter(
        incident=OuterRef("incident"), function=OuterRef("function"), stage=OuterRef("stage"),
        person__closed_at=None,
    ).exclude(person=person)  # fmt: skip
    theirs = Participant.objects.filter(~Exists(others), person=person, incident__state__in=_LED)
    for each in theirs.select_related("incident__system").order_by("pk")[:MOST]:
        page = reverse("incidents:incident_detail", args=[each.incident_id])
        function = f"{each.get_function_display()}, {each.get_stage_display().lower()}"
        yield Left(each.pk, f"{each.incident}: {function}", page, each.incident.system.name)


def give_part(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Have somebody else take part as well; that they did stays written down."""
    participant = Participant.objects.select_related("incident", "person").get(pk=key, person=person)
    return hand_over_participation(actor=actor, participant=participant, person=successor, reason=reason, door=door)


def plans_of(person: User) -> Iterable[Left]:
    """What is monitored on systems in use, where this person answers."""
    theirs = MonitoringPlan.objects.filter(answers=person, ended_at=None).exclude(system__phase=System.Phase.RETIRED)
    for each in theirs.select_related("system").order_by("system__name", "pk")[:MOST]:
        yield Left(each.pk, str(each), reverse("incidents:plan_detail", args=[each.pk]), each.system.name)


def give_plan(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Have somebody else answer for it."""
    plan = MonitoringPlan.objects.select_related("system", "answers").get(pk=key, answers=person)
    return hand_over_plan(actor=actor, plan=plan, answers=successor, reason=reason, door=door)


def register() -> None:
    """Say what stands there of incidents; called once at start."""
    LEGACIES.register(Legacy("incidents", "Incidents they led", incidents_of, give_incident, order=70))
    LEGACIES.register(Legacy("actions", "Action items", actions_of, give_action, order=80))
    LEGACIES.register(Legacy("participants", "Incidents they took part in", parts_of, give_part, order=75))
    LEGACIES.register(Legacy("monitoring", "What they watched", plans_of, give_plan, order=85))
