"""Control facts: what is said about the protection of a system or an asset. They are added, the newest counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from inventory.models.asset import Asset
from inventory.models.evidence import EvidenceLink
from inventory.models.systems import System


class ControlFact(models.Model):
    """One word on one control of one thing, with what shows it and since when. Unknown is a value, too."""

    scope = "system"
    unit_scope = "asset__unit"

    class State(models.TextChoices):
        """How it stands."""

        YES = "yes", "Yes"
        PARTLY = "partly", "Partly"
        NO = "no", "No"
        NOT_APPLICABLE = "not_applicable", "Not applicable"
        UNKNOWN = "unknown", "Unknown"

    system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="controls", db_index=False)
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="controls", db_index=False)
    control = models.SlugField(max_length=60, db_index=False, help_text="An id of the catalogue of controls.")
    state = models.CharField("how it stands", max_length=14, choices=State.choices)
    note = models.TextField("how it is done, or what is missing", blank=True)
    evidence = models.ForeignKey(EvidenceLink, models.PROTECT, null=True, blank=True, related_name="controls")
    url = models.CharField("address of the evidence", max_length=1000, blank=True)
    stated_on = models.DateField("as of", help_text="The day the evidence speaks of.")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["system", "control", "-id"], name="controlfact_of_system"),
            models.Index(fields=["asset", "control", "-id"], name="controlfact_of_asset"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(system=None, asset__isnull=False) | Q(system__isnull=False, asset=None),
                name="controlfact_of_one",
            ),
            models.CheckConstraint(condition=~Q(control=""), name="controlfact_has_control"),
            models.CheckConstraint(
                condition=~Q(state="not_applicable") | ~Q(note=""), name="controlfact_says_why_not_applicable"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control}: {self.get_state_display()}"
