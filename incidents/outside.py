"""What of an incident may be told outside, and which words stay inside."""

from __future__ import annotations

from governance.lifecycle import Conflict, Reason
from incidents.models import Incident, PublicSummary
from incidents.queries import rules_of_incidents
from incidents.summaries import Told, draft_summary
from inventory.discretion import Inside
from inventory.queries import people_named_in


def inside_of(incident: Incident, text: str) -> Inside:
    """The names a text about an incident may not hold: of anybody with an account, of the system and of its unit.

    Of units, too, only names of several words count.
    """
    system, unit = incident.system, incident.system.unit.name
    here = (system.name, system.slug, *([unit] if " " in unit else []))
    return Inside(people_named_in(text), here)


def draft_of_summary(incident: Incident) -> str:
    """A draft from the record, without names."""
    rules = rules_of_incidents()
    titles = {one.id: one.title for one in (rules.types if rules else ())}
    told = Told(
        reference=f"INC-{incident.pk}", title=incident.title, type=titles.get(incident.type, incident.type),
        occurred=incident.occurred_at, noticed=incident.aware_at, contained=incident.contained_at,
        resolved=incident.resolved_at, description=incident.description, impact=incident.impact_by_class,
        containment=incident.containment, cause=incident.root_cause, lessons=incident.review,
        actions=tuple(one.text for one in incident.actions.all() if not one.playbook),
    )  # fmt: skip
    whole = "\n".join(
        (told.title, told.description, *told.impact.values(), told.containment, told.cause, told.lessons, *told.actions)
    )
    return draft_summary(told, inside_of(incident, whole))


def approved_summary(incident: Incident) -> PublicSummary:
    """What may be shared: the newest version that somebody else approved. Raises Conflict `not_approved`."""
    found = PublicSummary.objects.filter(incident=incident, approved=True).order_by("-version").first()
    if found is None:
        raise Conflict(Reason("not_approved", "No summary of this incident is approved; nothing leaves before."))
    return found
