"""Regulator clocks: a duty to report that runs because of an incident, in the words of the pack that set it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from incidents.models.incidents import Incident


class RegulatorClock(models.Model):
    """One report owed because of an incident: since when, until when, and what was sent."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="clocks")
    clock = models.SlugField(max_length=60, help_text="A clock of the policy pack.")
    title = models.CharField(max_length=300)
    period = models.CharField(max_length=200, help_text="How long and how it is counted, in words.")
    zone = models.CharField(max_length=60)
    binding = models.BooleanField(help_text="Whether the duty had begun when the clock was started.")
    counsel_to_confirm = models.BooleanField()
    since = models.DateTimeField()
    deadline = models.DateTimeField(help_text="The legal one; late from this instant on.")
    internal_deadline = models.DateTimeField(help_text="The stricter one that people work to.")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(null=True, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    report = models.TextField(blank=True)
    reference = models.CharField(max_length=200, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    drop_reason = models.TextField(blank=True)

    scope = "incident__system"

    class Meta:
        ordering = ["internal_deadline", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "clock"], condition=Q(dropped_at=None), name="regulatorclock_runs_once"
            ),
            models.CheckConstraint(
                condition=Q(internal_deadline__lte=F("deadline")), name="regulatorclock_internal_is_stricter"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | (Q(reported_at=None) & ~Q(dropped_by=F("started_by"))),
                name="regulatorclock_dropped_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether a report is still owed."""
        return self.reported_at is None and self.dropped_at is None
