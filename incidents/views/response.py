"""How an incident is met, one form for each thing done; who may, and when, the service says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from governance.access.rights import holders
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation.forms import ReasonForm
from governance.validation.views.verbs import VerbPage
from incidents import forms, queries, services
from incidents.models import TemporaryMeasure
from incidents.views.incidents import LABELS, address, releases_of
from incidents.views.verbs import IncidentVerb
from inventory.models import Release


class ParticipantAdd(IncidentVerb):
    """Name somebody who takes part."""

    verb, label, form_class = "incident.add_participant", LABELS["add_participant"], forms.ParticipantForm
    message = "They take part."

    def form_arguments(self) -> dict[str, Any]:
        """Whoever can see the system may be asked."""
        return {"people": holders(Permission.SYSTEM_VIEW, self.object)}

    def do(self, values: dict[str, Any]) -> None:
        """Name them."""
        services.add_participant(actor=self.person, incident=self.object, door=Door.WEB, **values)


class PlaybookStart(IncidentVerb):
    """Turn the steps of a playbook into tasks."""

    verb, label, form_class = "incident.start_playbook", LABELS["start_playbook"], forms.PlaybookForm
    message = "Its steps are tasks now."

    def initial(self) -> dict[str, Any]:
        """Whoever begins it has the tasks."""
        return {"owner": self.person.pk}

    def form_arguments(self) -> dict[str, Any]:
        """Playbooks for this incident, and whoever can see the system."""
        people = holders(Permission.SYSTEM_VIEW, self.object)
        return {"people": people, "playbooks": queries.playbooks_for(self.object)}

    def do(self, values: dict[str, Any]) -> None:
        """Begin it."""
        services.start_playbook(actor=self.person, incident=self.object, door=Door.WEB, **values)


class OfReleases(IncidentVerb, abstract=True):
    """A verb that may name a release of the system."""

    def form_arguments(self) -> dict[str, Any]:
        """Its releases."""
        return {"releases": releases_of(self.object.system_id)}


class MeasureTake(OfReleases):
    """Write down what keeps the harm small for a time."""

    verb, label, form_class = "incident.take_measure", LABELS["take_measure"], forms.MeasureForm
    message = "The measure is written down. End it before service returns to normal."

    def do(self, values: dict[str, Any]) -> None:
        """Take it."""
        services.take_measure(actor=self.person, incident=self.object, door=Door.WEB, **values)


class MeasureEnd(VerbPage[TemporaryMeasure]):
    """Say that a temporary measure was taken back."""

    verb, label, form_class = "incident.end_measure", "End this measure", forms.MeasureEndForm
    template_name = "web/form.html"
    message = "The measure is ended."
    lookups = {"pk": "measure", "incident_id": "pk"}

    def objects(self) -> QuerySet[TemporaryMeasure]:
        """Measures with their incident."""
        return TemporaryMeasure.objects.select_related("incident__system")

    def offers(self) -> Iterable[Offer]:
        """What this person could do about the incident."""
        return queries.incident_offers(self.person, self.object.incident)

    def back(self) -> str:
        """The page of the incident."""
        return address(self.object.incident)

    def do(self, values: dict[str, Any]) -> None:
        """End it."""
        services.end_measure(actor=self.person, measure=self.object, door=Door.WEB, **values)


class ReleaseSuspend(OfReleases):
    """Suspend a release because of the incident."""

    verb, label, form_class = "incident.suspend_release", LABELS["suspend_release"], forms.SuspendForm
    message = "The release is suspended. Somebody else reinstates it."

    def form_arguments(self) -> dict[str, Any]:
        """Releases that count now."""
        approved = releases_of(self.object.system_id).filter(state=Release.State.APPROVED)
        return {"releases": approved}

    def do(self, values: dict[str, Any]) -> None:
        """Suspend it."""
        services.suspend_for_incident(actor=self.person, incident=self.object, door=Door.WEB, **values)


class HoldPlace(OfReleases):
    """Place a hold because of the incident."""

    verb, label, form_class = "incident.place_hold", LABELS["place_hold"], forms.HoldForm
    message = "The hold is placed. It stays after the incident, until somebody else lifts it."

    def do(self, values: dict[str, Any]) -> None:
        """Place it."""
        services.hold_for_incident(actor=self.person, incident=self.object, door=Door.WEB, **values)


class EvidenceHeld(IncidentVerb):
    """Say that evidence must stay as it is."""

    verb, label, form_class = "incident.hold_evidence", LABELS["hold_evidence"], ReasonForm
    message = "The evidence is held."

    def do(self, values: dict[str, Any]) -> None:
        """Hold it."""
        services.hold_evidence(actor=self.person, incident=self.object, door=Door.WEB, **values)


class EvidenceLifted(IncidentVerb):
    """Let evidence go that another person had held."""

    verb, label, form_class = "incident.lift_evidence", LABELS["lift_evidence"], ReasonForm
    message = "The evidence is held no more."

    def do(self, values: dict[str, Any]) -> None:
        """Let it go."""
        services.lift_evidence(actor=self.person, incident=self.object, door=Door.WEB, **values)
