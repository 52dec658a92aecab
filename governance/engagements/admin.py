"""Audits in the governance team's window: looked at here, moved on their own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.engagements.models import AuditFinding, Engagement, Member
from governance.web.office import Records, office


@admin.register(Engagement, site=office)
class EngagementRecords(Records):
    """Audits tied to no release."""

    list_display = ("title", "kind", "state", "ends_at", "planned_by", "next_at")
    list_select_related = ("planned_by",)
    list_filter = ("state", "kind")
    search_fields = ("title",)
    fields = (
        "kind", "title", "purpose", "unit", "period_from", "ends_at", "planned_by", "planned_at", "state", "summary",
        "report", "report_name", "reported_by", "reported_at", "next_at", "ended_by", "ended_at", "note",
    )  # fmt: skip

    def view_on_site(self, obj: Engagement) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/engagements/{obj.pk}/"


@admin.register(Member, site=office)
class MemberRecords(Records):
    """Who is on which team, until when."""

    list_display = ("person", "engagement", "leads", "until", "left_at")
    list_select_related = ("person", "engagement")
    search_fields = ("person__username", "person__name", "engagement__title")
    fields = ("engagement", "person", "leads", "until", "added_by", "added_at", "left_at", "left_reason")


@admin.register(AuditFinding, site=office)
class AuditFindingRecords(Records):
    """What audits found."""

    list_display = ("title", "system", "engagement", "severity", "state", "due")
    list_select_related = ("system", "engagement")
    list_filter = ("state", "severity")
    search_fields = ("title", "system__name", "system__slug")
    fields = (
        "engagement", "system", "title", "text", "severity", "due", "raised_by", "raised_at", "state", "response",
        "responded_by", "verification", "verified_by",
    )  # fmt: skip

    def view_on_site(self, obj: AuditFinding) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/audit-findings/{obj.pk}/"
