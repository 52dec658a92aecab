"""Alerts on pages: the list with its inbox, one alert, assigning and handling it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import DetailPage, ListPage, ObjectFormPage
from incidents import watching
from incidents.models import Alert
from incidents.monitoring_forms import AlertFilter, AssignForm, HandleForm
from incidents.services.alerts import assign_alert, handle_alert
from inventory.models import System

P = Permission


def address(alert: Alert) -> str:
    """Where an alert's page is."""
    return reverse("incidents:alert_detail", args=[alert.pk])


def _find(person: User, kwargs: Mapping[str, Any]) -> Alert:
    found = watching.seen_alerts(person).filter(pk=kwargs["pk"]).first()
    if found is None:
        raise NotVisible
    return found


class AlertList(ListPage[Alert]):
    """Every alert a person may see, the newest first; the inbox of those that name no known system."""

    permission = P.SYSTEM_VIEW
    template_name = "incidents/alert_list.html"
    filter_class = AlertFilter
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Alert]:
        """Alerts with what the list shows of them."""
        return watching.alerts()

    def rows(self) -> QuerySet[Alert]:
        """Those the person may see, unassigned ones for who assigns."""
        return self.narrow(watching.seen_alerts(self.person), self.filters.cleaned_data)

    def narrow(self, rows: QuerySet[Alert], wanted: Mapping[str, Any]) -> QuerySet[Alert]:
        """By state and system; the open ones unless asked otherwise."""
        rows = watching.in_state(rows, wanted["state"] or "open")
        return rows.filter(system__slug=wanted["system"]) if wanted["system"] else rows


class AlertPage(DetailPage[Alert]):
    """One episode: what was told, what came of it, what this person can do."""

    permission = P.SYSTEM_VIEW
    template_name = "incidents/alert.html"

    def find(self, person: User, kwargs: Mapping[str, Any]) -> Alert:
        """The alert, if the person may see it."""
        return _find(person, kwargs)

    def context(self) -> dict[str, Any]:
        """Adds what can be done."""
        alert = self.object
        verbs = []
        if alert.system is None and rights.can(self.person, P.ALERT_ASSIGN):
            verbs.append(("assign", "Say which system it is about"))
        may = rights.can(self.person, P.ALERT_HANDLE, alert) if alert.system else bool(verbs)
        if may and alert.handled_at is None:
            verbs.append(("handle", "Say what was done about it"))
        links = [
            {"label": label, "href": reverse(f"incidents:alert_{verb}", args=[alert.pk]), "reasons": ()}
            for verb, label in verbs
        ]
        if alert.system and alert.incident_id is None and rights.can(self.person, P.INCIDENT_REPORT, alert.system):
            href = reverse("incidents:incident_report", args=[alert.system.slug])
            links.append({"label": "Report an incident", "href": href, "reasons": ()})
        return {**super().context(), "alert": alert, "verbs": links}


class AlertHandle(ObjectFormPage[Alert]):
    """Write down what was done about an alert."""

    permission = P.SYSTEM_VIEW
    verb = "alert.handle"
    template_name = "web/form.html"
    form_class = HandleForm

    def find(self, person: User, kwargs: Mapping[str, Any]) -> Alert:
        """The alert, if the person may see it."""
        return _find(person, kwargs)

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": "What was done about it", "pretitle": str(self.object)[:100], "submit": "Write it down"}
        return {**super().context(), **words, "cancel": address(self.object)}

    def save(self, form: Any) -> HttpResponseBase:
        """Handle it and show it."""
        handle_alert(actor=self.person, alert=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done("Written down.", address(self.object))


class AlertAssign(ObjectFormPage[Alert]):
    """Say which system an alert is about."""

    permission = P.ALERT_ASSIGN
    verb = "alert.assign"
    template_name = "web/form.html"
    form_class = AssignForm

    def prepare(self) -> None:
        """Alerts of no system hang on nothing: the right is asked for the whole organisation."""
        self.object = _find(self.person, self.kwargs)
        self.authorise(None)

    def form_arguments(self) -> dict[str, Any]:
        """Systems the person may see."""
        return {"systems": rights.visible(self.person, System.objects.defer("search").order_by("name"))}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": "Which system is it about?", "pretitle": str(self.object)[:100], "submit": "Assign it"}
        return {**super().context(), **words, "cancel": address(self.object)}

    def save(self, form: Any) -> HttpResponseBase:
        """Assign it and show it."""
        assign_alert(actor=self.person, alert=self.object, system=form.cleaned_data["system"], door=Door.WEB)
        return self.done("The alert is assigned; what its plan says follows now.", address(self.object))
