"""What the incident room takes in and shows over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.access.vocabulary import Role
from governance.rest.serializers import Instant, StrictSerializer, Text
from incidents.models import IncidentLink, IncidentUpdate
from inventory.api.serializers import PersonShown


class StatusShown(serializers.Serializer[Any]):
    """One sentence on where it stands."""

    sentence = serializers.CharField(source="status_line")
    at = serializers.DateTimeField(source="status_at")
    by = PersonShown(source="status_by")


class RecipientShown(serializers.Serializer[Any]):
    """Somebody an update was addressed to."""

    person = PersonShown()


class UpdateShown(serializers.Serializer[Any]):
    """What an audience was told."""

    id = serializers.IntegerField()
    audience = serializers.ChoiceField(IncidentUpdate.Audience.values)
    text = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    recipients = RecipientShown(many=True, source="recipients.all")
    sent_at = serializers.DateTimeField()
    sent_by = PersonShown()
    next_due = serializers.DateTimeField(allow_null=True)


class IncidentLinkShown(serializers.Serializer[Any]):
    """Where else to look."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(IncidentLink.Kind.values)
    title = serializers.CharField()
    url = serializers.CharField()
    added_at = serializers.DateTimeField()
    added_by = PersonShown(allow_null=True)


class UpdateSent(StrictSerializer):
    """Input for an update."""

    audience = Text(max_length=40, help_text=f"One of {', '.join(IncidentUpdate.Audience.values)}.")
    text = Text(max_length=2000)
    people = serializers.ListField(
        child=Text(max_length=150), required=False, max_length=200, help_text="Usernames of people who see the system."
    )
    roles = serializers.ListField(
        child=Text(max_length=40), required=False, max_length=20,
        help_text=f"Whoever holds one on the system is told: {', '.join(Role)}.",
    )  # fmt: skip
    next_due = Instant(required=False, allow_null=True, help_text="When this audience hears again at the latest.")


class StatusSaid(StrictSerializer):
    """Input for the sentence on where it stands."""

    sentence = Text(max_length=200)


class IncidentLinkAdded(StrictSerializer):
    """Input for a link."""

    kind = Text(max_length=40, help_text=f"One of {', '.join(IncidentLink.Kind.values)}.")
    title = Text(max_length=200)
    url = Text(max_length=2000, help_text="Begins with https://.")
