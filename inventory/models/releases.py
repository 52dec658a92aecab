"""Releases and their bill of materials."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from inventory.models.systems import System


class Release(models.Model):
    """One version of a system offered for use. Edited only in draft; `state` has one writer, move_release."""

    scope = "system"

    class State(models.TextChoices):
        """Where a release is on its way to use."""

        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        SUSPENDED = "suspended", "Suspended"
        REJECTED = "rejected", "Rejected"
        REVOKED = "revoked", "Revoked"
        RETIRED = "retired", "Retired"
        DISCARDED = "discarded", "Discarded"

    system = models.ForeignKey(System, models.PROTECT, related_name="releases")
    version = models.CharField(max_length=120)
    notes = models.TextField(blank=True)
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")
    rollback_target = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    lineage = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    envelope = models.JSONField(
        default=dict, blank=True, encoder=DjangoJSONEncoder,
        help_text="What may change after this release without a new review; its reviewers read and sign it.",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    suspended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "version"], name="release_version_once",
                violation_error_message="This system already has a release of that version.",
            ),
            models.CheckConstraint(condition=~Q(version=""), name="release_has_version"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.system} {self.version}"


class Artifact(models.Model):
    """One line of a release's bill of materials, bound by SHA-256.

    A `service` (a vendor's model behind an API) has no file: the digest of its canonical configuration stands in.
    """

    scope = "release__system"

    class Kind(models.TextChoices):
        """What the line is."""

        MODEL = "model", "Model"
        CONTAINER = "container", "Container"
        PACKAGE = "package", "Package"
        DATASET = "dataset", "Dataset"
        CODE = "code", "Code"
        PROMPT = "prompt", "Prompt"
        CONFIGURATION = "configuration", "Configuration"
        SERVICE = "service", "Vendor service"
        OTHER = "other", "Other"

    release = models.ForeignKey(Release, models.PROTECT, related_name="artifacts")
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=13, choices=Kind.choices)
    version = models.CharField(max_length=200, blank=True)
    uri = models.CharField(max_length=1000, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    vendor = models.CharField(max_length=300, blank=True)
    model_id = models.CharField("vendor's model id", max_length=300, blank=True)
    region = models.CharField(max_length=120, blank=True)
    configuration = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["sha256"])]
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="artifact_name_once"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="artifact_sha256_is_lower_hex"),
            models.CheckConstraint(
                condition=~Q(kind="service") | (~Q(vendor="") & ~Q(model_id="")),
                name="artifact_service_is_described",
            ),
        ]

    def __str__(self) -> str:
        return self.name
