"""Lowered tiers in the governance team's window: looked at as they are, decided on their own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.web.office import Records, office
from inventory.models import LoweredTier


@admin.register(LoweredTier, site=office)
class LoweredTierRecords(Records):
    """Decisions to lower a tier."""

    list_display = ("system", "from_tier", "to_tier", "state", "review_at", "proposed_by", "decided_by")
    list_select_related = ("system", "proposed_by", "decided_by")
    list_filter = ("state", "from_tier", "to_tier")
    search_fields = ("system__name", "system__slug", "reason")
    fields = (
        "system", "from_tier", "to_tier", "pack", "reason", "review_at", "state", "proposed_by", "proposed_at",
        "decided_by", "decided_at", "decision_reason", "ended_by", "ended_at", "end_reason",
    )  # fmt: skip

    def view_on_site(self, obj: LoweredTier) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/lowered-tiers/{obj.pk}/"
