"""Named reads of incidents: the facts the machine decides on, what a person could do, what lists show."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.ledger.models import Event
from governance.ledger.queries import events_of_system
from governance.lifecycle import Offer
from governance.policy.queries import pack_in_force, rules
from governance.policy.schema import Incidents
from incidents.lifecycle import INCIDENT, IncidentFacts, offered_work
from incidents.models import OPEN_STATES, ActionItem, AffectedRelease, Incident, ServiceCheck
from incidents.rules import Closing, missing_for_close
from inventory.models import Release


def rules_of_incidents() -> Incidents | None:
    """What the pack in force says about incidents; None where no pack is in force or it is silent."""
    pack = pack_in_force()
    return rules(pack).document.incidents if pack else None


def incidents() -> QuerySet[Incident]:
    """Incidents with what a list shows of them."""
    affected = AffectedRelease.objects.select_related("release").order_by("id")
    return Incident.objects.select_related("system", "reporter", "commander").prefetch_related(
        Prefetch("affected", affected)
    )


def whole_incidents() -> QuerySet[Incident]:
    """Incidents with everything a page shows of them."""
    return (
        incidents()
        .select_related("remedy_release", "duplicate_of", "closed_by")
        .prefetch_related(
            Prefetch("checks", ServiceCheck.objects.select_related("passed_by")),
            Prefetch("actions", ActionItem.objects.select_related("owner", "done_by")),
            "timeline__author",
        )
    )


def open_on(release: Release) -> QuerySet[Incident]:
    """Open incidents that name the release, or its whole system."""
    here = Q(affected=None) | Q(affected__release=release) | Q(remedy_release=release)
    return incidents().filter(here, system=release.system_id, state__in=OPEN_STATES).distinct()


def facts_of(person: User, incident: Incident) -> IncidentFacts:
    """What the incident machine decides on for this person."""
    rules_now = rules_of_incidents()
    have = Closing(
        root_cause=bool(incident.root_cause),
        impact=bool(incident.impact_by_class),
        review=bool(incident.review),
        action_items=bool(incident.actions.all()),
    )
    checks = list(incident.checks.all())
    return IncidentFacts(
        actor_id=person.pk,
        reporter_id=incident.reporter_id,
        commander_id=incident.commander_id,
        two_person_close=incident.two_person_close,
        checks=len(checks),
        open_checks=tuple(check.text for check in checks if check.passed_at is None),
        missing_for_close=missing_for_close(rules_now.closing if rules_now else (), have),
    )


def incident_offers(person: User, incident: Incident) -> tuple[Offer, ...]:
    """What this person could do about an incident, with what stands against it."""
    allowed = rights.permissions_of(person, incident)
    moves = INCIDENT.offered(incident.state, allowed=allowed, facts=facts_of(person, incident))
    return moves + offered_work(incident.state, allowed=allowed)


def events_of(incident: Incident) -> QuerySet[Event]:
    """What happened to an incident and what hangs on it."""
    of_system = events_of_system(incident.system_id)
    return of_system.filter(
        Q(table_name="incidents_incident", key=str(incident.pk)) | Q(after__incident_id=incident.pk)
    )
