"""The gap report as a table to look into."""

from __future__ import annotations

from typing import Any

from governance.access import rights
from governance.inputs import InvalidInput
from governance.policy.gaps import MET, UNKNOWN, UNKNOWN_TIER, UNMET
from governance.web.pages import Declared, Page
from inventory import queries
from inventory.gap_report import LISTED, gaps, report
from inventory.models import System, UnitClosure


class GapReport(Page):
    """Duty by tier over the systems the person may see; a cell leads to the systems in it."""

    permission = Declared.SIGNED_IN
    template_name = "inventory/gap_report.html"

    def context(self) -> dict[str, Any]:
        """The table, and the systems of the cell that was asked for. Raises InvalidInput for a cell there is not."""
        chosen = {name: self.request.GET.get(name, "") for name in ("duty", "tier", "status", "unit")}
        unknown = set(self.request.GET) - set(chosen)
        if unknown:
            raise InvalidInput({name: ["There is no such filter."] for name in sorted(unknown)})
        sight = rights.Sight(self.person)
        systems, units = sight.rows(System.objects.all()), queries.units_around(sight)
        if chosen["unit"]:
            systems = systems.filter(unit__in=_below(chosen["unit"]))
        rules, table = report(systems)
        titles = {requirement.id: requirement.title for requirement in rules.document.requirements}
        tiers = {tier.id: tier.title for tier in rules.document.tiers.order} | {UNKNOWN_TIER: "Tier unknown"}
        found = None
        if chosen["duty"]:
            self._refuse(chosen, titles, tiers)
            found = gaps(systems, chosen["duty"], chosen["tier"], chosen["status"])
        rows = [
            {"id": duty, "title": titles[duty], "cells": [(tier, by_tier[tier]) for tier in tiers]}
            for duty, by_tier in table.items()
        ]
        return {
            **super().context(), "rows": rows, "tiers": tiers, "chosen": chosen, "found": found, "units": units,
            "chosen_title": titles.get(chosen["duty"], ""), "listed": LISTED,
        }  # fmt: skip

    def _refuse(self, chosen: dict[str, str], titles: dict[str, str], tiers: dict[str, str]) -> None:
        wrong = {
            "duty": chosen["duty"] not in titles, "tier": chosen["tier"] not in {"", *tiers},
            "status": chosen["status"] not in {MET, UNMET, UNKNOWN},
        }  # fmt: skip
        if any(wrong.values()):
            raise InvalidInput({name: ["There is no such one."] for name, is_wrong in wrong.items() if is_wrong})


def _below(slug: str) -> Any:
    return UnitClosure.objects.filter(ancestor__slug=slug).values("descendant")
