"""Deployments: which release was seen running where, since when, and who said so."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from inventory.models.releases import Release
from inventory.models.systems import System


class Deployment(models.Model):
    """What one report says runs of a system at a place; append-only, as evidence is.

    A place is an environment, or a cluster of it that bears a name. A report says all that runs of its system there, so
    the next one of the same place ends it: the end is read from its successor
    (`inventory.deployments`) and never written into the row. That nothing runs any more is a row of its own, with
    `runs` false. Rows of one report bear the same instant `at` and stand side by side: during a rolling deployment two
    releases run at once.
    """

    scope = "system"

    class Source(models.TextChoices):
        """Who can know it: who put it there, who runs it, or a person who looked."""

        CI = "ci", "A pipeline"
        CLUSTER = "cluster", "What runs it"
        PERSON = "person", "A person"

    class Hosting(models.TextChoices):
        """On whose machines."""

        CLOUD = "cloud", "Cloud"
        ON_PREMISES = "on_premises", "On premises"

    class Strategy(models.TextChoices):
        """How it took the place of what ran before."""

        BLUE_GREEN = "blue_green", "Blue-green"
        CANARY = "canary", "Canary"
        ROLLING = "rolling", "Rolling"
        ALL_AT_ONCE = "all_at_once", "All at once"

    at = models.DateTimeField("reported")
    since = models.DateTimeField("runs since")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    token = models.ForeignKey("access.Token", models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=7, choices=Source.choices)
    system = models.ForeignKey(System, models.PROTECT, related_name="deployments", db_index=False)
    environment = models.CharField(max_length=60)
    cluster = models.CharField(
        max_length=60, blank=True, help_text="The place within the environment; empty is the whole of it."
    )
    runs = models.BooleanField(default=True)
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="deployments")
    named = models.CharField("the release by the reporter's word", max_length=120, blank=True)
    sha256 = ArrayField(models.CharField(max_length=64), default=list, blank=True, verbose_name="SHA-256 that run")
    hosting = models.CharField(max_length=11, choices=Hosting.choices, blank=True)
    provider = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    strategy = models.CharField(max_length=11, choices=Strategy.choices, blank=True)
    share = models.DecimalField(
        "percent of what serves the environment", max_digits=5, decimal_places=2, null=True, blank=True,
        help_text="Of traffic or instances, all of the system there being 100; empty where nobody said.",
    )  # fmt: skip
    pipeline = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["system", "environment", "cluster", "at"], name="deployment_newest")]
        constraints = [
            models.CheckConstraint(condition=~Q(environment=""), name="deployment_has_environment"),
            models.CheckConstraint(
                condition=Q(runs=True, sha256__len__gte=1) | Q(runs=False, release=None, sha256=[]),
                name="deployment_runs_by_digest",
            ),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gt=0, share__lte=100), name="deployment_share_is_percent"
            ),
        ]

    def __str__(self) -> str:
        version = self.release.version if self.release else self.named or "an unknown release"
        return (
            f"{self.system} {version} in {self.environment}" if self.runs else f"no {self.system} in {self.environment}"
        )


class ReportingPlace(models.Model):
    """When a place was heard of last about a system: most reports say what is known and leave no row."""

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="places", db_index=False)
    environment = models.CharField(max_length=60)
    cluster = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=7, choices=Deployment.Source.choices)
    first_heard = models.DateTimeField()
    last_heard = models.DateTimeField()
    heard = models.PositiveIntegerField(default=1, help_text="How often.")

    class Meta:
        ordering = ["last_heard", "id"]
        constraints = [models.UniqueConstraint(fields=["system", "environment", "cluster"], name="place_once")]

    def __str__(self) -> str:
        return f"{self.environment} {self.cluster}".strip()
