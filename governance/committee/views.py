"""The committee pack as a page and as a PDF. It covers what its reader may see, and says so."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from governance.access import rights
from governance.committee.figures import Figures, figures
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.models import Head
from governance.web.pages import Declared, Page
from governance.web.typesetting import pdf
from inventory import queries
from inventory.models import System, Unit, UnitClosure

TEMPLATE = Path(__file__).with_name("pack.typ")


class CommitteePack(Page):
    """The page."""

    permission = Declared.SIGNED_IN
    template_name = "committee/pack.html"
    takes = frozenset({"unit"})

    def context(self) -> dict[str, Any]:
        """The figures, of one unit and those below it if one is chosen. Raises InvalidInput for another unit."""
        sight = rights.Sight(self.person)
        units, chosen = queries.units_around(sight), self.request.GET.get("unit", "")
        unit = next((each for each in units if each.slug == chosen), None)
        if chosen and unit is None:
            raise InvalidInput({"unit": ["No unit you may see has this slug."]})
        head = Head.objects.first()
        return {
            **super().context(), "figures": self.figures(sight, unit), "units": units, "unit": unit,
            "head": head, "hash": bytes(head.hash).hex() if head else "",
        }  # fmt: skip

    def figures(self, sight: rights.Sight, unit: Unit | None) -> Figures:
        """What stands at this moment."""
        systems = sight.rows(System.objects.all())
        if unit is not None:
            systems = systems.filter(unit__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))
        return figures(systems, portal_now())


class CommitteePdf(CommitteePack):
    """The same as a file to send round."""

    permission = Declared.SIGNED_IN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The PDF."""
        context = self.context()
        told: Figures = context["figures"]
        unit, head = context["unit"], context["head"]
        content = pdf(
            TEMPLATE,
            _plain(asdict(told))
            | {
                "reader": str(self.person),
                "unit": unit.name if unit else "All units the reader may see",
                "total": told.inventory.total,
                "block": {"height": head.height, "hash": context["hash"]} if head else None,
            },
        )
        answer = HttpResponse(content, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="committee-pack-{told.at:%Y-%m-%d}.pdf"'
        return answer


def _plain(value: Any) -> Any:
    """Data as JSON can carry it; instants as the words that are printed."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return f"{value:%-d %b %Y %H:%M} UTC" if isinstance(value, datetime) else value
