"""The risk register on pages: the portfolio with its heat map, one risk, and a form for each thing done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.web.lists import LikedList
from governance.web.pages import DetailPage, ObjectFormPage
from inventory import risk_forms
from inventory.listings import RISKS
from inventory.models import Risk, System
from inventory.risks import heat_map, narrow, risk_rows, rules_of_risks, ungraded_closes
from inventory.services.risks import VERBS_OF_RISK, identify_risk, risk_offers

P = Permission
LABELS = {
    "analyse": "Grade it",
    "treat": "Say what is done about it",
    "accept": "Accept what remains",
    "review": "Look at it again",
    "entrust": "Give it to somebody, or another day",
    "close": "Close",
    "reopen": "Take it up again",
}
UNGRADED = "Until somebody grades it, it counts as too high: the gate refuses every release of this system."
# A right the person lacks, or a state that is past: no button at all, rather than one that is blocked.
_HIDDEN = frozenset({"forbidden", "state"})


def address(risk: Risk) -> str:
    """Where a risk's page is."""
    return reverse("inventory:risk_detail", args=[risk.pk])


def titles() -> dict[str, str]:
    """The pack's title of each level, likelihood and consequence by its word."""
    section = rules_of_risks()
    parts = (section.levels, section.likelihood, section.consequence) if section else ()
    return {level.id: level.title for part in parts for level in part}


def register_context(risks: QuerySet[Risk], where: str) -> dict[str, Any]:
    """The heat map over some risks; nothing where the policy keeps no register."""
    section = rules_of_risks()
    return {"heat": heat_map(risks, section, where) if section else None}


class RiskList(LikedList[Risk]):
    """The risks of every system the person may see, with the heat map of all of them."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/risk_list.html"
    listing = RISKS
    orders = {"newest": ("-id",), "oldest": ("id",)}
    default_order = "newest"

    def objects(self) -> QuerySet[Risk]:
        """Risks with what the list shows of them."""
        return risk_rows()

    def narrow(self, rows: QuerySet[Risk], wanted: Mapping[str, Any]) -> QuerySet[Risk]:
        """The declared filters."""
        return narrow(rows, wanted)

    def context(self) -> dict[str, Any]:
        """Adds the heat map; its fields lead to the list narrowed to them."""
        seen = rights.visible(self.person, Risk.objects.all())
        system = self.filters.cleaned_data.get("system")
        seen = seen.filter(system__slug=system) if system else seen
        where = f"?system={system}&" if system else "?"
        return {**super().context(), **register_context(seen, where), "words": titles(), "now": portal_now()}


class RiskDetail(DetailPage[Risk]):
    """One risk: what could happen, how bad it is, what is done, what remains, who carries it."""

    permission = P.SYSTEM_VIEW
    template_name = "inventory/risk_detail.html"

    def objects(self) -> QuerySet[Risk]:
        """Risks with everything shown of them."""
        return risk_rows()

    def context(self) -> dict[str, Any]:
        """Adds the verbs and the words of the policy."""
        risk = self.object
        words = titles()
        names = (
            "likelihood", "consequence", "level", "residual_likelihood", "residual_consequence", "residual_level",
        )  # fmt: skip
        return {
            **super().context(), "risk": risk, "system": risk.system,
            "grade": {name: words.get(getattr(risk, name), getattr(risk, name)) for name in names},
            "verbs": buttons(risk, risk_offers(risk, self.person)),
            "closes": UNGRADED if risk.state == Risk.State.IDENTIFIED and ungraded_closes(risk.system) else "",
        }  # fmt: skip


def buttons(risk: Risk, offers: tuple[Offer, ...]) -> list[dict[str, Any]]:
    """Links to the forms of what is offered."""
    return [
        {
            "label": LABELS[offer.verb],
            "href": reverse(f"inventory:risk_{offer.verb}", args=[risk.pk]),
            "reasons": offer.reasons,
        }
        for offer in offers
        if not _HIDDEN & {reason.code for reason in offer.reasons}
    ]


class RiskIdentify(ObjectFormPage[System]):
    """Write down what could go wrong with a system."""

    permission = P.RISK_CHANGE
    verb = "risk.identify"
    template_name = "web/form.html"
    form_class = risk_forms.IdentifyForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return System.objects.defer("search")

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        back = f"{reverse('inventory:system_detail', args=[self.object.slug])}?tab=risks"
        words = {"heading": "Write down a risk", "pretitle": self.object.name, "cancel": back}
        lead = UNGRADED if ungraded_closes(self.object) else ""
        return {**super().context(), **words, "lead": lead}

    def save(self, form: Any) -> HttpResponseBase:
        """Write it down and show it."""
        risk = identify_risk(actor=self.person, system=self.object, door=Door.WEB, **form.cleaned_data)
        closed = " Until then the gate of the system is closed." if ungraded_closes(self.object) else ""
        return self.done(f"The risk is written down. Next: grade it.{closed}", address(risk))


class RiskVerb(ObjectFormPage[Risk], abstract=True):
    """One thing done about a risk; who may, and when, the service says."""

    permission = P.SYSTEM_VIEW
    template_name = "web/form.html"
    form_class: ClassVar[type[forms.BaseForm]] = risk_forms.WhyForm
    message: ClassVar[str]
    shown: ClassVar[tuple[str, ...]] = ()

    def objects(self) -> QuerySet[Risk]:
        """Risks with their system."""
        return risk_rows()

    @property
    def word(self) -> str:
        """The verb without its noun."""
        return self.verb.removeprefix("risk.")

    def offers(self) -> tuple[Offer, ...]:
        """What this person could do about it."""
        return risk_offers(self.object, self.person)

    def initial(self) -> dict[str, Any]:
        """What is said so far."""
        return {name: getattr(self.object, name) for name in self.shown}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {
            "heading": LABELS[self.word], "submit": LABELS[self.word], "lead": str(self.object),
            "pretitle": self.object.system.name, "cancel": address(self.object),
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Do it and show the risk."""
        VERBS_OF_RISK[self.word](actor=self.person, risk=self.object, door=Door.WEB, **form.cleaned_data)
        return self.done(self.message, address(self.object))


