"""What every decision of two people about a system keeps: who decided, when and why, and how it ended."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from inventory.models.systems import System


class ByTwo(models.Model):
    """Begun by one person, decided by another who does not build the system, and over some day."""

    scope = "system"
    system: models.ForeignKey[System, System]
    system_id: int
    state: models.CharField[str, str]

    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        abstract = True
