"""What is told outside about an incident: drafted from the record, written, approved by another, then let out."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation.forms import ReasonForm
from governance.validation.views.verbs import VerbPage
from governance.web.pages import DetailPage
from incidents import queries, review_forms, services
from incidents.models import Incident, PublicSummary
from incidents.outside import approved_summary, draft_of_summary
from incidents.views.incidents import LABELS
from incidents.views.verbs import IncidentVerb


def address(incident: Incident) -> str:
    """Where the summary of an incident is written and decided on."""
    return reverse("incidents:incident_summary", args=[incident.pk])


class SummaryPage(DetailPage[Incident]):
    """The versions of a summary, the newest whole, and what this person can do."""

    permission = Permission.SYSTEM_VIEW
    template_name = "incidents/summary.html"

    def objects(self) -> QuerySet[Incident]:
        """Incidents with their summaries."""
        return queries.summarised(queries.whole_incidents())

    def context(self) -> dict[str, Any]:
        """Adds the versions and the buttons."""
        incident = self.object
        versions = list(incident.summaries.all())
        waiting = next((one for one in versions if one.decided_at is None), None)
        offers = {offer.verb: offer for offer in queries.incident_offers(self.person, incident)}
        return {
            **super().context(), "incident": incident, "system": incident.system, "versions": versions,
            "waiting": waiting, "approved": next((one for one in versions if one.approved), None),
            "verbs": self.buttons(offers, waiting),
        }  # fmt: skip

    def buttons(self, offers: dict[str, Offer], waiting: PublicSummary | None) -> list[dict[str, Any]]:
        """Writing, while nothing waits; deciding on what waits, for somebody else than who wrote it."""
        if waiting is None:
            offer = offers["write_summary"]
            href = reverse("incidents:incident_write_summary", args=[self.object.pk])
            return [] if offer.reasons else [{"label": LABELS["write_summary"], "href": href, "reasons": ()}]
        own = [{"text": "You wrote it; somebody else decides on it."}] if waiting.written_by == self.person else []
        return [
            {
                "label": LABELS[verb], "reasons": own,
                "href": reverse(f"incidents:{name}", args=[self.object.pk, waiting.pk]),
            }
            for verb, name in (("approve_summary", "summary_approve"), ("refuse_summary", "summary_refuse"))
            if offers[verb].open
        ]  # fmt: skip


class SummaryWrite(IncidentVerb):
    """Write what is to be told outside; at first the draft from the record, later the last version."""

    verb, label, form_class = "incident.write_summary", LABELS["write_summary"], review_forms.SummaryForm
    message = "It is written. Somebody else approves it before it leaves."

    def objects(self) -> QuerySet[Incident]:
        """Incidents with what a draft says of them."""
        return queries.summarised(queries.whole_incidents())

    def initial(self) -> dict[str, Any]:
        """The last version, or the draft."""
        versions = list(self.object.summaries.all())
        return {"text": versions[0].text if versions else draft_of_summary(self.object)}

    def back(self) -> str:
        """The page of the summary."""
        return address(self.object)

    def do(self, values: dict[str, Any]) -> None:
        """Write it."""
        services.write_summary(actor=self.person, incident=self.object, door=Door.WEB, **values)


class SummaryDecision(VerbPage[PublicSummary], abstract=True):
    """A version decided on."""

    template_name = "web/form.html"
    lookups = {"pk": "summary", "incident_id": "pk"}

    def objects(self) -> QuerySet[PublicSummary]:
        """Versions with their incident."""
        return PublicSummary.objects.select_related("incident__system__unit", "written_by")

    def back(self) -> str:
        """The page of the summary."""
        return address(self.object.incident)


class SummaryApprove(SummaryDecision):
    """Let a version out."""

    verb, label, form_class = "incident.approve_summary", LABELS["approve_summary"], review_forms.DecisionForm
    message = "It is approved and may be shared."

    def do(self, values: dict[str, Any]) -> None:
        """Approve it."""
        services.approve_summary(actor=self.person, summary=self.object, door=Door.WEB, **values)


class SummaryRefuse(SummaryDecision):
    """Keep a version inside."""

    verb, label, form_class = "incident.refuse_summary", LABELS["refuse_summary"], ReasonForm
    message = "It stays inside. Another version can be written."

    def do(self, values: dict[str, Any]) -> None:
        """Refuse it."""
        services.refuse_summary(actor=self.person, summary=self.object, door=Door.WEB, **values)


class SummaryPrint(DetailPage[Incident]):
    """The approved summary, to be printed or sent on. Raises Conflict `not_approved` before."""

    permission = Permission.SYSTEM_VIEW
    template_name = "incidents/summary_print.html"

    def objects(self) -> QuerySet[Incident]:
        """Incidents."""
        return Incident.objects.select_related("system")

    def context(self) -> dict[str, Any]:
        """Adds what was approved."""
        return {**super().context(), "summary": approved_summary(self.object)}


class SummaryMarkdown(SummaryPrint):
    """The same as a Markdown file."""

    permission = Permission.SYSTEM_VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file."""
        summary = approved_summary(self.object)
        answer = HttpResponse(f"{summary.text}\n", content_type="text/markdown; charset=utf-8")
        name = f"incident-{self.object.pk}-summary-{summary.version}.md"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
