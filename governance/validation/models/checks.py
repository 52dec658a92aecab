"""Answers to the checklist of a stage: what a reviewer looked at, and what they saw."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.validation.models.reviews import Review


class CheckAnswer(models.Model):
    """One answer to one item of a review's checklist; append-only, the newest one counts."""

    scope = "review__submission__release__system"

    class Answer(models.TextChoices):
        """What the reviewer says of the item."""

        YES = "yes", "Yes"
        NO = "no", "No"
        NOT_APPLICABLE = "not_applicable", "Not applicable"

    review = models.ForeignKey(Review, models.PROTECT, related_name="check_answers")
    item = models.SlugField(max_length=60, help_text="An item of the review's checklist.")
    answer = models.CharField(max_length=14, choices=Answer.choices)
    note = models.TextField(blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(answer="yes") | ~Q(note=""), name="checkanswer_note_unless_yes"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_answer_display()}"
