"""What assets and dependencies take in and show over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Day, Offered, StrictSerializer, Text
from inventory.api.serializers import PersonShown, UnitNamed
from inventory.models import Asset, Dependency, System

LONG = 10_000


class AssetListed(serializers.Serializer[Any]):
    """A line of the list of assets."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Asset.Kind.values)
    unit = UnitNamed()
    state = serializers.ChoiceField(Asset.State.values)
    newest_version = serializers.CharField(source="newest", allow_null=True)
    updated_at = serializers.DateTimeField()


class VersionShown(serializers.Serializer[Any]):
    """One version of an asset."""

    version = serializers.CharField()
    sha256 = serializers.CharField()
    uri = serializers.CharField()
    notes = serializers.CharField()
    created_by = PersonShown(allow_null=True)
    created_at = serializers.DateTimeField()


class AssetShown(AssetListed):
    """Everything recorded of an asset; what its kind is not asked is empty or not stated."""

    description = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the wire's word
    contact = serializers.CharField()
    vendor = serializers.CharField()
    licence = serializers.CharField()
    openness = serializers.ChoiceField(Asset.Openness.values)
    lock_in = serializers.CharField()
    contract = serializers.CharField()
    contract_ends_on = serializers.DateField(allow_null=True)
    location = serializers.CharField()
    permission = serializers.ChoiceField(Asset.Consent.values)
    permission_basis = serializers.CharField()
    personal_data = serializers.ChoiceField(System.Known.values)
    synthetic = serializers.ChoiceField(System.Known.values)
    retention = serializers.CharField()
    representation = serializers.CharField()
    quality_checks = serializers.CharField()
    training_data = serializers.CharField()
    access_control = serializers.CharField()
    state_reason = serializers.CharField()
    state_at = serializers.DateTimeField()
    state_by = PersonShown(allow_null=True)
    created_at = serializers.DateTimeField()
    available_actions = Offered(many=True)


class AssetDescribed(StrictSerializer):
    """The descriptive fields of an asset; what is left out stays, what its kind is not asked is refused."""

    description = Text(required=False, max_length=LONG)
    source = Text(required=False, max_length=1000)  # type: ignore[assignment]
    contact = Text(required=False, max_length=254)
    vendor = Text(required=False, max_length=300)
    licence = Text(required=False, max_length=200)
    openness = serializers.ChoiceField(Asset.Openness.values, required=False)
    lock_in = Text(required=False, max_length=LONG)
    contract = Text(required=False, max_length=300)
    contract_ends_on = Day(required=False, allow_null=True)
    location = Text(required=False, max_length=300)
    permission = serializers.ChoiceField(Asset.Consent.values, required=False)
    permission_basis = Text(required=False, max_length=LONG)
    personal_data = serializers.ChoiceField(System.Known.values, required=False)
    synthetic = serializers.ChoiceField(System.Known.values, required=False)
    retention = Text(required=False, max_length=300)
    representation = Text(required=False, max_length=LONG)
    quality_checks = Text(required=False, max_length=LONG)
    training_data = Text(required=False, max_length=LONG)
    access_control = Text(required=False, max_length=LONG)


class AssetAdded(AssetDescribed):
    """Input for a new asset."""

    name = Text(allow_blank=False, max_length=300)
    kind = serializers.ChoiceField(Asset.Kind.values)
    unit = Text(allow_blank=False, help_text="Slug of the unit that keeps it.")
    slug = Text(required=False, max_length=120)


class AssetChanged(AssetDescribed):
    """Input for a change of an asset."""

    name = Text(required=False, allow_blank=False, max_length=300)
    unit = Text(required=False, allow_blank=False, help_text="Slug of the unit it moves to.")


class VersionAdded(StrictSerializer):
    """Input for a version."""

    version = Text(allow_blank=False, max_length=200)
    sha256 = Text(required=False, max_length=71, help_text="64 lower-case hexadecimal digits, `sha256:` allowed.")
    uri = Text(required=False, max_length=1000)
    notes = Text(required=False, max_length=LONG)


class AssetReason(StrictSerializer):
    """The reason, which is always asked."""

    reason = Text(allow_blank=False, max_length=2000)


class DependencyShown(serializers.Serializer[Any]):
    """An edge: one of `system`, `asset` needs one of `on_system`, `on_asset`; an end you may not see is null."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug", allow_null=True, default=None)
    asset = serializers.CharField(source="asset.slug", allow_null=True, default=None)
    on_system = serializers.SerializerMethodField()
    on_asset = serializers.SerializerMethodField()
    relation = serializers.ChoiceField(Dependency.Relation.values)
    version = serializers.CharField(
        source="meant_version", help_text="The version it names, else the newest of the asset."
    )
    pinned = serializers.SerializerMethodField(help_text="Whether it names a version of its own.")
    note = serializers.CharField()
    created_by = PersonShown(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_on_system(self, edge: Any) -> str | None:
        """The system's slug, for who may see it."""
        return edge.on_system.slug if edge.on_system and edge.on_system_seen else None

    def get_on_asset(self, edge: Any) -> str | None:
        """The asset's slug, for who may see it."""
        return edge.on_asset.slug if edge.on_asset and edge.on_asset_seen else None

    def get_pinned(self, edge: Any) -> bool:
        """Whether a version is named."""
        return edge.version_id is not None


class DependencyAdded(StrictSerializer):
    """Input for an edge: exactly one beginning and one end, by slug."""

    system = Text(required=False, max_length=120)
    asset = Text(required=False, max_length=120)
    on_system = Text(required=False, max_length=120)
    on_asset = Text(required=False, max_length=120)
    relation = serializers.ChoiceField(Dependency.Relation.values)
    version = Text(required=False, max_length=200)
    note = Text(required=False, max_length=2000)


class ReachedShown(serializers.Serializer[Any]):
    """One thing a failure spreads to."""

    slug = serializers.CharField()
    name = serializers.CharField()
    depth = serializers.IntegerField(help_text="Steps away.")
    state = serializers.CharField(help_text="Phase of a system, state of an asset.")


class OwnedShown(ReachedShown):
    """A system a failure spreads to."""

    owner = serializers.CharField(allow_null=True, help_text="Username of its owner.")


class RunningShown(serializers.Serializer[Any]):
    """A release a failure spreads to."""

    id = serializers.IntegerField()
    system = serializers.CharField()
    version = serializers.CharField()
    state = serializers.CharField()
    environments = serializers.ListField(
        child=serializers.CharField(), help_text="Where it is reported to run; empty where nobody reports."
    )


class SpreadShown(serializers.Serializer[Any]):
    """Everything that depends on one thing, the nearest first, as far as you may see."""

    systems = OwnedShown(many=True)
    assets = ReachedShown(many=True)
    releases = RunningShown(many=True)
    owners = PersonShown(many=True)
    depth = serializers.IntegerField(help_text="Steps to the farthest.")
    total = serializers.IntegerField(help_text="How many things are reached.")
    hidden = serializers.IntegerField(help_text="How many of them you may not see.")
    truncated = serializers.BooleanField(help_text="Whether more is reached than is listed.")
