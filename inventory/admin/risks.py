"""The risk register in the governance team's window: looked at as it is, worked on its own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.web.office import Records, office
from inventory.models import Risk


@admin.register(Risk, site=office)
class RiskRecords(Records):
    """Risks."""

    list_display = ("title", "system", "area", "level", "residual_level", "state", "accepted_until")
    list_select_related = ("system",)
    list_filter = ("state", "level", "area", "treatment")
    search_fields = ("title", "system__name", "system__slug")
    fields = (
        "system", "title", "area", "source", "cause", "effect", "state", "likelihood", "consequence", "level",
        "consulted", "treatment", "plan", "cost", "benefit", "owner", "due", "residual_likelihood",
        "residual_consequence", "residual_level", "review_at", "accepted_by", "accepted_until", "acceptance",
        "created_by", "assessed_by", "created_at", "updated_at",
    )  # fmt: skip

    def view_on_site(self, obj: Risk) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/risks/{obj.pk}/"
