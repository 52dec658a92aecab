"""What the list of incidents can show and be narrowed by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db.models import QuerySet

from governance.access.vocabulary import Permission
from governance.web.lists import Listing
from incidents import queries
from incidents.models import OPEN_STATES, Incident


class ListFilter(forms.Form):
    """Which incidents."""

    state = forms.ChoiceField(choices=[("", "Open"), ("all", "Every state"), *Incident.State.choices], required=False)
    severity = forms.ChoiceField(choices=[("", "Every severity")], required=False)
    system = forms.CharField(required=False, max_length=120, label="System (its address)")
    led = forms.ChoiceField(
        choices=[("", "By anybody"), ("nobody", "By nobody yet"), ("me", "By me")], required=False, label="Led"
    )

    def __init__(self, *arguments: Any, severities: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["severity"].choices = [("", "Every severity"), *severities]  # type: ignore[attr-defined]


def severities() -> list[tuple[str, str]]:
    """The severities of the policy in force, with their titles."""
    rules = queries.rules_of_incidents()
    return [(one.id, one.title) for one in (rules.severities if rules else ())]


def narrow(rows: QuerySet[Incident], wanted: Mapping[str, Any], person: int) -> QuerySet[Incident]:
    """By state, severity, system and who leads; the open ones unless asked otherwise."""
    if wanted["state"] != "all":
        rows = rows.filter(state__in=[wanted["state"]] if wanted["state"] else OPEN_STATES)
    if wanted["severity"]:
        rows = rows.filter(severity=wanted["severity"])
    if wanted["led"]:
        rows = rows.filter(commander=person if wanted["led"] == "me" else None)
    return rows.filter(system__slug=wanted["system"]) if wanted["system"] else rows


INCIDENTS: Final = Listing(
    key="incidents", title="Incidents", page="incidents:incident_list", order=50,
    columns={
        "severity": "Severity", "state": "State", "concerns": "Concerns", "commander": "Led by",
        "reported": "Reported", "reporter": "Reported by", "occurred": "Occurred", "type": "Type",
        "contained": "Contained", "resolved": "Back in service", "closed": "Closed",
    },
    usual=("severity", "state", "concerns", "commander", "reported"),
    filters=lambda query, person: ListFilter(query, severities=severities()),
    together="incidents:incidents_together", changes=Permission.INCIDENT_RUN,
)  # fmt: skip
