"""The proof of independence as a report: a page and a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.validation.acts import acts, acts_csv, narrowed, told, violated
from governance.validation.models import Act
from governance.web.pages import ListPage

LISTED = 50


class ActFilter(forms.Form):
    """Which acts."""

    system = forms.SlugField(required=False, max_length=120, label="System (its address)")
    release = forms.CharField(required=False, max_length=60)
    person = forms.CharField(required=False, max_length=150, label="User name")
    kind = forms.ChoiceField(choices=[("", "Every act"), *Act.Kind.choices], required=False, label="Act")


class IndependenceReport(ListPage[Act]):
    """Who edited, submitted, signed, verified and granted what; for who reads the record of the whole organisation."""

    permission = Permission.LEDGER_VIEW
    template_name = "validation/independence.html"
    filter_class = ActFilter
    orders = {"newest": ("-at", "-id"), "oldest": ("at", "id")}
    default_order = "newest"

    def prepare(self) -> None:
        """Acts name people of every system, so a right on one system does not open them."""
        self.authorise(None)
        super().prepare()

    def rows(self) -> QuerySet[Act]:
        """The acts the filters leave."""
        return self.narrow(acts(), self.filters.cleaned_data)

    def narrow(self, rows: QuerySet[Act], wanted: Mapping[str, Any]) -> QuerySet[Act]:
        """The declared filters."""
        return narrowed(rows, wanted)

    def context(self) -> dict[str, Any]:
        """Acts with what they violate, and every violation, also of rows that are no act of this list."""
        context = super().context()
        found, places = violated()
        query = self.request.GET.copy()
        for name in ("after", "before"):
            query.pop(name, None)
        return {
            **context, "told": list(told(context["slice"].rows, places)), "violations": found[:LISTED],
            "violations_count": len(found), "asked": query.urlencode(),
        }  # fmt: skip


class IndependenceExport(IndependenceReport):
    """The same acts as a file."""

    permission = Permission.LEDGER_VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Write them through the one writer that neutralises formulas."""
        rows = self.rows().order_by(*self.orders[self.order])
        response = StreamingHttpResponse(
            acts_csv(rows, self.filters.cleaned_data), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="independence-{portal_now():%Y-%m-%d}.csv"'
        return response
