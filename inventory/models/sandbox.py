"""Sandboxes: a spreadsheet judged by the policy in force, apart from the register. Nothing in one is a system."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Sandbox(models.Model):
    """A file somebody wants to see judged before, or without, taking it in. It may be thrown away whole."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", "Being judged"
        REFUSED = "refused", "Refused"
        DONE = "done", "Judged"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    content = models.BinaryField()
    mapping = models.CharField(max_length=80)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    pack = models.CharField("judged by", max_length=120, blank=True, help_text="Pack and version.")
    figures = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="What the whole file comes to.")

    class Meta:
        ordering = ["-at", "id"]

    def __str__(self) -> str:
        return self.file_name


class SandboxRow(models.Model):
    """What one row of the file would be held to, as the policy in force judges what the row says."""

    sandbox = models.ForeignKey(Sandbox, models.PROTECT, related_name="rows", db_index=False)  # leads an index below
    line = models.PositiveIntegerField()
    name = models.CharField(max_length=500)
    unit = models.CharField(max_length=300, blank=True, help_text="The lowest unit the row names.")
    phase = models.CharField(max_length=12)
    tier = models.CharField(max_length=40, help_text="`unknown` where an answer is missing.")
    tier_reason = models.TextField()
    owner = models.CharField(max_length=300, blank=True, help_text="As written.")
    duties = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Duty to how it stands, and why.")

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["sandbox", "line"], name="sandboxrow_line_once")]

    def __str__(self) -> str:
        return self.name
