"""The risk register: what could go wrong with a system, how bad, what is done about it, what remains (ISO 31000)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models.systems import System


class Risk(models.Model):
    """One entry. Its level follows from likelihood and consequence by the matrix of the policy pack."""

    scope = "system"

    class State(models.TextChoices):
        """How far it is worked through."""

        IDENTIFIED = "identified", "Identified"
        ANALYSED = "analysed", "Analysed"
        TREATED = "treated", "Treated"
        CLOSED = "closed", "Closed"

    class Area(models.TextChoices):
        """Where it would hurt first."""

        PEOPLE = "people", "People: rights, dignity, well-being"
        SAFETY = "safety", "Safety"
        OPERATIONS = "operations", "Operations"
        FINANCE = "finance", "Finance"
        SECURITY = "security", "Security and privacy"
        COMPLIANCE = "compliance", "Law and regulation"
        REPUTATION = "reputation", "Reputation"

    class Treatment(models.TextChoices):
        """What is done about it."""

        NONE = "", "Nothing yet"
        ACCEPT = "accept", "Accept"
        TRANSFER = "transfer", "Transfer"
        MITIGATE = "mitigate", "Mitigate"
        AVOID = "avoid", "Avoid"

    system = models.ForeignKey(System, models.PROTECT, related_name="risks")
    title = models.CharField("what could happen", max_length=200)
    area = models.CharField("area of impact", max_length=10, choices=Area.choices)
    source = models.TextField("where it comes from", blank=True)
    cause = models.TextField(blank=True)
    effect = models.TextField("what follows", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IDENTIFIED)
    likelihood = models.SlugField(max_length=60, blank=True)
    consequence = models.SlugField(max_length=60, blank=True)
    level = models.SlugField(max_length=60, blank=True)
    consulted = models.TextField("who was consulted", blank=True)
    treatment = models.CharField(max_length=8, choices=Treatment.choices, default=Treatment.NONE, blank=True)
    plan = models.TextField("how it is treated", blank=True)
    cost = models.DecimalField("expected cost", max_digits=14, decimal_places=2, null=True, blank=True)
    benefit = models.DecimalField("expected return", max_digits=14, decimal_places=2, null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="risks", verbose_name="treated by"
    )
    due = models.DateTimeField(null=True, blank=True)
    residual_likelihood = models.SlugField(max_length=60, blank=True)
    residual_consequence = models.SlugField(max_length=60, blank=True)
    residual_level = models.SlugField(max_length=60, blank=True)
    review_at = models.DateTimeField("looked at again by", null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_until = models.DateTimeField(null=True, blank=True)
    acceptance = models.TextField("why it is accepted", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["system"], condition=~Q(state="closed"), name="risk_open_on_system")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="risk_has_title"),
            models.CheckConstraint(
                condition=Q(accepted_by=None, accepted_until=None)
                | (Q(accepted_by__isnull=False, accepted_until__isnull=False) & ~Q(acceptance="")),
                name="risk_acceptance_ends",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None)
                | (~Q(accepted_by=F("created_by")) & (Q(assessed_by=None) | ~Q(accepted_by=F("assessed_by")))),
                name="risk_accepted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | Q(owner=None) | ~Q(accepted_by=F("owner")),
                name="risk_accepted_by_no_treater",
            ),
            models.CheckConstraint(
                condition=Q(state="identified") | (~Q(likelihood="") & ~Q(consequence="") & ~Q(level="")),
                name="risk_analysed_has_level",
            ),
        ]

    def __str__(self) -> str:
        return f"RISK-{self.pk} {self.title}"
