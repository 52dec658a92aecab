"""Systems: one machine-learning system put to a use."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from inventory.models.units import Unit


class System(models.Model):
    """The unit of ownership, tiering and release. Unknown is a value, never a default."""

    scope = ""

    class Phase(models.TextChoices):
        """Where a system is in life."""

        PLANNED = "planned", "Planned"
        DEVELOPMENT = "development", "Development"
        PILOT = "pilot", "Pilot"
        PRODUCTION = "production", "Production"
        RETIRED = "retired", "Retired"
        NOT_STATED = "not_stated", "Not stated"
        UNKNOWN = "unknown", "Stated, not understood"

    class Impact(models.TextChoices):
        """Declared impact in the words of the 2024 federal inventory (OMB M-24-10)."""

        NEITHER = "neither", "Neither rights- nor safety-impacting"
        RIGHTS = "rights", "Rights-impacting"
        SAFETY = "safety", "Safety-impacting"
        BOTH = "both", "Rights- and safety-impacting"
        UNDETERMINED = "undetermined", "Undetermined"
        NOT_STATED = "not_stated", "Not stated"

    class Origin(models.TextChoices):
        """Who built it."""

        IN_HOUSE = "in_house", "In-house"
        VENDOR = "vendor", "Vendor"
        MIXED = "mixed", "Mixed"
        NOT_STATED = "not_stated", "Not stated"

    class Known(models.TextChoices):
        """Yes, no, or nobody said."""

        YES = "yes", "Yes"
        NO = "no", "No"
        NOT_STATED = "not_stated", "Not stated"

    class OwnRole(models.TextChoices):
        """The organisation's own role towards the system (EU AI Act Art. 3(3), 3(4))."""

        PROVIDER = "provider", "Provider"
        DEPLOYER = "deployer", "Deployer"
        BOTH = "both", "Provider and deployer"
        NOT_STATED = "not_stated", "Not stated"

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=500)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="systems", db_index=False)  # leads an index below
    purpose = models.TextField(blank=True)
    objectives = models.TextField(blank=True)
    stakeholders = models.TextField("stakeholders and what they agreed to", blank=True)
    objectives_review_on = models.DateField(null=True, blank=True)
    intended_use = models.TextField(blank=True)
    out_of_scope_use = models.TextField("uses out of scope", blank=True)
    affected_groups = models.TextField(blank=True)
    human_oversight = models.TextField(blank=True)
    outputs = models.TextField(blank=True)
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.NOT_STATED)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.NOT_STATED)
    vendor = models.CharField(max_length=300, blank=True)
    impact = models.CharField("declared impact", max_length=12, choices=Impact.choices, default=Impact.NOT_STATED)
    own_role = models.CharField(max_length=12, choices=OwnRole.choices, default=OwnRole.NOT_STATED)
    own_role_reason = models.TextField(blank=True)
    personal_data = models.CharField(max_length=12, choices=Known.choices, default=Known.NOT_STATED)
    demographic_variables = models.TextField(blank=True)
    regimes = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)
    responsibilities = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    links = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)
    answers = models.JSONField("questionnaire answers", default=dict, blank=True, encoder=DjangoJSONEncoder)
    tier = models.CharField(max_length=40, blank=True)
    tier_reason = models.TextField(blank=True)
    tier_pack = models.CharField(max_length=120, blank=True, help_text="Pack and version that computed the tier.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    search = models.GeneratedField(
        expression=SearchVector("name", "slug", "purpose", "intended_use", "vendor", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            models.Index(fields=["-updated_at", "-id"]),
            models.Index(fields=["unit", "-updated_at", "-id"]),
            GinIndex(fields=["search"]),
        ]

    def __str__(self) -> str:
        return self.name


class ExternalId(models.Model):
    """A name another register, repository or tool knows the system by."""

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="external_ids")
    source = models.CharField(max_length=120)
    value = models.CharField(max_length=700)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "value"], name="externalid_once")]

    def __str__(self) -> str:
        return f"{self.source}: {self.value}"


class RegistrationDraft(models.Model):
    """What one person has typed of a system not yet registered; nobody else sees it, nothing is decided by it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    typed = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-updated_at"], name="registrationdraft_own")]

    def __str__(self) -> str:
        return self.typed.get("name") or "Without a name"
