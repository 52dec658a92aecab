"""Campaigns and certifications in the governance team's window: looked at here, moved on their own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.validation.models import Campaign, Certification
from governance.web.office import Records, office


@admin.register(Campaign, site=office)
class CampaignRecords(Records):
    """Campaigns of certifications."""

    list_display = ("title", "tier", "unit", "due", "started_by", "started_at", "ended_at")
    list_select_related = ("unit", "started_by")
    list_filter = ("tier",)
    search_fields = ("title",)
    fields = (
        "title", "tier", "unit", "due", "reason", "started_by", "started_at", "ended_at", "ended_by", "ended_reason",
    )  # fmt: skip

    def view_on_site(self, obj: Campaign) -> str:
        """Its page in the portal, where it is ended."""
        return f"/certifications/campaigns/{obj.pk}/"


@admin.register(Certification, site=office)
class CertificationRecords(Records):
    """What owners say of the records of their systems."""

    list_display = ("system", "campaign", "state", "decided_by", "decided_at")
    list_select_related = ("system", "campaign", "decided_by")
    list_filter = ("state",)
    search_fields = ("system__name", "system__slug", "campaign__title")
    fields = ("campaign", "system", "state", "record", "statement", "decided_by", "decided_at")

    def view_on_site(self, obj: Certification) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/certifications/{obj.pk}/"
