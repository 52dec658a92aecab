"""Business units: a tree; an assignment on a unit covers its subtree."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower


class Unit(models.Model):
    """A part of the organisation that holds systems."""

    name = models.CharField(max_length=300)
    slug = models.SlugField(max_length=120, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "parent", Lower("name"), name="unit_name_once_below_parent", nulls_distinct=False,
                violation_error_message="This unit already has a part of that name.",
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")), name="unit_not_own_parent"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class UnitClosure(models.Model):
    """Every (ancestor, descendant) pair of the tree, a unit with itself included; kept by a database trigger."""

    ancestor = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    descendant = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["descendant", "ancestor"], name="unitclosure_once")]
        indexes = [models.Index(fields=["ancestor", "descendant"])]

    def __str__(self) -> str:
        return f"{self.ancestor_id} ⊇ {self.descendant_id}"
