"""What a system brought, on its page: charts beside the objectives, the table, and the form for a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.web.pages import DetailPage, ObjectFormPage
from inventory import queries
from inventory.exports import csv_lines
from inventory.forms import LookMixin
from inventory.imports.reader import Refused, Unreadable
from inventory.models import System, ValuePeriod
from inventory.services.value_files import LIMITS, import_values
from inventory.services.values import FIELDS, MEASURES, MOST, record_values
from inventory.value import TITLES, charts_of, periods_of

P = Permission


def _number(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, max_digits=20, decimal_places=4)


class ValueForm(LookMixin, forms.Form):
    """One period; what nobody knows stays empty."""

    period = forms.ChoiceField(label="Period", choices=ValuePeriod.Period.choices)
    starts_on = forms.DateField(
        label="First day", widget=forms.DateInput({"type": "date"}), help_text="Of the month, quarter or year."
    )
    currency = forms.CharField(max_length=3, help_text="Three letters, like EUR; the same for all of a system.")
    outcome_unit = forms.CharField(
        label="What the outcome counts", required=False, max_length=200,
        help_text="In the words of the objectives, like “share of fraud stopped, in %”.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for measure in MEASURES:
            for side in ("expected", "actual"):
                self.fields[f"{side}_{measure}"] = _number(f"{TITLES[measure]}, {side}")
        self.fields["note"] = forms.CharField(required=False, max_length=4000, widget=forms.Textarea({"rows": 3}))
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("class", "form-select" if name == "period" else "form-control")


def address(system: System) -> str:
    """Where the value of a system is shown."""
    return f"{reverse('inventory:system_detail', args=[system.slug])}?tab=value"


class ValueRecord(ObjectFormPage[System]):
    """Say what one period was expected to bring, and what it brought."""

    permission = P.SYSTEM_CHANGE
    verb = "value.record"
    template_name = "web/form.html"
    form_class = ValueForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return queries.system_pages()

    def initial(self) -> dict[str, Any]:
        """Currency and unit as they were last."""
        last = next(reversed(periods_of(self.object)), None)
        return {"currency": last.currency, "outcome_unit": last.outcome_unit, "period": last.period} if last else {}

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        return {
            **super().context(), "heading": "Record value", "pretitle": self.object.name,
            "lead": "The newest word on a period counts; what was said before stays on the record.",
            "cancel": address(self.object),
        }  # fmt: skip

    def place_error(self, form: Any, field: str, sentences: list[str]) -> None:
        """`periods.0.currency` is the currency of the form."""
        name = field.removeprefix("periods.0.")
        form.add_error(name if name in form.fields else None, sentences)

    def save(self, form: Any) -> HttpResponseBase:
        """Record it."""
        (made,) = record_values(actor=self.person, system=self.object, periods=[form.cleaned_data], door=Door.WEB)
        return self.done(f"{made.name} is recorded.", address(self.object))


class ValueFileForm(forms.Form):
    """A file of figures."""

    file = forms.FileField(
        label="CSV file", max_length=1000, widget=forms.ClearableFileInput({"class": "form-control", "accept": ".csv"}),
        help_text=f"At most {LIMITS.bytes // 1024 // 1024} MB and {MOST} rows, one a period.",
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LIMITS.bytes:
            raise forms.ValidationError(f"At most {LIMITS.bytes // 1024 // 1024} MB are taken here.")
        return file


class ValueUpload(ObjectFormPage[System]):
    """Record the figures of a file, everything or nothing."""

    permission = P.SYSTEM_CHANGE
    verb = "value.record"
    template_name = "web/form.html"
    form_class = ValueFileForm
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return queries.system_pages()

    def context(self) -> dict[str, Any]:
        """The words around the form."""
        lead = (
            f"Columns: {', '.join(FIELDS)}. “period” is month, quarter or year, “starts_on” its first day; what nobody "
            "knows stays empty. The table on the page of values is downloaded in these columns."
        )
        return {
            **super().context(), "heading": "Take in value by period", "pretitle": self.object.name, "lead": lead,
            "submit": "Take the file", "cancel": address(self.object),
        }  # fmt: skip

    def save(self, form: Any) -> HttpResponseBase:
        """Record it, or say what stands on which line."""
        content = form.cleaned_data["file"].read()
        try:
            report = import_values(actor=self.person, system=self.object, content=content, door=Door.WEB)
        except Refused as refused:
            said = [f"Line {one.line}{f', {one.field}' if one.field else ''}: {one.message}" for one in refused.errors]
            raise InvalidInput({"file": said}) from refused
        except Unreadable as unreadable:
            raise InvalidInput({"file": [str(unreadable)]}) from unreadable
        words = f"{report.created} periods are new, {report.updated} said anew, {report.unchanged} known already."
        return self.done(words, address(self.object))


class ValueTemplate(DetailPage[System]):
    """The columns as a file, with what is said so far: filled in, it is taken in again."""

    permission = P.SYSTEM_VIEW
    lookups = {"slug": "slug"}

    def objects(self) -> QuerySet[System]:
        """Systems."""
        return queries.system_pages()

    def show(self, status: int = 200, **extra: Any) -> HttpResponse:
        """A CSV file."""
        rows = ([getattr(one, name) for name in FIELDS] for one in periods_of(self.object))
        answer = HttpResponse("".join(csv_lines(FIELDS, rows)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.object.slug}-value.csv"'
        return answer


def system_tab(request: HttpRequest, system: System) -> Mapping[str, Any]:
    """Charts, table and objectives of a system."""
    person = request.user
    assert isinstance(person, User)  # noqa: S101  a page of signed-in people
    periods = periods_of(system)
    rows = [
        {"period": one, "pairs": [
            {"measure": TITLES[m], "expected": getattr(one, f"expected_{m}"), "actual": getattr(one, f"actual_{m}")}
            for m in MEASURES
        ]}
        for one in reversed(periods)
    ]  # fmt: skip
    return {
        "system": system, "charts": charts_of(periods), "rows": rows, "titles": list(TITLES.values()),
        "may_record": rights.can(person, P.SYSTEM_CHANGE, system),
    }  # fmt: skip
