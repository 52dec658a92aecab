"""Files attached to reviews and findings: each is kept once under its digest, its name here is only a label."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.validation.models.findings import Finding
from governance.validation.models.reviews import Review
from inventory.models import EvidenceFile


class _Attached(models.Model):
    """A kept file beside something said or decided; append-only, and it makes nobody a contributor."""

    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ReviewFile(_Attached):
    """A file in the discussion of a review, or one a reviewer rests a decision on."""

    scope = "review__submission__release__system"

    class Part(models.TextChoices):
        """What it belongs to."""

        DISCUSSION = "discussion", "Discussion"
        DECISION = "decision", "Decision"

    review = models.ForeignKey(Review, models.PROTECT, related_name="files")
    part = models.CharField(max_length=10, choices=Part.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "part", "file", "name"], name="reviewfile_once"),
            models.CheckConstraint(condition=~Q(name=""), name="reviewfile_named"),
        ]


class FindingFile(_Attached):
    """A file that shows what was done about a finding, or how that was checked."""

    scope = "finding__release__system"

    class Part(models.TextChoices):
        """What it belongs to."""

        RESPONSE = "response", "Answer"
        VERIFICATION = "verification", "Judgement"

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="files")
    part = models.CharField(max_length=12, choices=Part.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "part", "file", "name"], name="findingfile_once"),
            models.CheckConstraint(condition=~Q(name=""), name="findingfile_named"),
        ]
