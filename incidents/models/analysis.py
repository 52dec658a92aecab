"""How an incident is analysed: a chain of questions down to a root cause, and what contributed, by where it lies."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.causes import CATEGORIES, TITLES
from incidents.models.incidents import Incident

PEOPLE = settings.AUTH_USER_MODEL
TAKEN_BACK_BY_SOMEBODY = Q(taken_back_at=None, taken_back_by=None) | Q(
    taken_back_at__isnull=False, taken_back_by__isnull=False
)


class Why(models.Model):
    """One question why, with its answer; each asks about the answer before it. The last may be the root cause."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="whys")
    number = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=300)
    answer = models.TextField()
    root = models.BooleanField("this is the root cause", default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")

    scope = "incident__system"

    class Meta:
        ordering = ["incident", "number", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "number"], condition=Q(taken_back_at=None), name="why_one_of_each_number"
            ),
            models.CheckConstraint(condition=~Q(question="") & ~Q(answer=""), name="why_asks_and_answers"),
            models.CheckConstraint(condition=TAKEN_BACK_BY_SOMEBODY, name="why_taken_back_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.question


class ContributingFactor(models.Model):
    """Something that contributed to an incident: a bone of its fishbone, and a word the trends count."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="factors")
    category = models.CharField(max_length=11, choices=list(CATEGORIES.items()))
    factor = models.SlugField(max_length=40, blank=True, help_text="A word of the vocabulary; empty for another one.")
    text = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")

    scope = "incident__system"

    class Meta:
        ordering = ["incident", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "factor"], condition=Q(taken_back_at=None) & ~Q(factor=""),
                name="contributingfactor_once",
            ),
            models.CheckConstraint(condition=Q(category__in=list(CATEGORIES)), name="contributingfactor_has_place"),
            models.CheckConstraint(condition=~Q(text=""), name="contributingfactor_has_text"),
            models.CheckConstraint(
                condition=TAKEN_BACK_BY_SOMEBODY, name="contributingfactor_taken_back_by_somebody"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text

    @property
    def title(self) -> str:
        """The vocabulary's words for it, if it has some."""
        return TITLES.get(self.factor, "")
