"""What is said in a review: questions that wait for an answer, answers, remarks; @username names people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.validation.models.reviews import Review


class ReviewRemark(models.Model):
    """Something said in a review; append-only. It decides nothing and makes nobody a contributor."""

    scope = "review__submission__release__system"

    class Kind(models.TextChoices):
        """What it is said as."""

        QUESTION = "question", "Question"
        ANSWER = "answer", "Answer"
        REMARK = "remark", "Remark"

    review = models.ForeignKey(Review, models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    question = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="answers")
    text = models.TextField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="reviewremark_says_something"),
            models.CheckConstraint(
                condition=Q(kind="answer", question__isnull=False) | (~Q(kind="answer") & Q(question=None)),
                name="reviewremark_answers_a_question",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]
