"""Evaluation results on a release's page, and the form that takes them in by the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ObjectFormPage
from inventory.evaluations import LARGEST_FILE, compared, from_file
from inventory.forms import LookMixin
from inventory.models import Release
from inventory.services.evaluations import FIELDS, record_evaluations

P = Permission
EXAMPLE = "metric,slice,value,threshold\nrecall,,0.91,0.85\nrecall,age 18-25,0.87,0.85"


class EvaluationForm(LookMixin, forms.Form):
    """A file, or its text."""

    file = forms.FileField(required=False, label="JSON or CSV file")
    text = forms.CharField(
        required=False, max_length=LARGEST_FILE, label="Or its text", widget=forms.Textarea({"rows": 8}),
        help_text=f"A header of {', '.join(FIELDS)}; only metric and value are needed.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Exactly one of them, as text."""
        values = super().clean() or {}
        file = values.get("file")
        if bool(file) == bool(values.get("text", "").strip()):
            raise forms.ValidationError("Choose a file or paste its text.")
        if file:
            if file.size > LARGEST_FILE:
                raise forms.ValidationError(f"The file is larger than {LARGEST_FILE:,} bytes.")
            try:
                values["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(f"The file is not UTF-8 (byte {error.start}).") from error
        return values


class EvaluationsRecord(ObjectFormPage[Release]):
    """Take in what was measured on a release."""

    permission = P.RELEASE_CHANGE
    verb = "evaluation.record"
    template_name = "web/form.html"
    form_class = EvaluationForm

    def objects(self) -> QuerySet[Release]:
        """Releases with their system."""
        return Release.objects.select_related("system")

    def initial(self) -> dict[str, Any]:
        """What it may look like."""
        return {"text": EXAMPLE}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Record evaluation results", "pretitle": str(self.object),
            "lead": "Results are added; the newest of each metric, slice and method counts.",
            "cancel": reverse("inventory:release_detail", args=[self.object.pk]),
        }  # fmt: skip

    def place_error(self, form: Any, field: str, sentences: list[str]) -> None:
        """`results.3.value` is the fourth result's value."""
        _, _, rest = field.partition("results.")
        place, _, name = rest.partition(".")
        where = f"Result {int(place) + 1}, {name}: " if place.isdigit() else ""
        form.add_error(None, [f"{where}{sentence}" for sentence in sentences])

    def save(self, form: Any) -> HttpResponseBase:
        """Record them."""
        made = record_evaluations(
            actor=self.person, release=self.object, results=from_file(form.cleaned_data["text"]), door=Door.WEB
        )
        return self.done(f"{len(made)} results recorded.", reverse("inventory:release_detail", args=[self.object.pk]))


def release_card(request: HttpRequest, release: Release) -> Mapping[str, Any] | None:
    """What was measured, beside the last approved release."""
    rows, earlier = compared(release)
    may = rights.can(request.user, P.RELEASE_CHANGE, release)
    return {"rows": rows, "earlier": earlier, "release": release, "may_record": may} if rows or may else None
