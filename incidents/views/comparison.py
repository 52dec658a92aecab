"""What an incident is compared with, on pages: similar incidents linked, risks that foresaw it, risks written down."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase

from governance.access.rights import visible
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ActionPage
from incidents import analysis_forms, services
from incidents.likeness import alike
from incidents.models import Foresight, Incident, SimilarIncident
from incidents.views.analysis import AnalysisVerb, address
from incidents.views.incidents import LABELS
from inventory.models import Risk
from inventory.past_incidents.queries import past_incidents


class SimilarLink(AnalysisVerb):
    """Say that another incident went wrong alike."""

    verb, label, form_class = "incident.link_similar", LABELS["link_similar"], analysis_forms.SimilarForm
    message = "The two are linked."

    def initial(self) -> dict[str, Any]:
        """The one the address names."""
        return {"which": self.request.GET.get("which", "")}

    def form_arguments(self) -> dict[str, Any]:
        """What may be like it, and the one the address names."""
        found = alike(self.person, self.object)
        ours = {row.pk: str(row) for row in found.ours}
        others = {row.pk: str(row) for row in found.others}
        kind, _, key = self.request.GET.get("which", "").partition(":")
        if key.isascii() and key.isdigit() and len(key) <= 18:
            if kind == "incident":
                seen = visible(self.person, Incident.objects.exclude(pk=self.object.pk))
                ours |= {row.pk: str(row) for row in seen.filter(pk=key)}
            if kind == "past":
                others |= {row.pk: str(row) for row in past_incidents().filter(pk=key)}
        return {"ours": ours, "others": others}

    def do(self, values: dict[str, Any]) -> None:
        """Link them."""
        kind, _, key = values["which"].partition(":")
        other = Incident.objects.filter(pk=key).first() if kind == "incident" else None
        past = past_incidents().filter(pk=key).first() if kind == "past" else None
        services.link_similar(
            actor=self.person, incident=self.object, note=values["note"], other=other, past=past, door=Door.WEB
        )


class SimilarTakeBack(ActionPage[SimilarIncident]):
    """Say that two incidents are not alike after all."""

    permission = Permission.SYSTEM_VIEW
    verb = "incident.take_back_similar"
    lookups = {"pk": "similar", "incident_id": "pk"}

    def objects(self) -> QuerySet[SimilarIncident]:
        """Links with their incident."""
        return SimilarIncident.objects.select_related("incident__system")

    def act(self) -> HttpResponseBase:
        """Take it back."""
        services.take_back_similar(actor=self.person, similar=self.object, door=Door.WEB)
        return self.done("The link is taken back.", address(self.object.incident))


class ForeseenSay(AnalysisVerb):
    """Say which risk had foreseen it, or that none had."""

    verb, label, form_class = "incident.say_foreseen", LABELS["say_foreseen"], analysis_forms.ForeseenForm
    message = "It is written down."

    def initial(self) -> dict[str, Any]:
        """The risk the address names."""
        return {"risk": self.request.GET.get("risk", "")}

    def form_arguments(self) -> dict[str, Any]:
        """The risks of the system."""
        return {"risks": Risk.objects.filter(system=self.object.system_id).order_by("-id")}

    def do(self, values: dict[str, Any]) -> None:
        """Write it down."""
        services.say_foreseen(actor=self.person, incident=self.object, door=Door.WEB, **values)


class ForesightTakeBack(ActionPage[Foresight]):
    """Take back what was said about foreseeing it."""

    permission = Permission.SYSTEM_VIEW
    verb = "incident.take_back_foresight"
    lookups = {"pk": "foresight", "incident_id": "pk"}

    def objects(self) -> QuerySet[Foresight]:
        """What was said, with the incident."""
        return Foresight.objects.select_related("incident__system")

    def act(self) -> HttpResponseBase:
        """Take it back."""
        services.take_back_foresight(actor=self.person, foresight=self.object, door=Door.WEB)
        return self.done("It is taken back.", address(self.object.incident))


class RiskWrite(AnalysisVerb):
    """Write down in the register what an incident showed."""

    verb, label, form_class = "incident.write_risk", LABELS["write_risk"], analysis_forms.RiskForm
    message = "The risk is in the register; it is analysed next."

    def initial(self) -> dict[str, Any]:
        """What the incident says."""
        incident = self.object
        effect = "\n".join(f"{name.capitalize()}: {text}" for name, text in incident.impact_by_class.items())
        return {
            "title": incident.title, "source": f"INC-{incident.pk}", "cause": incident.root_cause, "effect": effect,
        }  # fmt: skip

    def do(self, values: dict[str, Any]) -> None:
        """Write it down."""
        services.write_risk(actor=self.person, incident=self.object, door=Door.WEB, **values)
