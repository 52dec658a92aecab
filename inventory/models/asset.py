"""Assets: what systems are built upon. A unit keeps each one; several systems may share it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from inventory.models.systems import System
from inventory.models.units import Unit

STOPPED_STATES = ["withdrawn", "breached"]


class Asset(models.Model):
    """A dataset, base model, pipeline, interface, library, service, prompt or piece of infrastructure.

    Which of the fields below the line belong to which kind stands in `inventory.rules.FIELDS_OF_KIND`.
    Unknown is a value, never a default.
    """

    unit_scope = "unit"

    class Kind(models.TextChoices):
        """What it is."""

        DATASET = "dataset", "Dataset"
        BASE_MODEL = "base_model", "Base model"
        PIPELINE = "pipeline", "Pipeline"
        API = "api", "API"
        USER_INTERFACE = "user_interface", "User interface"
        LIBRARY = "library", "Third-party library"
        SERVICE = "service", "Third-party service"
        PROMPT = "prompt", "Prompt"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"

    class State(models.TextChoices):
        """Whether it may be built upon."""

        ACTIVE = "active", "In use"
        WITHDRAWN = "withdrawn", "Withdrawn"
        BREACHED = "breached", "Breached"
        OUT_OF_SUPPORT = "out_of_support", "Out of support"

    class Consent(models.TextChoices):
        """Whether the data may be used for this."""

        GRANTED = "granted", "Granted"
        NOT_NEEDED = "not_needed", "Not needed"
        REFUSED = "refused", "Refused"
        NOT_STATED = "not_stated", "Not stated"

    class Openness(models.TextChoices):
        """Whether others could carry it on."""

        OPEN = "open", "Open source"
        PROPRIETARY = "proprietary", "Proprietary"
        NOT_STATED = "not_stated", "Not stated"

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assets")
    description = models.TextField(blank=True)
    source = models.CharField("where it comes from", max_length=1000, blank=True)
    contact = models.CharField(max_length=254, blank=True, help_text="Whom to ask: a person or a mailbox.")
    # ---- by kind ----
    vendor = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    openness = models.CharField(max_length=12, choices=Openness.choices, default=Openness.NOT_STATED)
    lock_in = models.TextField("what ties us to it", blank=True)
    contract = models.CharField(max_length=300, blank=True)
    contract_ends_on = models.DateField(null=True, blank=True)
    location = models.CharField("where it is kept or runs", max_length=300, blank=True)
    permission = models.CharField(
        "permission to use it", max_length=12, choices=Consent.choices, default=Consent.NOT_STATED
    )
    permission_basis = models.TextField("what the permission rests on", blank=True)
    personal_data = models.CharField(max_length=12, choices=System.Known.choices, default=System.Known.NOT_STATED)
    synthetic = models.CharField(max_length=12, choices=System.Known.choices, default=System.Known.NOT_STATED)
    retention = models.CharField("how long it is kept", max_length=300, blank=True)
    representation = models.TextField("who is represented, and who is not", blank=True)
    quality_checks = models.TextField(blank=True)
    training_data = models.TextField("what it was trained on", blank=True)
    access_control = models.TextField("who can call or open it, and how that is limited", blank=True)
    # ---- where it stands ----
    state = models.CharField(max_length=14, choices=State.choices, default=State.ACTIVE)
    state_reason = models.TextField(blank=True)
    state_at = models.DateTimeField()
    state_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    search = models.GeneratedField(
        expression=SearchVector("name", "slug", "description", "vendor", "licence", "source", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="asset_newest"),
            models.Index(fields=["state"], condition=~Q(state="active"), name="asset_not_active"),
            GinIndex(fields=["search"], name="asset_words"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="asset_has_name"),
            models.CheckConstraint(
                condition=Q(state="active") | ~Q(state_reason=""), name="asset_stopped_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AssetVersion(models.Model):
    """One version of an asset; what it says never changes afterwards."""

    unit_scope = "asset__unit"

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    uri = models.CharField("where it is kept", max_length=1000, blank=True)
    notes = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "version"], name="assetversion_once"),
            models.CheckConstraint(condition=~Q(version=""), name="assetversion_has_version"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^([0-9a-f]{64})?$"), name="assetversion_sha256_form"),
        ]

    def __str__(self) -> str:
        return f"{self.asset} {self.version}"
