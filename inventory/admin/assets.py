"""Assets and dependencies in the governance team's window: looked at as they are, stopped by the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Door
from governance.web.office import OfficeVerb, Records, office
from inventory.admin.records import Lines
from inventory.models import Asset, AssetVersion, Dependency
from inventory.services.assets import MOVES
from inventory.services.dependencies import end_dependency

P = Permission


class WhyForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 3}))


def _move(verb: str) -> Any:
    def run(actor: User, obj: Asset, values: Mapping[str, Any]) -> Asset:
        return MOVES[verb](actor=actor, asset=obj, door=Door.ADMIN, **values)

    return run


def _end(actor: User, obj: Dependency, values: Mapping[str, Any]) -> Dependency:
    return end_dependency(actor=actor, dependency=obj, door=Door.ADMIN, **values)


class VersionLines(Lines):
    """Every version."""

    model = AssetVersion
    fields = ("version", "sha256", "uri", "created_by", "created_at")


@admin.register(Asset, site=office)
class AssetRecords(Records):
    """Assets."""

    list_display = ("name", "slug", "kind", "unit", "state", "updated_at")
    list_select_related = ("unit",)
    list_filter = ("kind", "state")
    search_fields = ("name", "slug", "vendor")
    ordering = ("-updated_at", "-id")
    fields = (
        "name", "slug", "kind", "unit", "state", "state_reason", "state_at", "state_by", "description", "source",
        "contact", "vendor", "licence", "openness", "lock_in", "contract", "contract_ends_on", "location", "permission",
        "permission_basis", "personal_data", "synthetic", "retention", "representation", "quality_checks",
        "training_data", "access_control", "created_by", "created_at", "updated_at",
    )  # fmt: skip
    inlines = (VersionLines,)
    verbs: ClassVar = {
        "withdraw": OfficeVerb("Withdraw", P.ASSET_STOP, "asset.withdraw", _move("withdraw"), WhyForm),
        "breach": OfficeVerb("Declare a breach", P.ASSET_STOP, "asset.breach", _move("breach"), WhyForm),
        "restore": OfficeVerb("Return to use", P.ASSET_RESTORE, "asset.restore", _move("restore"), WhyForm),
    }

    def view_on_site(self, obj: Asset) -> str:
        """Its page in the portal."""
        return f"/assets/{obj.slug}/"


@admin.register(Dependency, site=office)
class DependencyRecords(Records):
    """Dependencies."""

    list_display = ("__str__", "relation", "created_at", "ended_at")
    list_select_related = ("system", "asset", "on_system", "on_asset")
    list_filter = ("relation",)
    fields = (
        "system", "asset", "on_system", "on_asset", "version", "relation", "note", "created_by", "created_at",
        "ended_by", "ended_at",
    )  # fmt: skip
    verbs: ClassVar = {"end": OfficeVerb("End", P.DEPENDENCY_CHANGE, "dependency.end", _end, WhyForm)}
