"""Waivers: an expiring exception to one requirement of the gate, asked for by one person and granted by another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models import System


class Waiver(models.Model):
    """An exception to one waivable requirement of a system, in one environment or in all, until an instant.

    Whether the requirement may be waived at all, and for how long, the pack in force says each time it is asked.
    """

    scope = "system"

    class State(models.TextChoices):
        """Asked for, decided, taken back; that it has ended is a comparison, never a state."""

        REQUESTED = "requested", "Requested"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REVOKED = "revoked", "Revoked"

    system = models.ForeignKey(System, models.PROTECT, related_name="waivers")
    requirement = models.SlugField(max_length=80, help_text="A requirement of the policy pack.")
    title = models.CharField(max_length=200, help_text="What the pack called it when the exception was asked for.")
    environment = models.SlugField(
        max_length=80, blank=True, help_text="An environment of the policy pack; empty for all."
    )
    together = models.UUIDField(null=True, blank=True, help_text="Shared by exceptions asked for in one go.")
    reach = models.CharField(max_length=300, blank=True, db_default="", help_text="For what they were asked, in words.")
    reason = models.TextField()
    until = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["system", "requirement"], condition=Q(state="granted"), name="waiver_granted"),
            models.Index(fields=["system"], condition=Q(state="requested"), name="waiver_requested"),
            models.Index(fields=["together"], condition=Q(together__isnull=False), name="waiver_together"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("requested_at")), name="waiver_ends_later"),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "revoked", "refused"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="waiver_decided_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="waiver_decided_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state="revoked") | Q(revoked_by__isnull=False, revoked_at__isnull=False),
                name="waiver_revoked_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"Exception to “{self.title}” of {self.system}"
