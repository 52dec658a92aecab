"""One form for each thing done about an incident; who may, and when, the service says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase

from governance.access.rights import holders
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation.forms import ReasonForm, end_of
from governance.validation.views.verbs import VerbPage
from governance.web.pages import ActionPage
from incidents import forms, queries, services
from incidents.models import OPEN_STATES, ActionItem, Incident, ServiceCheck
from incidents.rules import IMPACT_CLASSES
from incidents.views.incidents import LABELS, address, releases_of


class IncidentVerb(VerbPage[Incident], abstract=True):
    """One thing done about an incident."""

    template_name = "web/form.html"

    def objects(self) -> QuerySet[Incident]:
        """Incidents with their system."""
        return Incident.objects.select_related("system")

    def offers(self) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.incident_offers(self.person, self.object)

    def back(self) -> str:
        """The page of the incident."""
        return address(self.object)


class IncidentTriage(IncidentVerb):
    """Take an incident on."""

    verb, label, form_class = "incident.triage", LABELS["triage"], forms.TriageForm
    message = "The incident is taken on."

    def initial(self) -> dict[str, Any]:
        """Whoever takes it on leads it, graded as reported."""
        return {"commander": self.person.pk, "impact": self.object.impact, "urgency": self.object.urgency}

    def form_arguments(self) -> dict[str, Any]:
        """The words of the policy, and who may lead."""
        people = holders(Permission.INCIDENT_RUN, self.object)
        return {"rules": queries.rules_of_incidents(), "people": people}

    def do(self, values: dict[str, Any]) -> None:
        """Take it on."""
        services.triage_incident(actor=self.person, incident=self.object, door=Door.WEB, **values)


class IncidentContain(IncidentVerb):
    """Say how the harm was stopped for now."""

    verb, label, form_class = "incident.contain", LABELS["contain"], forms.ContainForm
    message = "The incident is contained. Pass the return-to-service checks next."

    def do(self, values: dict[str, Any]) -> None:
        """Contain it."""
        services.contain_incident(actor=self.person, incident=self.object, door=Door.WEB, **values)


class IncidentDescribe(IncidentVerb):
    """Write down what has become known."""

    verb, label, form_class = "incident.describe", LABELS["describe"], forms.DescribeForm
    message = "It is written down."

    def initial(self) -> dict[str, Any]:
        """What is written already."""
        written = self.object
        names = ("description", "containment", "root_cause", "review", "remedy_release")
        impact = {f"impact_{name}": written.impact_by_class.get(name, "") for name in IMPACT_CLASSES}
        return {**{name: getattr(written, name) for name in names}, **impact}

    def form_arguments(self) -> dict[str, Any]:
        """The releases that may be a remedy."""
        return {"releases": releases_of(self.object.system_id)}

    def save(self, form: Any) -> HttpResponseBase:
        """Write it down and show the incident."""
        services.describe_incident(actor=self.person, incident=self.object, door=Door.WEB, **form.described())
        return self.done(self.message, self.back())


class IncidentResolve(IncidentVerb):
    """Return to service."""

    verb, label, form_class = "incident.resolve", LABELS["resolve"], forms.Nothing
    message = "The system returns to service: the incident is resolved."

    def do(self, values: dict[str, Any]) -> None:
        """Resolve it."""
        services.resolve_incident(actor=self.person, incident=self.object, door=Door.WEB)


class IncidentClose(IncidentVerb):
    """End an incident."""

    verb, label, form_class = "incident.close", LABELS["close"], forms.Nothing
    message = "The incident is closed."

    def do(self, values: dict[str, Any]) -> None:
        """Close it."""
        services.close_incident(actor=self.person, incident=self.object, door=Door.WEB)


class IncidentReopen(IncidentVerb):
    """Open an incident again."""

    verb, label, form_class = "incident.reopen", LABELS["reopen"], ReasonForm
    message = "The incident is open again, and the gate is closed."

    def do(self, values: dict[str, Any]) -> None:
        """Open it."""
        services.reopen_incident(actor=self.person, incident=self.object, door=Door.WEB, **values)


class IncidentDismiss(IncidentVerb):
    """Say that nothing went wrong."""

    verb, label, form_class = "incident.dismiss", LABELS["dismiss"], ReasonForm
    message = "The incident is dismissed."

    def do(self, values: dict[str, Any]) -> None:
        """Dismiss it."""
        services.dismiss_incident(actor=self.person, incident=self.object, door=Door.WEB, **values)


class IncidentDuplicate(IncidentVerb):
    """Say that another incident is about the same thing."""

    verb, label, form_class = "incident.mark_duplicate", LABELS["mark_duplicate"], forms.DuplicateForm
    message = "The incident is marked as a duplicate."

    def form_arguments(self) -> dict[str, Any]:
        """Open incidents of the same system."""
        others = Incident.objects.filter(system=self.object.system_id, state__in=OPEN_STATES)
        return {"others": others.exclude(pk=self.object.pk)}

    def do(self, values: dict[str, Any]) -> None:
        """Mark it."""
        services.mark_duplicate(actor=self.person, incident=self.object, door=Door.WEB, **values)


class CheckAdd(IncidentVerb):
    """Write down what must hold before service returns."""

    verb, label, form_class = "incident.add_check", LABELS["add_check"], forms.CheckForm
    message = "The check is written down."

    def do(self, values: dict[str, Any]) -> None:
        """Add it."""
        services.add_check(actor=self.person, incident=self.object, door=Door.WEB, **values)


class CheckPass(VerbPage[ServiceCheck]):
    """Confirm with evidence that a check holds."""

    verb, label, form_class = "incident.pass_check", "Pass this check", forms.EvidenceForm
    template_name = "web/form.html"
    message = "The check has passed."
    lookups = {"pk": "check", "incident_id": "pk"}

    def objects(self) -> QuerySet[ServiceCheck]:
        """Checks with their incident."""
        return ServiceCheck.objects.select_related("incident__system")

    def offers(self) -> Iterable[Offer]:
        """What this person could do about the incident."""
        return queries.incident_offers(self.person, self.object.incident)

    def back(self) -> str:
        """The page of the incident."""
        return address(self.object.incident)

    def do(self, values: dict[str, Any]) -> None:
        """Pass it."""
        services.pass_check(actor=self.person, check=self.object, door=Door.WEB, **values)


class ActionAdd(IncidentVerb):
    """Give somebody something to do by a day."""

    verb, label, form_class = "incident.add_action", LABELS["add_action"], forms.ActionForm
    message = "The action item is on their list."

    def form_arguments(self) -> dict[str, Any]:
        """Whoever can see the system may be asked."""
        return {"people": holders(Permission.SYSTEM_VIEW, self.object)}

    def do(self, values: dict[str, Any]) -> None:
        """Add it."""
        values = {**values, "due": end_of(values["due"])}
        services.add_action(actor=self.person, incident=self.object, door=Door.WEB, **values)


class ActionFinish(ActionPage[ActionItem]):
    """Say that an action item is done."""

    permission = Permission.SYSTEM_VIEW
    verb = "incident.finish_action"
    lookups = {"pk": "action", "incident_id": "pk"}

    def objects(self) -> QuerySet[ActionItem]:
        """Action items with their incident."""
        return ActionItem.objects.select_related("incident__system")

    def act(self) -> HttpResponseBase:
        """Finish it."""
        services.finish_action(actor=self.person, action=self.object, door=Door.WEB)
        return self.done("The action item is done.", address(self.object.incident))


class NoteAdd(IncidentVerb):
    """Write a line on the timeline."""

    verb, label, form_class = "incident.note", LABELS["note"], forms.NoteForm
    message = "The note is on the timeline."

    def do(self, values: dict[str, Any]) -> None:
        """Note it."""
        services.note(actor=self.person, incident=self.object, door=Door.WEB, **values)
