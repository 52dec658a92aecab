"""Approvals from before the portal in the governance team's window: looked at, decided on their own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.web.office import Records, office
from inventory.models import LegacyApproval


@admin.register(LegacyApproval, site=office)
class LegacyApprovalRecords(Records):
    """Records of approvals given elsewhere."""

    list_display = ("system", "version", "approved_on", "approved_by", "state", "until", "brought_by", "decided_by")
    list_select_related = ("system", "brought_by", "decided_by")
    list_filter = ("state",)
    search_fields = ("system__name", "system__slug", "version", "reference")
    fields = (
        "system", "version", "approved_on", "approved_by", "reference", "report", "until", "sha256", "state",
        "brought_by", "brought_at", "decided_by", "decided_at", "decision_reason", "ended_by", "ended_at", "end_reason",
    )  # fmt: skip

    def view_on_site(self, obj: LegacyApproval) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/legacy-approvals/{obj.pk}/"
