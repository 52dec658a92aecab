"""Approvals from before the portal: brought in by one person, confirmed by another, and never a signature made here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models.by_two import ByTwo
from inventory.models.evidence import EvidenceLink
from inventory.models.systems import System


class LegacyApproval(ByTwo):
    """The record that one version of a system was approved before it came to the portal: when, by whom, until when."""

    class State(models.TextChoices):
        """How far the record came."""

        BROUGHT_IN = "brought_in", "Brought in"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENDED = "ended", "Ended"

    system = models.ForeignKey(System, models.PROTECT, related_name="legacy_approvals")
    version = models.CharField(max_length=120, help_text="Counts for the release of exactly this version.")
    approved_on = models.DateField()
    approved_by = models.CharField(max_length=200, help_text="As the old record names them; no account of the portal.")
    reference = models.CharField(max_length=500, help_text="Number or address of the report.")
    report = models.ForeignKey(EvidenceLink, models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateTimeField("counts until")
    sha256 = models.JSONField("digests it was given for", default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.BROUGHT_IN)
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "version"], condition=Q(state__in=["brought_in", "confirmed"]),
                name="legacyapproval_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(version="") & ~Q(approved_by="") & ~Q(reference=""), name="legacyapproval_says_who"
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("brought_by")), name="legacyapproval_decided_by_another"),
            models.CheckConstraint(
                condition=Q(state__in=["brought_in", "withdrawn"], decided_by=None, decided_at=None)
                | (Q(state__in=["confirmed", "refused", "ended"], decided_by__isnull=False, decided_at__isnull=False)
                   & ~Q(decision_reason="")),
                name="legacyapproval_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=(Q(ended_at=None, end_reason="", ended_by=None) & ~Q(state__in=["ended", "withdrawn"]))
                | Q(state__in=["ended", "withdrawn"], ended_at__isnull=False, ended_by__isnull=False),
                name="legacyapproval_end_is_whole",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Legacy approval of {self.system.name} {self.version}"
