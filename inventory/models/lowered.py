"""Tiers that were lowered by a decision: proposed by one person, granted by another, looked at again by a date."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models.by_two import ByTwo
from inventory.models.systems import System


class LoweredTier(ByTwo):
    """The decision to hold a system to a lower tier than its answers come to, until the date it is looked at again."""

    class State(models.TextChoices):
        """How far it came."""

        PROPOSED = "proposed", "Proposed"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENDED = "ended", "Ended"

    system = models.ForeignKey(System, models.PROTECT, related_name="lowered_tiers")
    from_tier = models.CharField("what the answers come to", max_length=40)
    to_tier = models.CharField("the tier it is held to instead", max_length=40)
    pack = models.CharField(max_length=120, help_text="Pack and version under which it was proposed.")
    reason = models.TextField("why the lower tier is right")
    review_at = models.DateTimeField("looked at again by")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["system"], condition=Q(state="granted"), name="loweredtier_one_granted"),
            models.UniqueConstraint(fields=["system"], condition=Q(state="proposed"), name="loweredtier_one_proposed"),
            models.CheckConstraint(condition=~Q(reason=""), name="loweredtier_says_why"),
            models.CheckConstraint(condition=~Q(from_tier=F("to_tier")), name="loweredtier_changes_something"),
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="loweredtier_decided_by_another"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "withdrawn"], decided_by=None, decided_at=None)
                | (Q(state__in=["granted", "refused", "ended"], decided_by__isnull=False, decided_at__isnull=False)
                   & ~Q(decision_reason="")),
                name="loweredtier_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=(Q(ended_at=None, end_reason="", ended_by=None) & ~Q(state__in=["ended", "withdrawn"]))
                | Q(state__in=["ended", "withdrawn"], ended_at__isnull=False),
                name="loweredtier_end_is_whole",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.system.name}: {self.from_tier} to {self.to_tier}"
