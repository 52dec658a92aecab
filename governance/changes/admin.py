"""Changes in the governance team's window: looked at as they are, moved on their own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.changes.models import Change, FollowUp, Revalidation
from governance.web.office import Records, office


@admin.register(Change, site=office)
class ChangeRecords(Records):
    """Changes."""

    list_display = ("title", "system", "kind", "materiality", "state", "emergency", "requester", "created_at")
    list_select_related = ("system", "requester")
    list_filter = ("state", "materiality", "emergency")
    search_fields = ("title", "system__name", "system__slug")
    fields = (
        "system", "kind", "title", "what", "why", "components", "planned_from", "planned_until", "answers",
        "emergency", "target_release", "rollback_release", "rollback_plan", "test_plan", "test_results",
        "communication", "requester", "created_at", "pack", "tier", "computed", "rule", "explanation", "materiality",
        "overridden_by", "override_reason", "state", "submitted_at", "decided_at", "decided_by", "decision",
        "implemented_at", "implemented_by", "verify_due", "verified_at", "verified_by", "verification",
        "rolled_back_at", "rolled_back_by", "rollback_reason", "ratification", "ratify_due", "ratified_at",
        "ratified_by", "ratification_reason",
    )  # fmt: skip

    def view_on_site(self, obj: Change) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/changes/{obj.pk}/"


@admin.register(FollowUp, site=office)
class FollowUpRecords(Records):
    """Work that follows by itself."""

    list_display = ("title", "system", "cause", "owner", "due", "state")
    list_select_related = ("system", "owner")
    list_filter = ("state", "cause")
    search_fields = ("title", "system__name", "system__slug")
    fields = (
        "system", "cause", "step", "asset", "change", "pack", "revalidation", "origin", "title",
        "text", "owner", "due", "opened_at", "state",
        "settled_at", "settled_by", "note",
    )  # fmt: skip

    def view_on_site(self, obj: FollowUp) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/follow-ups/{obj.pk}/"


@admin.register(Revalidation, site=office)
class RevalidationRecords(Records):
    """Campaigns of revalidation."""

    list_display = ("title", "tier", "unit", "due", "started_by", "started_at", "ended_at")
    list_select_related = ("unit", "started_by")
    list_filter = ("tier",)
    search_fields = ("title",)
    fields = (
        "title", "tier", "unit", "ends_before", "due", "reason", "started_by", "started_at", "ended_at", "ended_by",
        "ended_reason",
    )  # fmt: skip

    def view_on_site(self, obj: Revalidation) -> str:
        """Its page in the portal, where it is ended."""
        return f"/revalidation/{obj.pk}/"
