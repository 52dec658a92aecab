"""Trends over incidents as a page, a table and a PDF; each says of what its reader may see only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.web.pages import Declared, Page
from governance.web.typesetting import pdf
from incidents.trends.drawing import draw, ink_of
from incidents.trends.figures import Value
from incidents.trends.reading import PARAMETERS, PERIODS, Trends, trends_for
from inventory.exports import csv_lines

TEMPLATE = Path(__file__).parents[1] / "trends" / "board.typ"


class TrendsPage(Page):
    """The page."""

    permission = Declared.SIGNED_IN
    template_name = "incidents/trends.html"
    takes = PARAMETERS

    def trends(self) -> Trends:
        """The trends asked for in the address. Raises InvalidInput for a filter given twice or no choice."""
        if twice := [name for name, values in self.request.GET.lists() if len(values) > 1]:
            raise InvalidInput({name: ["Is given more than once."] for name in sorted(twice)})
        return trends_for(self.person, self.request.GET.dict(), portal_now())

    def context(self) -> dict[str, Any]:
        """The tables with their charts, and the choices."""
        told = self.trends()
        return {
            **super().context(), "told": told, "wanted": told.wanted, "periods": PERIODS,
            "parts": [(table, draw(table)) for table in told.tables], "asked": self.request.GET.urlencode(),
        }  # fmt: skip


class TrendsCsv(TrendsPage):
    """Every number of every table, one on each line."""

    permission = Declared.SIGNED_IN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Write them through the one writer that neutralises formulas."""
        told = self.trends()
        lines = csv_lines(("Table", "Row", "Column", "Value"), cells(told))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="incident-trends-{told.at:%Y-%m-%d}.csv"'
        return answer


class TrendsPdf(TrendsPage):
    """The same for the board."""

    permission = Declared.SIGNED_IN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The PDF."""
        told = self.trends()
        data = {
            "at": f"{told.at:%-d %b %Y %H:%M} UTC", "reader": str(self.person), "words": told.words(),
            "total": told.total, "left_out": told.left_out,
            "tables": [
                {
                    "title": table.title, "head": table.head, "rows": table.rows, "empty": table.empty,
                    "note": table.note, "drawn": table.drawn,
                    "inks": [ink_of(table, layer) for layer in range(len(table.drawn))],
                    "nested": table.layout == "nested",
                }
                for table in told.tables
            ],
        }  # fmt: skip
        answer = HttpResponse(pdf(TEMPLATE, data), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="incident-trends-{told.at:%Y-%m-%d}.pdf"'
        return answer


def cells(told: Trends) -> Iterator[tuple[Value, ...]]:
    """Each number with its table, row and column."""
    for table in told.tables:
        for row in table.rows:
            for column, value in zip(table.head[1:], row[1:], strict=True):
                yield table.title, row[0], column, value