class Graded(RiskVerb, abstract=True):
    """A verb that asks for likelihood and consequence."""

    def form_arguments(self) -> dict[str, Any]:
        """The words of the policy."""
        return {"section": rules_of_risks()}


class RiskAnalyse(Graded):
    """Say how likely it is and how bad."""

    verb, form_class, message = "risk.analyse", risk_forms.AnalyseForm, "The risk is graded."
    shown = ("likelihood", "consequence", "consulted")


class RiskTreat(Graded):
    """Say what is done about it."""

    verb, form_class, message = "risk.treat", risk_forms.TreatForm, "The treatment is written down."
    shown = ("treatment", "plan", "owner", "due", "cost", "benefit", "residual_likelihood", "residual_consequence")

    def form_arguments(self) -> dict[str, Any]:
        """Who could do it."""
        people: QuerySet[User] = rights.holders(P.SYSTEM_VIEW, self.object).order_by("name", "id")
        return {**super().form_arguments(), "people": people}


class RiskAccept(RiskVerb):
    """Accept what remains, for a time."""

    verb, form_class, message = "risk.accept", risk_forms.AcceptForm, "The risk is accepted until then."


class RiskReview(Graded):
    """Look at it again."""

    verb, form_class, message = "risk.review", risk_forms.ReviewForm, "The review is written down."
    shown = ("residual_likelihood", "residual_consequence", "review_at")


class RiskEntrust(RiskVerb):
    """Have somebody else treat it, or look at it again by another day."""

    verb, form_class, message = "risk.entrust", risk_forms.EntrustForm, "It is written down who treats it, by when."
    shown = ("owner", "review_at")

    def form_arguments(self) -> dict[str, Any]:
        """Who could do it."""
        return {"people": rights.holders(P.SYSTEM_VIEW, self.object).order_by("name", "id")}


class RiskClose(RiskVerb):
    """Say that it can no longer happen."""

    verb, message = "risk.close", "The risk is closed."


class RiskReopen(RiskVerb):
    """Take a closed risk up again."""

    verb, message = "risk.reopen", "The risk is open again; grade it anew."
