"""Value: what a system was expected to bring in a period, and what it brought. Words are added, the newest counts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from inventory.models.systems import System


def _amount() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)


class ValuePeriod(models.Model):
    """What is said about one period: outcome in a unit of its own, cost, saving and return in one currency."""

    scope = "system"

    class Period(models.TextChoices):
        """How long it is."""

        MONTH = "month", "Month"
        QUARTER = "quarter", "Quarter"
        YEAR = "year", "Year"

    system = models.ForeignKey(System, models.PROTECT, related_name="values_told", db_index=False)
    period = models.CharField(max_length=7, choices=Period.choices)
    starts_on = models.DateField("first day")
    currency = models.CharField(max_length=3, help_text="Three letters, like EUR.")
    outcome_unit = models.CharField("what the outcome counts", max_length=200, blank=True)
    expected_outcome = _amount()
    actual_outcome = _amount()
    expected_cost = _amount()
    actual_cost = _amount()
    expected_saving = _amount()
    actual_saving = _amount()
    expected_return = _amount()
    actual_return = _amount()
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["system", "period", "starts_on", "-id"], name="valueperiod_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="valueperiod_currency"),
            models.CheckConstraint(
                condition=Q(starts_on__day=1)
                & (
                    Q(period="month")
                    | Q(period="quarter", starts_on__month__in=[1, 4, 7, 10])
                    | Q(period="year", starts_on__month=1)
                ),
                name="valueperiod_starts_with_its_first_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """As people call the period: “2026”, “Q4 2026”, “Nov 2026”."""
        if self.period == self.Period.YEAR:
            return f"{self.starts_on:%Y}"
        if self.period == self.Period.QUARTER:
            return f"Q{(self.starts_on.month + 2) // 3} {self.starts_on:%Y}"
        return f"{self.starts_on:%b %Y}"
