"""The incident under its lock, and the rules it is handled by."""

from __future__ import annotations

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Command
from governance.lifecycle import Conflict, Reason
from governance.policy.sections import Incidents
from incidents.lifecycle import decide_work
from incidents.models import Incident
from incidents.queries import rules_of_incidents
from inventory.models import System
from inventory.services.permitted import allowed, require


def rules_in_force() -> Incidents:
    """The incident section of the pack in force. Raises Conflict `no_policy` where there is none."""
    section = rules_of_incidents()
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


def lock_ready(actor: User, incident: Incident, verb: str) -> Incident:
    """The incident under its lock, where this may still be written beside it. Raises Forbidden, Conflict."""
    locked = lock_incident(incident, actor=actor)
    decide_work(verb, locked.state, allowed=allowed(actor, locked))
    return locked
