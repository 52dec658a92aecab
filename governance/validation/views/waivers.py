"""Waivers, which pages call exceptions: all of them, one, asking for one, and what is done about one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.validation import queries, services
from governance.validation.forms import ReasonForm, WaiverForm, end_of
from governance.validation.models import Waiver
from governance.validation.views.verbs import VerbPage, buttons
from governance.web.pages import DetailPage, ListPage, ObjectFormPage
from inventory.models import System

LABELS = {"grant": "Grant", "refuse": "Refuse", "withdraw": "Withdraw the request", "revoke": "Take it back"}


def address(waiver: Waiver) -> str:
    """Where a waiver's page is."""
    return reverse("validation:waiver_detail", args=[waiver.pk])


class WaiverFilter(forms.Form):
    """Which exceptions."""

    state = forms.ChoiceField(choices=[("", "Every state"), *Waiver.State.choices], required=False)


class WaiverList(ListPage[Waiver]):
    """Every exception a person may see, the newest first."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/waiver_list.html"
    filter_class = WaiverFilter
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Waiver]:
        """Waivers with their system and people."""
        return queries.waivers()

    def narrow(self, rows: QuerySet[Waiver], wanted: Mapping[str, Any]) -> QuerySet[Waiver]:
        """By state."""
        return rows.filter(state=wanted["state"]) if wanted["state"] else rows

    def context(self) -> dict[str, Any]:
        """Adds the present, to tell what has ended."""
        return {**super().context(), "now": portal_now()}


class WaiverPage(DetailPage[Waiver]):
    """An exception with what this person can do about it."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/waiver.html"

    def objects(self) -> QuerySet[Waiver]:
        """Waivers with their system and people."""
        return queries.waivers()

    def context(self) -> dict[str, Any]:
        """Adds the verbs."""
        verbs = buttons("waiver", self.object, queries.waiver_offers(self.person, self.object), LABELS)
        ended = self.object.state == Waiver.State.GRANTED and self.object.until <= portal_now()
        return {**super().context(), "waiver": self.object, "verbs": verbs, "ended": ended}


class WaiverRequest(ObjectFormPage[System]):
    """Ask for an exception for a system."""

    permission = Permission.WAIVER_REQUEST
    verb = "waiver.request"
    template_name = "validation/form.html"
    form_class = WaiverForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.all()

    def initial(self) -> dict[str, Any]:
        """What the link that led here named."""
        return {name: self.request.GET.get(name, "")[:80] for name in ("requirement", "environment")}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": "Ask for an exception (waiver)", "pretitle": self.object.name, "submit": "Ask for it",
            "cancel": reverse("inventory:system_detail", args=[self.object.slug]),
            "lead": "A risk officer who does not build the system decides. Sign-offs, digests, revocation and holds "
            "allow no exception.",
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Ask for it and show it."""
        values = {**form.cleaned_data, "until": end_of(form.cleaned_data["until"])}
        waiver = services.request_waiver(actor=self.person, system=self.object, door=Door.WEB, **values)
        return self.done("The exception is asked for. A risk officer decides.", address(waiver))


class OptionalReasonForm(forms.Form):
    """Why, if there is something to say."""

    reason = forms.CharField(label="Why", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class WaiverVerb(VerbPage[Waiver], abstract=True):
    """One thing done about an exception."""

    def objects(self) -> QuerySet[Waiver]:
        """Waivers with their system and people."""
        return queries.waivers()

    def offers(self) -> Iterable[Offer]:
        """What this person could do about it."""
        return queries.waiver_offers(self.person, self.object, every=True)

    def back(self) -> str:
        """The page of the exception."""
        return address(self.object)


class WaiverGrant(WaiverVerb):
    """Grant an exception."""

    verb, label, form_class = "waiver.grant", LABELS["grant"], ReasonForm
    message = "The exception is granted until the day that was asked for."

    def do(self, values: dict[str, Any]) -> None:
        """Grant it."""
        services.grant_waiver(actor=self.person, waiver=self.object, door=Door.WEB, **values)


class WaiverRefuse(WaiverVerb):
    """Refuse an exception."""

    verb, label, form_class = "waiver.refuse", LABELS["refuse"], ReasonForm
    message = "The exception is refused."

    def do(self, values: dict[str, Any]) -> None:
        """Refuse it."""
        services.refuse_waiver(actor=self.person, waiver=self.object, door=Door.WEB, **values)


class WaiverWithdraw(WaiverVerb):
    """Withdraw a request."""

    verb, label, form_class = "waiver.withdraw", LABELS["withdraw"], OptionalReasonForm
    message = "The request is withdrawn."

    def do(self, values: dict[str, Any]) -> None:
        """Withdraw it."""
        services.withdraw_waiver(actor=self.person, waiver=self.object, door=Door.WEB, **values)


class WaiverRevoke(WaiverVerb):
    """Take a granted exception back."""

    verb, label, form_class = "waiver.revoke", LABELS["revoke"], ReasonForm
    message = "The exception no longer counts."

    def do(self, values: dict[str, Any]) -> None:
        """Take it back."""
        services.revoke_waiver(actor=self.person, waiver=self.object, door=Door.WEB, **values)
