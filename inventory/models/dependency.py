"""Dependencies: typed edges from a system or an asset to what it needs. Rings may exist; readers must expect them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from inventory.models.asset import Asset, AssetVersion
from inventory.models.systems import System

# One number for either kind of end: assets above zero, systems below. SQL that is to use the indexes writes it the same
# way, `coalesce(asset_id, system_id * -1)`.
NEEDS = Coalesce(F("asset_id"), F("system_id") * -1)
NEEDED = Coalesce(F("on_asset_id"), F("on_system_id") * -1)


class Dependency(models.Model):
    """That one thing needs another, from `created_at` until somebody ends it.

    Without a `version` the newest version of the asset is meant.
    """

    scope = "system"
    unit_scope = "asset__unit"

    class Relation(models.TextChoices):
        """In which way."""

        USES = "uses", "uses"
        TRAINED_ON = "trained_on", "is trained on"
        TESTED_ON = "tested_on", "is tested on"
        DERIVED_FROM = "derived_from", "is derived from"
        CALLS = "calls", "calls"
        RUNS_ON = "runs_on", "runs on"
        SHOWN_IN = "shown_in", "is shown in"

    system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="dependencies")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="dependencies")
    on_system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="dependents")
    on_asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="dependents")
    version = models.ForeignKey(AssetVersion, models.PROTECT, null=True, blank=True, related_name="dependents")
    relation = models.CharField(max_length=12, choices=Relation.choices)
    note = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "dependencies"
        indexes = [
            models.Index(NEEDS, condition=Q(ended_at=None), name="dependency_needs"),
            models.Index(NEEDED, condition=Q(ended_at=None), name="dependency_needed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(system=None, asset__isnull=False) | Q(system__isnull=False, asset=None),
                name="dependency_of_one",
            ),
            models.CheckConstraint(
                condition=Q(on_system=None, on_asset__isnull=False) | Q(on_system__isnull=False, on_asset=None),
                name="dependency_on_one",
            ),
            models.CheckConstraint(
                condition=Q(asset=None) | Q(on_system=None), name="dependency_asset_needs_no_system"
            ),
            models.CheckConstraint(
                condition=(Q(system=None) | Q(on_system=None) | ~Q(system=F("on_system")))
                & (Q(asset=None) | Q(on_asset=None) | ~Q(asset=F("on_asset"))),
                name="dependency_not_on_itself",
            ),
            models.CheckConstraint(
                condition=Q(version=None) | Q(on_asset__isnull=False), name="dependency_version_of_an_asset"
            ),
            models.UniqueConstraint(
                fields=["system", "asset", "on_system", "on_asset"], condition=Q(ended_at=None),
                nulls_distinct=False, name="dependency_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.system or self.asset} {self.get_relation_display()} {self.on_system or self.on_asset}"

    @property
    def end(self) -> Asset | System:
        """What is needed."""
        found = self.on_asset or self.on_system
        assert found is not None  # noqa: S101  a constraint says so
        return found

    @property
    def start(self) -> Asset | System:
        """What needs it."""
        found = self.asset or self.system
        assert found is not None  # noqa: S101  a constraint says so
        return found

    @property
    def end_name(self) -> str:
        """What is needed, with its kind, as packages name it: `asset:customers`, `system:fraud-scorer`."""
        return f"{'asset' if self.on_asset_id else 'system'}:{self.end.slug}"

    @property
    def meant_version(self) -> str:
        """The version it names, else the newest of the asset (read by `inventory.dependencies`)."""
        return self.version.version if self.version else getattr(self, "newest", None) or ""

    @property
    def meant_sha256(self) -> str:
        """The digest of that version, if it has one."""
        return self.version.sha256 if self.version else getattr(self, "newest_sha256", None) or ""
