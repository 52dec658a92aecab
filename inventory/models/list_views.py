"""Lists as somebody likes them: filters, order and columns under a name. Nothing of it is governed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from inventory.models.units import Unit


class SavedView(models.Model):
    """The address of a list under a name: for oneself, for a unit, or for everybody. It shows nobody more rows."""

    class Shared(models.TextChoices):
        """With whom."""

        NOBODY = "nobody", "Only me"
        UNIT = "unit", "A unit"
        EVERYBODY = "everybody", "Everybody"

    of = models.CharField(max_length=20, help_text="Which list: a name of governance.web.lists.LISTINGS.")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    shared = models.CharField(max_length=9, choices=Shared.choices, default=Shared.NOBODY)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["of", "person", "name"], name="savedview_name_once"),
            models.CheckConstraint(
                condition=Q(shared="unit", unit__isnull=False) | (~Q(shared="unit") & Q(unit=None)),
                name="savedview_unit_when_shared_with_it",
            ),
        ]
        indexes = [models.Index(fields=["of", "shared"])]

    def __str__(self) -> str:
        return self.name
