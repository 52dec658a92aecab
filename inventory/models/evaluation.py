"""Evaluation results: what was measured on a release. They are added, never changed; the newest of its kind counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from inventory.models.releases import Release


class Evaluation(models.Model):
    """One value of one metric on one slice of the data, by one method."""

    scope = "release__system"

    class Direction(models.TextChoices):
        """Which way is better."""

        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"

    class Method(models.TextChoices):
        """How it was measured."""

        HOLD_OUT = "hold_out", "Held-out data"
        K_FOLD = "k_fold", "k-fold"
        LEAVE_ONE_OUT = "leave_one_out", "Leave one out"
        STRESS = "stress", "Stress test"
        AB_TEST = "ab_test", "A/B test"
        FAIRNESS = "fairness", "Fairness test"
        ROBUSTNESS = "robustness", "Robustness test"
        EXPLANATION = "explanation", "Explanation artefact"
        OTHER = "other", "Other"

    release = models.ForeignKey(Release, models.PROTECT, related_name="evaluations")
    metric = models.SlugField(max_length=60, help_text="An id of the metric catalogue.")
    slice = models.CharField("slice of the data", max_length=200, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=8)
    threshold = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    direction = models.CharField(max_length=6, choices=Direction.choices)
    dataset_version = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=13, choices=Method.choices, default=Method.HOLD_OUT)
    note = models.TextField("bias found, debiasing, where the artefact is", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["release", "metric", "slice", "method", "-id"], name="evaluation_newest")]
        constraints = [models.CheckConstraint(condition=~Q(metric=""), name="evaluation_has_metric")]

    def __str__(self) -> str:
        return f"{self.metric} {self.value.normalize():f}"

    @property
    def holds(self) -> bool | None:
        """Whether the value keeps its threshold; None where there is none."""
        if self.threshold is None:
            return None
        return self.value >= self.threshold if self.direction == "higher" else self.value <= self.threshold
