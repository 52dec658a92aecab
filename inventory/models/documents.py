"""A system's documentation: documents on templates of the policy pack, with append-only revisions."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from inventory.models.systems import System


class Document(models.Model):
    """One document of a system, named by its template in the policy pack."""

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="documents")
    template = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Who is asked since the account of the contact closed, until the next revision names one.",
    )  # fmt: skip

    class Meta:
        ordering = ["title", "id"]
        constraints = [models.UniqueConstraint(fields=["system", "template"], name="document_template_once")]

    def __str__(self) -> str:
        return self.title


class DocumentRevision(models.Model):
    """One saved state of a document; never changed afterwards."""

    scope = "document__system"

    document = models.ForeignKey(Document, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    sections = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Section id to Markdown.")
    layout = models.JSONField(default=list, blank=True, help_text="Section ids in the order an imported text had.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    contact = models.CharField(max_length=254)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="documentrevision_number_once"),
            models.CheckConstraint(condition=~Q(contact=""), name="documentrevision_has_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.document} r{self.number}"


class DocumentDraft(models.Model):
    """What one person has typed and not yet saved as a revision; nobody else sees it, nothing is decided by it."""

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    template = models.SlugField(max_length=80)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sections = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    contact = models.CharField(max_length=254, blank=True)
    seen = models.PositiveIntegerField(help_text="The revision it started from.")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "template", "person"], name="documentdraft_one_each"),
        ]

    def __str__(self) -> str:
        return f"{self.template} of {self.system_id}, typed by {self.person_id}"
