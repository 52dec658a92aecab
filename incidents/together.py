"""What may be changed of many incidents together: who leads them."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.together import Field, Many, holders_among, named, read_person
from incidents.models import Incident
from incidents.queries import incidents
from incidents.services.incidents import hand_over_incident, triage_incident


def _lead(*, actor: User, row: Incident, value: User, reason: str, door: Door) -> object:
    """One that is reported is taken on; one that is led already is handed over, where its leader has left."""
    if row.state == Incident.State.REPORTED:
        return triage_incident(actor=actor, incident=row, commander=value, door=door)
    return hand_over_incident(actor=actor, incident=row, commander=value, reason=reason, door=door)


INCIDENTS: Final = Many(
    noun="incident", plural="incidents", verb="incident.triage", page="incidents:incident_list", rows=incidents,
    href=lambda row: reverse("incidents:incident_detail", args=[row.pk]), order=("system_id", "pk"),
    fields=(
        Field(
            "commander", "Led by", read_person(Permission.INCIDENT_RUN), lambda row: named(row.commander), named, _lead,
            holders_among(Permission.INCIDENT_RUN), "What is reported is taken on with that, graded as it is.",
        ),
    ),
)  # fmt: skip
