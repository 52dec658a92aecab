"""Reports of what runs in the governance team's window: evidence, looked at only."""

from __future__ import annotations

from django.contrib import admin

from governance.web.office import Records, office
from inventory.models import Deployment


@admin.register(Deployment, site=office)
class DeploymentRecords(Records):
    """Deployments, as they were reported."""

    list_display = ("system", "environment", "release", "runs", "since", "at", "source", "reported_by")
    list_select_related = ("system", "release", "reported_by")
    list_filter = ("environment", "source", "runs")
    search_fields = ("system__name", "system__slug", "release__version", "named")
    fields = (
        "system", "environment", "runs", "release", "named", "sha256", "hosting", "provider", "region", "strategy",
        "pipeline", "source", "since", "at", "reported_by",
    )  # fmt: skip

    def view_on_site(self, obj: Deployment) -> str:
        """The page of its system."""
        return f"/systems/{obj.system.slug}/"
