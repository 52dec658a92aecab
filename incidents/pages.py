"""What incidents add to pages of others: cards and buttons of systems and releases, items of My work, navigation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import PortalNow
from governance.web import slots
from governance.web.lists import LISTINGS
from governance.web.slots import Action, Answer, Group, Place, WorkItem
from incidents import queries, watching
from incidents.listing import INCIDENTS
from incidents.models import (
    OPEN_STATES,
    ActionItem,
    Alert,
    Incident,
    IncidentUpdate,
    PlaybookVersion,
    PublicSummary,
    RegulatorClock,
)
from inventory.models import Release, System

SOON = timedelta(days=30)
MOST = 50
SHOWN = 5
_LED = (Incident.State.TRIAGED, Incident.State.CONTAINED, Incident.State.RESOLVED)


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)


def system_actions(request: HttpRequest, system: System) -> Iterable[Action]:
    """Report an incident."""
    if rights.can(_person(request), Permission.INCIDENT_REPORT, system):
        href = reverse("incidents:incident_report", args=[system.slug])
        yield Action("Report an incident", href, "alert-octagon", link=True)


def monitoring_actions(request: HttpRequest, system: System) -> Iterable[Action]:
    """What is watched."""
    yield Action("Monitoring", reverse("incidents:system_monitoring", args=[system.slug]), "activity", link=True)


def _alert_item(alert: Alert) -> WorkItem:
    return WorkItem(
        alert.name, reverse("incidents:alert_detail", args=[alert.pk]),
        "Look after it" if alert.system else "Say which system it is about",
        about=alert.system.name if alert.system else "Names no known system", since=alert.starts_at, icon="bell",
    )  # fmt: skip


def alerts_waiting(person: User) -> Iterable[WorkItem]:
    """Alerts this person is to look after."""
    for alert in watching.waiting_for(person)[:MOST]:
        yield _alert_item(alert)


def alerts_count(person: User) -> int:
    """How many alerts wait for this person."""
    return watching.waiting_for(person).count()


def system_card(request: HttpRequest, system: System) -> Mapping[str, Any] | None:
    """What failed: the newest incidents of the system."""
    newest = list(queries.incidents().filter(system=system)[:SHOWN])
    return {"incidents": newest, "system": system} if newest else None


def failed(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """What failed in use: the newest incident that is not over, and how many there are."""
    found = list(
        queries.incidents().filter(system=system, state__in=OPEN_STATES).order_by("-reported_at", "-id")[:MOST]
    )
    if not found:
        return {"text": "In use: no incident is open"}
    rest = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return {
        "text": f"In use: {found[0]} ({found[0].get_state_display().lower()}){rest}",
        "href": reverse("incidents:incident_detail", args=[found[0].pk]),
    }


def release_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """Open incidents that name the release or its whole system."""
    found = list(queries.open_on(release)[:MOST])
    return {"incidents": found, "system": release.system} if found else None


def _item(incident: Incident, action: str) -> WorkItem:
    return WorkItem(
        str(incident), reverse("incidents:incident_detail", args=[incident.pk]), action,
        about=f"{incident.system.name} · {incident.severity.upper()}", since=incident.reported_at,
        icon="alert-octagon",
    )  # fmt: skip


def _to_run(person: User) -> QuerySet[Incident]:
    """Reported incidents this person may take on, and those they lead that are not over."""
    wanted = Q(state=Incident.State.REPORTED) | Q(state__in=_LED, commander=person)
    listed = Incident.objects.select_related("system").filter(wanted)
    return rights.visible(person, listed, Permission.INCIDENT_RUN)


def incidents_waiting(person: User) -> Iterable[WorkItem]:
    """Incidents to take on or to lead."""
    for incident in _to_run(person)[:MOST]:
        yield _item(incident, "Take it on" if incident.state == Incident.State.REPORTED else "Lead it to its end")


def incidents_count(person: User) -> int:
    """How many incidents wait for this person."""
    return _to_run(person).count()


def _my_actions(person: User) -> QuerySet[ActionItem]:
    mine = ActionItem.objects.filter(owner=person, done_at=None).select_related("incident__system")
    return rights.visible(person, mine)


def _action_item(action: ActionItem) -> WorkItem:
    return WorkItem(
        action.text, reverse("incidents:incident_detail", args=[action.incident_id]), "Do it",
        about=str(action.incident), due=action.due, icon="checklist",
    )  # fmt: skip


def actions_waiting(person: User) -> Iterable[WorkItem]:
    """Action items of this person that are not done."""
    for action in _my_actions(person)[:MOST]:
        yield _action_item(action)


def actions_count(person: User) -> int:
    """How many action items wait for this person."""
    return _my_actions(person).count()


def actions_due(person: User) -> Iterable[WorkItem]:
    """Action items of this person that fall due soon."""
    soon = _my_actions(person).filter(due__lte=PortalNow() + SOON)
    for action in soon.order_by("due", "id")[: slots.READ]:
        yield _action_item(action)


def clocks_due(person: User) -> Iterable[WorkItem]:
    """Reports owed to authorities because of incidents this person may run."""
    owed = RegulatorClock.objects.filter(reported_at=None, dropped_at=None).select_related("incident__system")
    for clock in rights.visible(person, owed, Permission.INCIDENT_RUN)[: slots.READ]:
        href = reverse("incidents:incident_detail", args=[clock.incident_id])
        yield WorkItem(
            clock.title, href, "Report it", about=str(clock.incident), due=clock.internal_deadline, icon="clock"
        )


def _promised(person: User) -> QuerySet[IncidentUpdate]:
    due = queries.updates_due().select_related("incident__system").order_by("next_due")
    return rights.visible(person, due, Permission.INCIDENT_RUN)


def _update_item(update: IncidentUpdate) -> WorkItem:
    return WorkItem(
        f"{update.get_audience_display()} hear again", reverse("incidents:incident_detail", args=[update.incident_id]),
        "Send an update", about=str(update.incident), due=update.next_due, icon="send",
    )  # fmt: skip


def updates_owed(person: User) -> Iterable[WorkItem]:
    """Audiences of incidents this person may run that were promised word."""
    for update in _promised(person)[: slots.READ]:
        yield _update_item(update)


def status_lines(request: HttpRequest) -> Mapping[str, Any] | None:
    """Where open incidents stand, in a sentence each."""
    said = queries.incidents().filter(state__in=OPEN_STATES).exclude(status_line="").order_by("-status_at")
    found = list(rights.visible(_person(request), said)[:SHOWN])
    return {"incidents": found} if found else None


def _to_decide(person: User) -> QuerySet[PlaybookVersion]:
    """Versions of playbooks this person may decide on, having proposed none of them."""
    if not rights.can(person, Permission.PLAYBOOK_DECIDE):
        return PlaybookVersion.objects.none()
    waiting = PlaybookVersion.objects.filter(decided_at=None).exclude(proposed_by=person)
    return waiting.select_related("incident__system").order_by("id")


def playbooks_waiting(person: User) -> Iterable[WorkItem]:
    """Versions of playbooks to accept or refuse."""
    for version in _to_decide(person)[:MOST]:
        href = reverse("incidents:playbook_version", args=[version.pk])
        yield WorkItem(
            str(version), href, "Decide on it", about=str(version.incident), since=version.proposed_at, icon="book"
        )


def playbooks_count(person: User) -> int:
    """How many versions wait for this person."""
    return _to_decide(person).count()


def _summaries_to_decide(person: User) -> QuerySet[PublicSummary]:
    """Summaries for people outside that this person may let out, having written none of them."""
    waiting = PublicSummary.objects.filter(decided_at=None).exclude(written_by=person)
    listed = waiting.select_related("incident__system").order_by("written_at", "id")
    return rights.visible(person, listed, Permission.INCIDENT_CHECK)


def summaries_waiting(person: User) -> Iterable[WorkItem]:
    """Summaries to approve or refuse."""
    for summary in _summaries_to_decide(person)[:MOST]:
        href = reverse("incidents:incident_summary", args=[summary.incident_id])
        yield WorkItem(
            str(summary), href, "Approve or refuse it", about=str(summary.incident), since=summary.written_at,
            icon="file-text",
        )  # fmt: skip


def summaries_count(person: User) -> int:
    """How many summaries wait for this person."""
    return _summaries_to_decide(person).count()


def started(person: User) -> Iterable[WorkItem]:
    """Open incidents this person reported."""
    mine = Incident.objects.select_related("system").filter(reporter=person, state__in=OPEN_STATES)
    for incident in rights.visible(person, mine)[:MOST]:
        yield _item(incident, incident.get_state_display())


def _anybody(person: User) -> bool:
    """The list shows each person what they may see."""
    return True


def register() -> None:
    """Fill the slots; called once at start."""
    LISTINGS.register(INCIDENTS)
    card = "incidents/_incidents.html"
    slots.ACTIONS.register(slots.ActionSource("incidents-system", Place.SYSTEM, system_actions, order=70))
    slots.ACTIONS.register(slots.ActionSource("monitoring-system", Place.SYSTEM, monitoring_actions, order=65))
    slots.WORK.register(slots.WorkSource("alerts", Group.WAITING, alerts_waiting, alerts_count, order=6))
    slots.NAVIGATION.register(slots.Entry("alerts", "Alerts", "incidents:alert_list", "bell", _anybody, order=41))
    slots.ANSWERS.register(Answer("failed-in-use", "What failed?", failed, order=67))
    slots.PANELS.register(slots.Panel("system-incidents", Place.SYSTEM, card, system_card, order=10))
    slots.PANELS.register(slots.Panel("release-incidents", Place.RELEASE, card, release_card, order=6))
    slots.WORK.register(slots.WorkSource("incidents", Group.WAITING, incidents_waiting, incidents_count, order=5))
    slots.WORK.register(slots.WorkSource("incident-actions", Group.WAITING, actions_waiting, actions_count, order=40))
    slots.WORK.register(slots.WorkSource("playbooks", Group.WAITING, playbooks_waiting, playbooks_count, order=45))
    slots.WORK.register(slots.WorkSource("summaries", Group.WAITING, summaries_waiting, summaries_count, order=46))
    slots.WORK.register(slots.WorkSource("incidents-due", Group.DUE, actions_due, order=20))
    slots.WORK.register(slots.WorkSource("incident-clocks", Group.DUE, clocks_due, order=5))
    slots.WORK.register(slots.WorkSource("incident-updates", Group.DUE, updates_owed, order=4))
    slots.STATS.register(slots.Stat("incident-status", "incidents/_statuses.html", status_lines, 10))
    slots.WORK.register(slots.WorkSource("incidents-started", Group.STARTED, started, order=20))
    slots.NAVIGATION.register(
        slots.Entry("incidents", "Incidents", "incidents:incident_list", "alert-octagon", _anybody, order=40)
    )
