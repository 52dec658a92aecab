"""A summary of an incident for people outside: written by one person, approved by another, and only then let out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from incidents.models.incidents import Incident

PEOPLE = settings.AUTH_USER_MODEL


class PublicSummary(models.Model):
    """One version of what is told outside. The newest approved one is what may be shared."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="summaries")
    version = models.PositiveIntegerField()
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    approved = models.BooleanField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.TextField("why it was decided so", blank=True)

    scope = "incident__system"

    class Meta:
        ordering = ["incident", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="publicsummary_once"),
            models.UniqueConstraint(
                fields=["incident"], condition=Q(decided_at=None), name="publicsummary_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="publicsummary_has_text"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, approved=None)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, approved__isnull=False)
                    & ~Q(decided_by=F("written_by"))
                ),
                name="publicsummary_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Summary of INC-{self.incident_id}, version {self.version}"
