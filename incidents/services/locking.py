"""The incident under its lock, and what the machine needs to know of it."""

from __future__ import annotations

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Command
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import rules_in_force as pack_rules
from governance.policy.schema import Incidents
from incidents.lifecycle import IncidentFacts
from incidents.models import Incident
from incidents.rules import Closing, missing_for_close
from inventory.models import System
from inventory.services.permitted import require


def rules_in_force() -> Incidents:
    """The incident section of the pack in force. Raises Conflict `no_policy` where there is none."""
    _, rules = pack_rules()
    section = rules.document.incidents
    if section is None:
        raise Conflict(Reason("no_policy", "No policy pack in force says how incidents are handled."))
    return section


def lock_incident(incident: Incident, *, actor: User | Command) -> Incident:
    """The incident, locked after its system, if the actor may see it. Raises NotVisible."""
    system = System.objects.select_for_update(no_key=True).get(pk=incident.system_id)
    locked = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    locked.system = system
    require(actor, Permission.SYSTEM_VIEW, locked)
    return locked


def facts_of(incident: Incident, actor: User) -> IncidentFacts:
    """Gathered under the lock."""
    have = Closing(
        root_cause=bool(incident.root_cause),
        impact=bool(incident.impact_by_class),
        review=bool(incident.review),
        action_items=incident.actions.exists(),
    )
    checks = list(incident.checks.all())
    return IncidentFacts(
        actor_id=actor.pk,
        reporter_id=incident.reporter_id,
        commander_id=incident.commander_id,
        two_person_close=incident.two_person_close,
        checks=len(checks),
        open_checks=tuple(check.text for check in checks if check.passed_at is None),
        missing_for_close=missing_for_close(rules_in_force().closing, have),
    )
