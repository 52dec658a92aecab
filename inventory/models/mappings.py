"""Mappings people made in the editor: named, versioned, and never changed once saved."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class SavedMapping(models.Model):
    """One version of a mapping: which column of a register means what, and how its values are read."""

    name = models.CharField(max_length=61)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    document = models.JSONField(encoder=DjangoJSONEncoder)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="savedmapping_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1) & ~Q(name=""), name="savedmapping_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
