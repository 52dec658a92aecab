"""The analysis of an incident on pages: the chain of whys, the fishbone with its list, and writing on both."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, QuerySet, When
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ActionPage, DetailPage
from incidents import analysis_forms, queries, services
from incidents.causes import CATEGORIES
from incidents.fishbone import draw_fishbone
from incidents.likeness import alike
from incidents.models import ContributingFactor, Incident, Why
from incidents.views.incidents import LABELS
from incidents.views.verbs import IncidentVerb
from inventory.models import Risk


def address(incident: Incident) -> str:
    """Where the analysis of an incident is."""
    return reverse("incidents:incident_analysis", args=[incident.pk])


class AnalysisPage(DetailPage[Incident]):
    """Why it happened: the chain of questions, and what contributed, drawn and listed."""

    permission = Permission.SYSTEM_VIEW
    template_name = "incidents/analysis.html"

    def objects(self) -> QuerySet[Incident]:
        """Incidents with their analysis."""
        return queries.analysed_incidents(self.person)

    def context(self) -> dict[str, Any]:
        """Adds the drawing and what this person may write."""
        incident = self.object
        offers = {offer.verb: offer for offer in queries.incident_offers(self.person, incident)}
        factors = list(incident.factors.all())
        groups = [(title, [one for one in factors if one.category == word]) for word, title in CATEGORIES.items()]
        whys = list(incident.whys.all())
        return {
            **super().context(), "incident": incident, "system": incident.system, "whys": whys,
            "last": whys[-1] if whys else None, "groups": [group for group in groups if group[1]],
            "fishbone": draw_fishbone(CATEGORIES, [(one.category, one.text) for one in factors]),
            "may": {verb: offers[verb].open for verb in ANALYSIS},
            "similar": list(incident.similar.all()), "alike": alike(self.person, incident),
            "foresights": list(incident.foresights.all()),
            "unwritten": any(not one.foreseen and one.risk_id is None for one in incident.foresights.all()),
            "risks": self.risks(),
        }  # fmt: skip

    def risks(self) -> QuerySet[Risk]:
        """The risks of the system that are not said to have foreseen it, the open ones first."""
        said = [one.risk_id for one in self.object.foresights.all() if one.risk_id is not None]
        rows = Risk.objects.filter(system=self.object.system_id).exclude(pk__in=said)
        return rows.order_by(Case(When(state=Risk.State.CLOSED, then=1), default=0), "-id")[:MOST_RISKS]


ANALYSIS = (
    "add_why", "take_back_why", "add_factor", "take_back_factor", "link_similar", "take_back_similar", "say_foreseen",
    "take_back_foresight", "write_risk",
)  # fmt: skip
MOST_RISKS = 30


class AnalysisVerb(IncidentVerb, abstract=True):
    """Something written in the analysis."""

    def back(self) -> str:
        """The analysis."""
        return address(self.object)


class WhyAdd(AnalysisVerb):
    """Ask why once more, and answer."""

    verb, label, form_class = "incident.add_why", LABELS["add_why"], analysis_forms.WhyForm
    message = "It is written down."

    def form_arguments(self) -> dict[str, Any]:
        """The answer the next question is about."""
        last = self.object.whys.filter(taken_back_at=None).order_by("number").last()
        return {"before": last.answer if last else ""}

    def do(self, values: dict[str, Any]) -> None:
        """Write it down."""
        services.add_why(actor=self.person, incident=self.object, door=Door.WEB, **values)


class FactorAdd(AnalysisVerb):
    """Say what contributed."""

    verb, label, form_class = "incident.add_factor", LABELS["add_factor"], analysis_forms.FactorForm
    message = "It stands on the fishbone."

    def do(self, values: dict[str, Any]) -> None:
        """Write it down."""
        category, _, factor = values.pop("cause").partition(":")
        services.add_factor(
            actor=self.person, incident=self.object, category=category, factor=factor, door=Door.WEB, **values
        )


class WhyTakeBack(ActionPage[Why]):
    """Take the last question back."""

    permission = Permission.SYSTEM_VIEW
    verb = "incident.take_back_why"
    lookups = {"pk": "why", "incident_id": "pk"}

    def objects(self) -> QuerySet[Why]:
        """Questions with their incident."""
        return Why.objects.select_related("incident__system")

    def act(self) -> HttpResponseBase:
        """Take it back."""
        services.take_back_why(actor=self.person, why=self.object, door=Door.WEB)
        return self.done("The question is taken back.", address(self.object.incident))


class FactorTakeBack(ActionPage[ContributingFactor]):
    """Say that something did not contribute after all."""

    permission = Permission.SYSTEM_VIEW
    verb = "incident.take_back_factor"
    lookups = {"pk": "factor", "incident_id": "pk"}

    def objects(self) -> QuerySet[ContributingFactor]:
        """Factors with their incident."""
        return ContributingFactor.objects.select_related("incident__system")

    def act(self) -> HttpResponseBase:
        """Take it back."""
        services.take_back_factor(actor=self.person, factor=self.object, door=Door.WEB)
        return self.done("It is taken back.", address(self.object.incident))
