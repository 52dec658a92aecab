"""Incidents: the list, the page of one, reporting one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger import queries as ledger
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.web.lists import LikedList
from governance.web.pages import DetailPage, ObjectFormPage
from incidents import queries, services
from incidents.forms import ReportForm
from incidents.listing import INCIDENTS, narrow
from incidents.models import Incident
from inventory.models import Release, System

LABELS = {
    "triage": "Take it on",
    "contain": "Say how the harm was stopped",
    "resolve": "Return to service",
    "close": "Close",
    "reopen": "Open again",
    "dismiss": "Dismiss",
    "mark_duplicate": "Mark as duplicate",
    "describe": "Write down what is known",
    "add_check": "Add a return-to-service check",
    "add_action": "Add an action item",
    "start_playbook": "Begin a playbook",
    "add_participant": "Name who takes part",
    "take_measure": "Take a temporary measure",
    "suspend_release": "Suspend a release",
    "place_hold": "Place a hold",
    "start_clock": "Start a regulator clock",
    "hold_evidence": "Hold the evidence",
    "lift_evidence": "Let the evidence go",
    "write_review": "Write the review",
    "agree_review": "Agree with the review",
    "complete_review": "Complete the review",
    "propose_playbook": "Propose a better playbook",
    "add_why": "Ask why",
    "add_factor": "Add a cause",
    "link_similar": "Link a similar incident",
    "say_foreseen": "Say whether it was foreseen",
    "write_risk": "Write the risk down",
    "write_summary": "Write a summary to share",
    "approve_summary": "Approve the summary",
    "refuse_summary": "Refuse the summary",
    "send_update": "Send an update",
    "say_status": "Say where it stands",
    "add_link": "Add a link",
    "note": "Add a note",
}
STEPS = ("reported", "triaged", "contained", "resolved", "closed")


def address(incident: Incident) -> str:
    """Where an incident's page is."""
    return reverse("incidents:incident_detail", args=[incident.pk])


def releases_of(system_id: int) -> QuerySet[Release]:
    """The releases of a system an incident may name."""
    return Release.objects.filter(system_id=system_id).exclude(state=Release.State.DISCARDED).order_by("-id")


def titles() -> dict[str, str]:
    """The pack's title of each type, level and severity of incidents by its word."""
    rules = queries.rules_of_incidents()
    parts = (rules.types, rules.impact, rules.urgency, rules.severities) if rules else ()
    return {level.id: level.title for part in parts for level in part}


class IncidentPage(DetailPage[Incident]):
    """What went wrong, what must hold before service returns, what is left to do, and what this person can do."""

    permission = Permission.SYSTEM_VIEW
    template_name = "incidents/incident.html"

    def objects(self) -> QuerySet[Incident]:
        """Incidents with everything shown of them."""
        return queries.whole_incidents()

    def context(self) -> dict[str, Any]:
        """Adds the verbs, the steps, the pack's words and the ledger's timeline."""
        incident = self.object
        offers = queries.incident_offers(self.person, incident)
        words = titles()
        return {
            **super().context(),
            "incident": incident,
            "system": incident.system,
            "verbs": _buttons(incident, queries.pressable(incident, offers)),
            "checks": queries.checks_for(self.person, incident),
            "now": portal_now(),
            "promised": set(queries.updates_due().filter(incident=incident).values_list("pk", flat=True)),
            "review": queries.review_of(incident),
            "review_wanted": queries.review_wanted(incident),
            "steps": [(word, Incident.State(word).label) for word in STEPS],
            "may_pass": any(offer.verb == "pass_check" and offer.open for offer in offers),
            "may_end": any(offer.verb == "end_measure" and offer.open for offer in offers),
            "may_report": any(offer.verb == "report_clock" and offer.open for offer in offers),
            "may_drop": any(offer.verb == "drop_clock" and offer.open for offer in offers),
            "may_run": any(offer.verb == "describe" and not offer.forbidden for offer in offers),
            "grade": {name: words.get(getattr(incident, name), getattr(incident, name)) for name in _GRADED},
            "timeline": ledger.told(queries.events_of(incident)),
        }


_GRADED = ("type", "impact", "urgency", "severity")
# What is written on pages of its own beside the incident's: its analysis, its summary.
_ELSEWHERE = frozenset(
    {
        "add_why", "add_factor", "link_similar", "say_foreseen", "write_risk", "write_summary", "approve_summary",
        "refuse_summary",
    }
)  # fmt: skip
# A right the person lacks, or a state that is past: no button at all, rather than one that is blocked.
_HIDDEN = frozenset({"forbidden", "state"})


def _buttons(incident: Incident, offers: tuple[Offer, ...]) -> list[dict[str, Any]]:
    return [
        {
            "label": LABELS[offer.verb],
            "href": reverse(f"incidents:incident_{offer.verb}", args=[incident.pk]),
            "reasons": offer.reasons,
        }
        for offer in offers
        if offer.verb in LABELS
        and offer.verb not in _ELSEWHERE
        and not _HIDDEN & {reason.code for reason in offer.reasons}
    ]


class IncidentList(LikedList[Incident]):
    """Every incident a person may see, the newest first."""

    permission = Permission.SYSTEM_VIEW
    template_name = "incidents/incident_list.html"
    listing = INCIDENTS
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Incident]:
        """Incidents with what the list shows of them."""
        return queries.incidents()

    def narrow(self, rows: QuerySet[Incident], wanted: Mapping[str, Any]) -> QuerySet[Incident]:
        """The declared filters."""
        return narrow(rows, wanted, self.person.pk)

    def context(self) -> dict[str, Any]:
        """Adds the policy's words for the types."""
        found, named = super().context(), titles()
        for incident in found["slice"].rows:
            incident.type_title = named.get(incident.type, incident.type)
        return found


class IncidentReport(ObjectFormPage[System]):
    """Report that something went wrong with a system."""

    permission = Permission.INCIDENT_REPORT
    verb = "incident.report"
    template_name = "web/form.html"
    form_class = ReportForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def form_arguments(self) -> dict[str, Any]:
        """The words of the policy and the releases of the system."""
        return {"rules": queries.rules_of_incidents(), "releases": releases_of(self.object.pk)}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Report an incident",
            "pretitle": self.object.name,
            "lead": "The gate closes as soon as you report it, and opens again when every check has passed.",
            "submit": "Report it",
            "cancel": reverse("inventory:system_detail", args=[self.object.slug]),
        }
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Report it and show it."""
        values = form.cleaned_data
        incident = services.report_incident(
            actor=self.person, system=self.object, door=Door.WEB, **{**values, "releases": list(values["releases"])}
        )
        return self.done("The incident is reported. The gate is closed for what it names.", address(incident))
