"""Monitoring: what is watched on a system, with which limits, and every value that was measured."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from inventory.models import System


class MonitoringPlan(models.Model):
    """One line of a system's monitoring plan: a metric on a slice of the data, its limits, and what a breach brings."""

    scope = "system"

    class Kind(models.TextChoices):
        """What the metric tells about."""

        PERFORMANCE = "performance", "Performance"
        DATA_QUALITY = "data_quality", "Data quality"
        INPUT_DRIFT = "input_drift", "Input drift"
        CONCEPT_DRIFT = "concept_drift", "Concept drift"
        FAIRNESS = "fairness", "Fairness"
        SECURITY = "security", "Security"
        SERVICE = "service", "Service"
        COST = "cost", "Cost"
        BUSINESS = "business", "Business"

    class Direction(models.TextChoices):
        """Which way is better; the limits lie on the other side."""

        HIGHER = "higher", "Higher is better: below a limit is a breach"
        LOWER = "lower", "Lower is better: above a limit is a breach"

    class Follows(models.TextChoices):
        """What comes of it; an incident only of a critical breach."""

        ALERT = "alert", "An alert, nothing more"
        WORK = "work", "Work for whoever answers"
        INCIDENT = "incident", "An incident when critical, work otherwise"

    system = models.ForeignKey(System, models.PROTECT, related_name="monitoring_plans", db_index=False)
    metric = models.SlugField(max_length=60, db_index=False, help_text="The id senders use, like false-positive-rate.")
    slice = models.CharField("slice of the data", max_length=200, blank=True)
    kind = models.CharField(max_length=13, choices=Kind.choices)
    unit = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=6, choices=Direction.choices)
    warning = models.FloatField("warning limit", null=True, blank=True)
    critical = models.FloatField("critical limit", null=True, blank=True)
    source = models.CharField("where the values come from", max_length=200, blank=True)
    prometheus = models.CharField("Prometheus server", max_length=500, blank=True)
    promql = models.CharField(
        "query", max_length=2000, blank=True, help_text="In PromQL, coming to one number; asked every five minutes."
    )
    alert_name = models.CharField(
        "alert rule", max_length=200, blank=True,
        help_text="The name of the rule in the alerting tool; its alerts are handled by this line.",
    )  # fmt: skip
    longest_silence_hours = models.PositiveIntegerField(
        "longest silence, in hours", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    breaches_needed = models.PositiveSmallIntegerField("breaches in a row before an alert", default=1)
    cooldown_minutes = models.PositiveIntegerField(
        "quiet minutes before a new alert", default=60, help_text="Another breach sooner goes on with the last alert."
    )
    follows = models.CharField("what follows", max_length=8, choices=Follows.choices, default=Follows.WORK)
    incident_type = models.SlugField(max_length=60, blank=True, db_index=False)
    impact = models.SlugField(max_length=40, blank=True, db_index=False)
    urgency = models.SlugField(max_length=40, blank=True, db_index=False)
    answers = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="monitoring_plans", verbose_name="who answers for it"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["system", "metric", "slice", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "metric", "slice", "direction"],
                condition=Q(ended_at=None),
                name="monitoringplan_once",
            ),
            models.CheckConstraint(
                condition=Q(prometheus="", promql="") | (~Q(prometheus="") & ~Q(promql="")),
                name="monitoringplan_query_of_a_server",
            ),
            models.CheckConstraint(condition=~Q(metric=""), name="monitoringplan_has_metric"),
            models.CheckConstraint(condition=Q(breaches_needed__gte=1), name="monitoringplan_needs_a_breach"),
            models.CheckConstraint(
                condition=Q(warning=None)
                | Q(critical=None)
                | Q(direction="lower", warning__lte=F("critical"))
                | Q(direction="higher", warning__gte=F("critical")),
                name="monitoringplan_warns_first",
            ),
            models.CheckConstraint(
                condition=~Q(follows="incident") | (~Q(incident_type="") & ~Q(impact="") & ~Q(urgency="")),
                name="monitoringplan_grades_incidents",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.slice}" if self.slice else self.metric


class Measurement(models.Model):
    """One value of one metric at one instant; append-only, each point once."""

    scope = "system"

    # Checked a batch at a time by the trigger `measurement_of_system`: a foreign key would look each row up.
    system = models.ForeignKey(System, models.PROTECT, related_name="measurements", db_index=False, db_constraint=False)
    metric = models.SlugField(max_length=60, db_index=False)
    slice = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    value = models.FloatField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["system", "metric", "slice", "-at"]
        constraints = [
            models.UniqueConstraint(fields=["system", "metric", "slice", "at"], name="measurement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.value} at {self.at}"
