"""What a system brought, on its page: charts beside the objectives, the table, and the form for a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.pages import ObjectFormPage
from inventory import queries
from inventory.forms import LookMixin
from inventory.models import System, ValuePeriod
from inventory.services.values import MEASURES, record_values
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
