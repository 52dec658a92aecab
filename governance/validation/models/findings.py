"""Findings: defects a reviewer raised."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.validation.models.submissions import Submission
from inventory.models import Release


class Finding(models.Model):
    """A defect of a release with severity, owner, due date, response and verification by somebody else."""

    scope = "release__system"

    class State(models.TextChoices):
        """Where the defect stands."""

        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"
        ACCEPTED = "accepted", "Risk accepted"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Category(models.TextChoices):
        """What kind of defect."""

        DATA = "data", "Data"
        OUTPUT = "output", "Output"
        ALGORITHM = "algorithm", "Algorithm"
        MISUSE = "misuse", "Real-world misuse"
        PROCESS = "process", "Process"
        DOCUMENTATION = "documentation", "Documentation"
        SECURITY = "security", "Security"
        FAIRNESS = "fairness", "Fairness"

    release = models.ForeignKey(Release, models.PROTECT, related_name="findings")
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, blank=True, related_name="findings")
    title = models.CharField(max_length=200)
    text = models.TextField()
    severity = models.SlugField(max_length=40, help_text="A severity of the policy pack.")
    category = models.CharField(max_length=14, choices=Category.choices)
    blocking = models.BooleanField(help_text="Whether the pack lets it close the gate while open.")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    due = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    response = models.TextField(blank=True)
    responded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    verification = models.TextField(blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("responded_by")),
                name="finding_verified_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_until__isnull=False),
                name="finding_acceptance_ends",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("responded_by")),
                name="finding_accepted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("raised_by")),
                name="finding_accepted_by_no_raiser",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_by__isnull=False),
                name="finding_accepted_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(verified_by__isnull=False, responded_by__isnull=False),
                name="finding_closed_is_verified",
            ),
        ]

    def __str__(self) -> str:
        return self.title
