"""Who was asked to review what: assignments of reviewers to stages. They give no right to sign and take none away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.validation.models.reviews import Review


class ReviewAssignment(models.Model):
    """One act about one reviewer of one stage; append-only, the newest about the same person counts."""

    scope = "review__submission__release__system"

    class Act(models.TextChoices):
        """What was done."""

        ASSIGNED = "assigned", "Assigned"
        TAKEN = "taken", "Taken"
        HANDED_BACK = "handed_back", "Handed back"
        RELIEVED = "relieved", "Relieved"

    review = models.ForeignKey(Review, models.PROTECT, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="review_assignments")
    act = models.CharField(max_length=11, choices=Act.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["review", "person", "id"], name="reviewassignment_newest"),
            models.Index(fields=["person", "review"], name="reviewassignment_of_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(act__in=["taken", "handed_back"]) | Q(by=F("person")),
                name="reviewassignment_taken_by_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review}: {self.get_act_display().lower()} {self.person}"
