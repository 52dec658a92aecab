"""Decisions of two people on pages: buttons for what is offered, and the form of one thing done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.lifecycle import Offer
from governance.web.pages import ObjectFormPage
from inventory.models.by_two import ByTwo
from inventory.risk_forms import WhyForm
from inventory.services.by_two import Decisions

R = TypeVar("R", bound=ByTwo)
_HIDDEN = frozenset({"forbidden", "state"})


def buttons(
    row: ByTwo, offers: tuple[Offer, ...], labels: Mapping[str, str], page: str, alike: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Links to the forms of what is offered; of verbs that come to the same only the first is shown."""
    shown: dict[str, dict[str, Any]] = {}
    for offer in offers:
        if offer.verb not in labels or _HIDDEN & {reason.code for reason in offer.reasons}:
            continue
        href = reverse(f"inventory:{page}_{offer.verb}", args=[row.pk])
        key = "alike" if offer.verb in alike else offer.verb
        shown.setdefault(key, {"label": labels[offer.verb], "href": href, "reasons": offer.reasons})
    return list(shown.values())


class VerbPage(ObjectFormPage[R], Generic[R], abstract=True):
    """One thing done about a decision of two people; who may, and when, the service says."""

    permission = Permission.SYSTEM_VIEW
    template_name = "web/form.html"
    form_class = WhyForm
    decisions: ClassVar[Decisions[Any]]
    rows: ClassVar[Callable[[], QuerySet[Any]]]
    move: ClassVar[Callable[..., Any]]
    noun: ClassVar[str]
    page: ClassVar[str]
    labels: ClassVar[Mapping[str, str]]
    message: ClassVar[str]

    def objects(self) -> QuerySet[R]:
        """The rows with their system."""
        return type(self).rows()

    @property
    def word(self) -> str:
        """The verb without its noun."""
        return self.verb.rpartition(".")[2]

    def offers(self) -> tuple[Offer, ...]:
        """What this person could do about it."""
        return self.decisions.offers(self.object, self.person)

    def address(self) -> str:
        """Where its page is."""
        return reverse(f"inventory:{self.page}_detail", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        label = self.labels[self.word]
        words = {
            "heading": label, "submit": label, "lead": str(self.object), "pretitle": self.object.system.name,
            "cancel": self.address(),
        }  # fmt: skip
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Do it and show the page of it."""
        row = {self.noun: self.object}
        type(self).move(self.word, actor=self.person, door=Door.WEB, **row, **form.cleaned_data)
        return self.done(self.message, self.address())
