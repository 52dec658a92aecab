"""What regulator clocks take in and show over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Instant, StrictSerializer, Text
from inventory.api.serializers import PersonShown


class ClockShown(serializers.Serializer[Any]):
    """A report owed because of an incident."""

    id = serializers.IntegerField()
    clock = serializers.CharField()
    title = serializers.CharField()
    period = serializers.CharField()
    zone = serializers.CharField()
    binding = serializers.BooleanField()
    counsel_to_confirm = serializers.BooleanField()
    since = serializers.DateTimeField()
    deadline = serializers.DateTimeField()
    internal_deadline = serializers.DateTimeField()
    reported_at = serializers.DateTimeField(allow_null=True)
    reported_by = PersonShown(allow_null=True)
    report = serializers.CharField()
    reference = serializers.CharField()
    dropped_at = serializers.DateTimeField(allow_null=True)
    dropped_by = PersonShown(allow_null=True)
    drop_reason = serializers.CharField()


class ClockStarted(StrictSerializer):
    """Input for starting a clock."""

    clock = Text(max_length=60, help_text="A clock of the policy in force.")
    since = Instant(required=False, help_text="Since when it runs, where the incident does not say.")


class ClockReported(StrictSerializer):
    """Input for keeping what was sent."""

    report = Text(max_length=20_000)
    reference = Text(required=False, max_length=200)


class ReportDraft(serializers.Serializer[Any]):
    """A draft filled from the record."""

    text = serializers.CharField()
