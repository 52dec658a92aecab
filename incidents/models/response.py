"""How an incident is met: who takes part, what was stopped, what holds for a time, which evidence must stay."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.validation.models import Hold
from incidents.models.incidents import Incident
from inventory.models import Release


class Participant(models.Model):
    """Somebody who takes part in an incident for a function, in one of its stages."""

    class Function(models.TextChoices):
        """Whose eyes they bring."""

        BUSINESS = "business", "Business"
        COMMUNICATION = "communication", "Communication"
        COMPLIANCE = "compliance", "Compliance"
        DATA_SCIENCE = "data_science", "Data science"
        ENGINEERING = "engineering", "Engineering"
        ETHICS = "ethics", "Ethics"
        LEGAL = "legal", "Legal"

    class Stage(models.TextChoices):
        """Where in the work on an incident they take part."""

        DETECTION = "detection", "Detection"
        ANALYSIS = "analysis", "Analysis"
        RESPONSE = "response", "Response"
        IMPROVEMENT = "improvement", "Review and improvement"

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="participants")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    function = models.CharField(max_length=13, choices=Function.choices)
    stage = models.CharField(max_length=11, choices=Stage.choices)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When they agreed with the review as it is written; a later word undoes it."
    )

    scope = "incident__system"

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "person", "function", "stage"], name="participant_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_function_display()}, {self.get_stage_display()}"


class TemporaryMeasure(models.Model):
    """What keeps the harm small for a time, like a lower threshold until Friday.

    It stands until somebody ends it. Once its end has passed, what was let through on its strength is let through no
    more, and nothing returns to normal service before it was ended.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="measures")
    text = models.CharField(max_length=300)
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.TextField(blank=True)

    scope = "incident__system"

    class Meta:
        ordering = ["until", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("taken_at")), name="temporarymeasure_ends_later"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, outcome="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(outcome="")),
                name="temporarymeasure_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Stop(models.Model):
    """What was stopped because of an incident: a release suspended, or a hold placed."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="stops")
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    scope = "incident__system"

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(release=None) ^ Q(hold=None), name="stop_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.release} suspended" if self.release else str(self.hold)


class EvidenceHold(models.Model):
    """Evidence of an incident must stay as it is; until somebody else lifts this, the incident is not put away."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="evidence_holds")
    reason = models.TextField()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    lift_reason = models.TextField(blank=True)

    scope = "incident__system"

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(lifted_at=None), name="evidencehold_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | (Q(lifted_at__isnull=False) & ~Q(lifted_by=F("placed_by"))),
                name="evidencehold_lifted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:80]
