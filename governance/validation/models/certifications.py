"""Certifications: owners state, campaign by campaign, that the record of their system is right."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from inventory.models import System, Unit


class Campaign(models.Model):
    """A round of certifications: for which systems, by when. What it asks for never changes; it can be ended.

    Once ended it waits for nobody any more: who had not answered neither has to nor lapses. What was said stays said.
    """

    title = models.CharField(max_length=200)
    tier = models.CharField(max_length=60, blank=True, help_text="A tier of the policy; empty for every tier.")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    due = models.DateTimeField()
    reason = models.TextField(blank=True, help_text="What owners should look at in particular.")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_reason = models.TextField("why it was ended", blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_reason="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_reason="")),
                name="campaign_ended_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="campaign_has_title"),
            models.CheckConstraint(condition=Q(due__gt=models.F("started_at")), name="campaign_due_later"),
        ]

    def __str__(self) -> str:
        return self.title


class Certification(models.Model):
    """One system in one campaign; that it has lapsed is a comparison with the campaign's day, never a state."""

    scope = "system"

    class State(models.TextChoices):
        """Asked for; certified; refused, which an owner may mend by certifying after all."""

        ASKED = "asked", "Asked for"
        CERTIFIED = "certified", "Certified"
        REFUSED = "refused", "Refused"

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="certifications")
    system = models.ForeignKey(System, models.PROTECT, related_name="certifications")
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    record = models.CharField(max_length=80, blank=True, help_text="The version of the record the statement is about.")
    statement = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["system"], condition=~Q(state="certified"), name="certification_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "system"], name="certification_once"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="asked") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="certification_decided_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(statement=""), name="certification_refusal_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.system}"
