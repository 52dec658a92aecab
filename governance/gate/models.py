"""Every enforcing check of the gate, kept as evidence."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from governance.policy.models import Pack
from governance.validation.models import Submission
from inventory.models import Release, System


class GateCheck(models.Model):
    """What was asked, by whom, and what the gate answered; append-only."""

    scope = "system"

    class Decision(models.TextChoices):
        """What the gate said."""

        ALLOW = "allow", "Allow"
        DENY = "deny", "Deny"

    at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    token = models.ForeignKey("access.Token", models.PROTECT, null=True, blank=True, related_name="+")
    system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="gate_checks")
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="gate_checks")
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, blank=True, related_name="gate_checks")
    asked_for = models.CharField(max_length=300)
    environment = models.CharField(max_length=60)
    purpose = models.CharField(max_length=10)
    sha256 = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    nonce = models.CharField(max_length=200, blank=True)
    decision = models.CharField(max_length=5, choices=Decision.choices)
    enforced = models.BooleanField()
    unmet = models.JSONField(default=list, encoder=DjangoJSONEncoder, help_text="Ids of the unmet requirements.")
    waived = models.JSONField(default=list, encoder=DjangoJSONEncoder, help_text="Ids of those a waiver stood in for.")
    legacy = models.JSONField(
        default=list,
        encoder=DjangoJSONEncoder,
        help_text="Ids of those a legacy approval stood in for.",
    )
    pack = models.ForeignKey(Pack, models.PROTECT, null=True, blank=True, related_name="+")
    pipeline = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["system", "-at"]), models.Index(fields=["release", "-at"])]

    def __str__(self) -> str:
        return f"{self.decision}: {self.asked_for} to {self.environment}"
