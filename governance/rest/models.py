"""What the API remembers between calls: answers to repeated creations, and how often somebody called. Operational."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class IdempotentAnswer(models.Model):
    """The answer a creation gave, kept a day under the caller's key, written in the creation's own transaction."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=71)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=500, blank=True)
    etag = models.CharField(max_length=80, blank=True)
    body = models.TextField(blank=True, help_text="The JSON as it was sent.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="idempotentanswer_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


class CallCount(models.Model):
    """Calls of one person or token in the current minute; one row each, counted by one atomic statement."""

    subject = models.CharField(max_length=80, primary_key=True)
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.subject}: {self.calls}"
