"""Acts: who did what to a release, one row each, read from the rows the acts themselves left. A view."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from inventory.models import Release, System


class Act(models.Model):
    """One thing a person did that independence is judged by; nothing here can be written."""

    scope = "system"

    class Kind(models.TextChoices):
        """What was done."""

        EDITED = "edited", "Edited"
        SUBMITTED = "submitted", "Submitted"
        SIGNED = "signed", "Signed"
        VERIFIED = "verified", "Verified"
        GRANTED = "granted", "Granted"
        LIFTED = "lifted", "Lifted a hold"

    id = models.TextField(primary_key=True)
    at = models.DateTimeField()
    system = models.ForeignKey(System, models.DO_NOTHING, related_name="+")
    release = models.ForeignKey(Release, models.DO_NOTHING, null=True, related_name="+", help_text="Null: the system.")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    what = models.TextField()
    table_name = models.CharField(max_length=63)
    key = models.BigIntegerField()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.what}"
