"""A form that does one thing about a finding or a condition; who may, the service says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db.models import Model
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access.vocabulary import Permission
from governance.lifecycle import Offer
from governance.validation.forms import ReasonForm
from governance.web.pages import ObjectFormPage

M = TypeVar("M", bound=Model)


def buttons(noun: str, target: Model, offers: Iterable[Offer], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Links to the forms of what is offered; verbs the person's roles do not cover are left out."""
    return [
        {
            "label": labels[offer.verb],
            "href": reverse(f"validation:{noun}_{offer.verb}", args=[target.pk]),
            "reasons": offer.reasons,
        }
        for offer in offers
        if not offer.reasons or offer.reasons[0].code != "forbidden"
    ]


class VerbPage(ObjectFormPage[M], abstract=True):
    """One verb on one record."""

    permission = Permission.SYSTEM_VIEW
    template_name = "validation/form.html"
    form_class: ClassVar[type[forms.BaseForm]] = ReasonForm
    label: ClassVar[str]
    message: ClassVar[str]

    def back(self) -> str:
        """The page of the record."""
        raise NotImplementedError

    def about(self) -> str:
        """What the record says, above the form."""
        return str(self.object)

    def do(self, values: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        words = {"heading": self.label, "submit": self.label, "lead": self.about(), "cancel": self.back()}
        return {**super().context(), **words}

    def save(self, form: Any) -> HttpResponseBase:
        """Do it and show the record."""
        self.do(form.cleaned_data)
        return self.done(self.message, self.back())
