"""Policy packs: versioned, effective-dated rules as data."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class Pack(models.Model):
    """One version of a pack. Only an adopted pack is ever in force; its document never changes after proposal."""

    class State(models.TextChoices):
        """Where a pack is on its way into force."""

        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Proposed"
        ADOPTED = "adopted", "Adopted"
        WITHDRAWN = "withdrawn", "Withdrawn"

    name = models.SlugField(max_length=80)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    source = models.TextField(help_text="The YAML as loaded.")
    document = models.JSONField(encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=71)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    effective_from = models.DateTimeField(null=True, blank=True)
    loaded_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="pack_version_once"),
            models.UniqueConstraint(
                fields=["effective_from"], condition=Q(state="adopted"), name="pack_effective_from_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="adopted") | Q(effective_from__isnull=False), name="pack_adopted_has_date"
            ),
            models.CheckConstraint(
                condition=Q(adopted_by=None) | Q(proposed_by=None) | ~Q(adopted_by=models.F("proposed_by")),
                name="pack_adopted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ReplayRun(models.Model):
    """A what-if over a large inventory: who asked, how far it is, and in short what came of it."""

    class State(models.TextChoices):
        """Until it is told."""

        WAITING = "waiting", "Being told"
        DONE = "done", "Told"
        FAILED = "failed", "Failed"

    class Question(models.TextChoices):
        """What was asked."""

        CHANGE = "change", "What would it change?"
        ENFORCING = "enforcing", "What would enforcing close?"

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="replays")
    question = models.CharField(max_length=9, choices=Question.choices, default=Question.CHANGE)
    against = models.CharField("in force then", max_length=130, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pack}: {self.get_question_display()}"
