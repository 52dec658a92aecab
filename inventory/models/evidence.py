"""Evidence: files that are what their digest says, and where each is attached."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from inventory.models.documents import Document
from inventory.models.systems import System


class EvidenceFile(models.Model):
    """One content, kept once under its SHA-256 however often it is handed in."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100, help_text="What its first bytes say it is.")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="evidencefile_sha256"),
        ]

    def __str__(self) -> str:
        return f"sha256:{self.sha256[:12]}…"


class EvidenceLink(models.Model):
    """A file attached to a system, to one of its documents where it belongs there; the name is only a label."""

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="evidence")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="evidence")
    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="links")
    name = models.CharField(max_length=200)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "document", "file", "name"], name="evidencelink_once", nulls_distinct=False,
            ),
            models.CheckConstraint(condition=~Q(name=""), name="evidencelink_named"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
