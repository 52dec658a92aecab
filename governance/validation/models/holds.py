"""Holds: a stop that closes the gate until another person lifts it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models import Release, System


class Hold(models.Model):
    """A stop on a system, or on one release of it, placed by an owner, validator or risk officer."""

    scope = "system"

    class State(models.TextChoices):
        """Placed or lifted."""

        PLACED = "placed", "Placed"
        LIFTED = "lifted", "Lifted"

    system = models.ForeignKey(System, models.PROTECT, related_name="holds")
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="holds")
    reason = models.TextField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.PLACED)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | ~Q(lifted_by=F("placed_by")), name="hold_lifted_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state="lifted") | Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="hold_lifted_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"Hold on {self.release or self.system}"
