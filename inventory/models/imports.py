"""Imports: each run, what every row said in the writer's own words, and the values nobody has read yet."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5

from inventory.models.systems import System


class ImportRun(models.Model):
    """One file taken in, whole: a file that was refused leaves no run."""

    source = models.CharField(max_length=80, help_text="The register the rows come from; editions share it.")
    mapping = models.CharField(max_length=80)
    mapping_version = models.CharField(max_length=40)
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField("SHA-256 of the file", max_length=64)
    file_bytes = models.PositiveBigIntegerField()
    encoding = models.CharField(max_length=20)
    rows = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    vanished = models.PositiveIntegerField(help_text="Rows of earlier editions that this one does not have.")
    counts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    conflicts = models.JSONField(
        default=list, encoder=DjangoJSONEncoder,
        help_text="Fields a person had changed in the portal; they were kept.",
    )  # fmt: skip
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["source", "-at"])]
        constraints = [
            models.CheckConstraint(condition=Q(file_sha256__regex=r"^[0-9a-f]{64}$"), name="importrun_sha256_is_hex")
        ]

    def __str__(self) -> str:
        return f"{self.file_name} by {self.mapping}"


class ImportUpload(models.Model):
    """A file somebody handed in, until it is taken in or a day has passed. A large one is taken in by a job."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "Waiting to be confirmed"
        QUEUED = "queued", "Being taken in"
        REFUSED = "refused", "Refused"
        DONE = "done", "Taken in"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    mapping = models.CharField(max_length=80)
    file_name = models.CharField(max_length=255)
    content = models.BinaryField()
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.file_name


class ImportedRow(models.Model):
    """What one register says about one system: every cell as written, beside what was made of it.

    `run` is the import whose cells are kept here, `seen_in` the last one that had the row and `line` its line there;
    `gone_since` is the first edition without it. Nothing is deleted when a row goes.
    """

    scope = "system"

    # Foreign keys without an index of their own: `system` leads a constraint below, nobody asks for rows by run.
    system = models.ForeignKey(System, models.PROTECT, related_name="imported_rows", db_index=False)
    source = models.CharField(max_length=80)
    identifier = models.CharField(max_length=500, blank=True)
    units = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    name = models.CharField(max_length=500)
    written = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Column to cell, of what was read.")
    kept = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Column to cell, of everything else.")
    mapped = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Field to the value it was read as.")
    dates = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=64, help_text="Of all cells, blanks aside.")
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="+", db_index=False)
    seen_in = models.ForeignKey(ImportRun, models.PROTECT, related_name="seen", db_index=False)
    line = models.PositiveIntegerField()
    gone_since = models.ForeignKey(
        ImportRun, models.PROTECT, null=True, blank=True, related_name="gone", db_index=False
    )

    class Meta:
        ordering = ["source", "line", "id"]
        constraints = [models.UniqueConstraint(fields=["system", "source"], name="importedrow_once_per_source")]
        indexes = [
            models.Index(fields=["source", "line"]),
            models.Index(fields=["gone_since"], condition=Q(gone_since__isnull=False), name="importedrow_gone"),
        ]

    def __str__(self) -> str:
        return f"{self.source} line {self.line}: {self.name}"


class UnmappedValue(models.Model):
    """A written value no mapping reads: work for a person, until somebody says what it means or that it means nothing.

    `meaning` is the portal's word once resolved; the next import then reads the value so.
    """

    class State(models.TextChoices):
        """Whether somebody has decided."""

        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"

    source = models.CharField(max_length=80)
    field = models.CharField(max_length=60)
    written = models.TextField()
    rows = models.PositiveIntegerField(help_text="In the last edition.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    meaning = models.CharField(max_length=60, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    first_seen_in = models.ForeignKey(ImportRun, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["state", "source", "field", "written"]
        constraints = [
            # By digest: an index entry has to fit a page, a cell need not.
            models.UniqueConstraint("source", "field", MD5("written"), name="unmappedvalue_once"),
            models.CheckConstraint(
                condition=Q(state="open", meaning="", decided_at=None)
                | Q(state="resolved", decided_at__isnull=False) & ~Q(meaning=""),
                name="unmappedvalue_resolved_has_meaning",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.written}"
