"""Exceptions for a unit or a tier: whom they would reach, shown before they are asked for, and decided in one act."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.rights import NotVisible
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.validation import queries, services
from governance.validation.forms import ReasonForm, WaiversForm, end_of
from governance.validation.models import Waiver
from governance.validation.reach import Reached, reached
from governance.validation.services.waivers_together import MOST, refuse_unseen
from governance.web.pages import Declared, FormPage, ListPage

LABELS = {"grant": "Grant all that wait", "refuse": "Refuse all that wait"}


class WaiversRequest(FormPage):
    """Ask for an exception for a unit or a tier: first the systems it reaches are shown, then it is asked for."""

    permission = Declared.SIGNED_IN
    verb = "waiver.request"
    template_name = "validation/waivers_request.html"
    form_class = WaiversForm
    found: Reached | None = None

    def form_arguments(self) -> dict[str, Any]:
        """The units in which the person may ask for one."""
        return {"units": rights.Sight(self.person, Permission.WAIVER_REQUEST).units().order_by("name")}

    def context(self) -> dict[str, Any]:
        """What it reaches, once that was asked."""
        by_name = sorted(self.found.systems, key=lambda system: system.name) if self.found else []
        words = {
            "heading": "Ask for an exception for a unit or a tier",
            "lead": "First you see which systems it reaches, then you ask. Each gets an exception of its own; a system "
            "that comes later gets none.",
            "submit": f"Ask for these {len(by_name)}" if by_name else "Show which systems it reaches",
            "cancel": reverse("validation:waiver_list"),
        }  # fmt: skip
        return {**super().context(), **words, "reached": self.found, "by_name": by_name}

    def save(self, form: Any) -> HttpResponseBase:
        """Show what it reaches; ask for it when exactly that was shown."""
        values = {**form.cleaned_data, "until": end_of(form.cleaned_data["until"])}
        self.found = reached(self.person, values["unit"], values["tier"], most=MOST)
        shown = values["seen"]
        form.data = {**form.data.dict(), "seen": self.found.digest}
        if not shown:
            refuse_unseen(self.found, self.found.digest)
            return self.show(form=form)
        made = services.request_waivers(actor=self.person, door=Door.WEB, **values)
        sentence = f"Asked for {len(made)} exceptions. A risk officer decides."
        return self.done(sentence, reverse("validation:waivers_detail", args=[made[0].together]))


class WaiversPage(ListPage[Waiver]):
    """Exceptions that were asked for in one go, each with where it stands."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/waivers.html"
    orders: ClassVar = {"newest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Waiver]:
        """Those of the address."""
        return queries.waivers().filter(together=self.kwargs["together"])

    def context(self) -> dict[str, Any]:
        """What was asked, and what may be done. Raises NotVisible where nothing of it may be seen."""
        found = super().context()
        asked = found["slice"].rows
        if not asked:
            raise NotVisible
        first = asked[0]
        waiting = self.rows().filter(state=Waiver.State.REQUESTED)
        mine = rights.visible(self.person, waiting, Permission.WAIVER_GRANT).exists()
        verbs = [
            {"label": label, "href": reverse(f"validation:waivers_{verb}", args=[first.together])}
            for verb, label in LABELS.items()
            if mine and first.requested_by_id != self.person.pk
        ]
        return {**found, "first": first, "verbs": verbs, "now": portal_now()}


class WaiversVerb(FormPage, abstract=True):
    """One decision on all of them."""

    permission = Declared.SIGNED_IN
    template_name = "validation/form.html"
    form_class = ReasonForm
    label: ClassVar[str]

    def prepare(self) -> None:
        """Raise NotVisible where nothing of it may be seen."""
        asked = queries.waivers().filter(together=self.kwargs["together"])
        self.first = rights.visible(self.person, asked).first()
        if self.first is None:
            raise NotVisible

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        assert self.first is not None  # noqa: S101  prepared
        words = {
            "heading": self.label, "submit": self.label, "cancel": self._back(),
            "lead": f"“{self.first.title}” for {self.first.reach}. All of them or none.",
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Decide and show them."""
        made = services.decide_waivers(
            actor=self.person, together=self.kwargs["together"], verb=self.verb.partition(".")[2],
            reason=form.cleaned_data["reason"], door=Door.WEB,
        )  # fmt: skip
        return self.done(f"Decided on {len(made)} exceptions.", self._back())

    def _back(self) -> str:
        return reverse("validation:waivers_detail", args=[self.kwargs["together"]])


class WaiversGrant(WaiversVerb):
    """Grant all that wait."""

    verb, label = "waiver.grant", LABELS["grant"]


class WaiversRefuse(WaiversVerb):
    """Refuse all that wait."""

    verb, label = "waiver.refuse", LABELS["refuse"]
