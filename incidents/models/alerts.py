"""Alerts: one episode each, from the first word that something is wrong to the word that it is over."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from incidents.models.incidents import Incident
from incidents.models.monitoring import MonitoringPlan
from inventory.models import System


class Alert(models.Model):
    """One episode of one alert: fingerprint and start, however often it was sent."""

    scope = "system"

    class Source(models.TextChoices):
        """Who noticed."""

        MONITORING = "monitoring", "Measurements"
        SILENCE = "silence", "Silence"
        DEPLOYMENT = "deployment", "Reports of what runs"
        JOB = "job", "The portal's own jobs"
        ALERTMANAGER = "alertmanager", "Prometheus Alertmanager"
        GRAFANA = "grafana", "Grafana"
        SNS = "sns", "Amazon SNS"
        PAGERDUTY = "pagerduty", "PagerDuty"
        SAGEMAKER = "sagemaker", "SageMaker Model Monitor"
        EVIDENTLY = "evidently", "Evidently"
        GENERIC = "generic", "Another tool"

    class Level(models.TextChoices):
        """How bad, in the portal's words; the sender's word is kept beside it."""

        INFO = "info", "Information"
        WARNING = "warning", "Warning"
        CRITICAL = "critical", "Critical"

    source = models.CharField(max_length=12, choices=Source.choices)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    fingerprint = models.CharField(max_length=300)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    first_heard = models.DateTimeField()
    last_heard = models.DateTimeField()
    heard = models.PositiveIntegerField(default=1)
    system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="alerts")
    plan = models.ForeignKey(MonitoringPlan, models.PROTECT, null=True, blank=True, related_name="alerts")
    name = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    level = models.CharField(max_length=8, choices=Level.choices)
    severity = models.CharField("the sender's word for how bad it is", max_length=60, blank=True)
    labels = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    link = models.CharField(max_length=2000, blank=True)
    follows = models.CharField(max_length=8, choices=MonitoringPlan.Follows.choices)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="alerts")
    trouble = models.CharField("why no incident was opened", max_length=500, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    handling = models.CharField("what was done about it", max_length=1000, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["plan", "-starts_at"], name="alert_of_plan"),
            models.Index(fields=["id"], condition=Q(system=None), name="alert_unassigned"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sender", "fingerprint", "starts_at"], nulls_distinct=False, name="alert_once"
            ),
            models.CheckConstraint(condition=~Q(fingerprint=""), name="alert_has_fingerprint"),
            models.CheckConstraint(
                condition=Q(handled_at=None) | Q(handled_by__isnull=False), name="alert_handled_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.system}" if self.system_id else self.name

    @property
    def state(self) -> str:
        """`firing` until the word came that it is over, then `resolved`."""
        return "firing" if self.ends_at is None else "resolved"

    @property
    def waits(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.follows != MonitoringPlan.Follows.ALERT and self.handled_at is None and self.incident_id is None
