"""Regulator clocks: started, reported with a draft filled from the record, dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation.forms import ReasonForm
from governance.validation.views.verbs import VerbPage
from incidents import forms, queries, services
from incidents.drafts import draft_of
from incidents.models import RegulatorClock
from incidents.views.incidents import LABELS, address
from incidents.views.verbs import IncidentVerb


class ClockStart(IncidentVerb):
    """Say that a duty to report runs."""

    verb, label, form_class = "incident.start_clock", LABELS["start_clock"], forms.ClockForm
    message = "The clock runs."

    def form_arguments(self) -> dict[str, Any]:
        """The clocks of the pack that do not run yet."""
        return {"clocks": queries.clocks_to_start(self.object)}

    def do(self, values: dict[str, Any]) -> None:
        """Start it."""
        services.start_clock(actor=self.person, incident=self.object, door=Door.WEB, **values)


class ClockVerb(VerbPage[RegulatorClock], abstract=True):
    """One thing done about a clock."""

    template_name = "web/form.html"
    lookups = {"pk": "clock", "incident_id": "pk"}

    def objects(self) -> QuerySet[RegulatorClock]:
        """Clocks with their incident."""
        return RegulatorClock.objects.select_related("incident__system")

    def offers(self) -> Iterable[Offer]:
        """What this person could do about the incident."""
        return queries.incident_offers(self.person, self.object.incident)

    def back(self) -> str:
        """The page of the incident."""
        return address(self.object.incident)


class ClockReport(ClockVerb):
    """Keep what was sent to the authority."""

    verb, label, form_class = "incident.report_clock", "Keep the report that was sent", forms.ClockReportForm
    message = "The report is kept. What follows it has begun to run."

    def initial(self) -> dict[str, Any]:
        """A draft filled from the record."""
        incident = queries.whole_incidents().get(pk=self.object.incident_id)
        return {"report": draft_of(self.object, incident)}

    def do(self, values: dict[str, Any]) -> None:
        """Keep it."""
        services.report_clock(actor=self.person, clock=self.object, door=Door.WEB, **values)


class ClockDrop(ClockVerb):
    """Say why a clock is no duty after all."""

    verb, label, form_class = "incident.drop_clock", "Drop this clock", ReasonForm
    message = "The clock is dropped."

    def do(self, values: dict[str, Any]) -> None:
        """Drop it."""
        services.drop_clock(actor=self.person, clock=self.object, door=Door.WEB, **values)
