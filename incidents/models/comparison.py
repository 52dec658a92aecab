"""What an incident is compared with: others that went wrong alike, and the risks that should have foreseen it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from incidents.models.analysis import TAKEN_BACK_BY_SOMEBODY
from incidents.models.incidents import Incident
from inventory.models import PastIncident, Risk

PEOPLE = settings.AUTH_USER_MODEL


class SimilarIncident(models.Model):
    """Another incident, one of ours or one others had, and what is alike."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="similar")
    other = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="similar_to")
    past = models.ForeignKey(PastIncident, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField("what is alike", max_length=1000)
    at = models.DateTimeField()
    by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")

    scope = "incident__system"

    class Meta:
        ordering = ["incident", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "other", "past"], condition=Q(taken_back_at=None), nulls_distinct=False,
                name="similarincident_once",
            ),
            models.CheckConstraint(
                condition=(Q(other__isnull=False, past=None) & ~Q(other=F("incident")))
                | Q(other=None, past__isnull=False),
                name="similarincident_to_one_other",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="similarincident_says_why"),
            models.CheckConstraint(condition=TAKEN_BACK_BY_SOMEBODY, name="similarincident_taken_back_by_somebody"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.other or self.past)


class Foresight(models.Model):
    """Whether the register had foreseen an incident: by which risk, or by none and then which was written down."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="foresights")
    foreseen = models.BooleanField()
    risk = models.ForeignKey(Risk, models.PROTECT, null=True, blank=True, related_name="foresights")
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")

    scope = "incident__system"

    class Meta:
        ordering = ["incident", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "risk"], condition=Q(taken_back_at=None), nulls_distinct=False,
                name="foresight_once",
            ),
            models.UniqueConstraint(
                fields=["incident"], condition=Q(taken_back_at=None, foreseen=False), name="foresight_one_by_none"
            ),
            models.CheckConstraint(condition=Q(foreseen=False) | Q(risk__isnull=False), name="foresight_names_a_risk"),
            models.CheckConstraint(condition=TAKEN_BACK_BY_SOMEBODY, name="foresight_taken_back_by_somebody"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Foreseen by {self.risk}" if self.foreseen else "Not foreseen"
