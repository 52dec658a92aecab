"""What the response to an incident takes in and shows over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Instant, Number, StrictSerializer, Text
from incidents.models import Participant
from inventory.api.serializers import PersonShown


class ParticipantShown(serializers.Serializer[Any]):
    """Somebody who takes part."""

    person = PersonShown()
    function = serializers.ChoiceField(Participant.Function.values)
    stage = serializers.ChoiceField(Participant.Stage.values)
    added_at = serializers.DateTimeField()
    agreed_at = serializers.DateTimeField(allow_null=True, help_text="When they agreed with the review as it is.")


class MeasureShown(serializers.Serializer[Any]):
    """What keeps the harm small for a time."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    release = serializers.IntegerField(source="release_id", allow_null=True)
    taken_at = serializers.DateTimeField()
    taken_by = PersonShown()
    until = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = PersonShown(allow_null=True)
    outcome = serializers.CharField()


class StopShown(serializers.Serializer[Any]):
    """What was stopped because of the incident."""

    release = serializers.IntegerField(source="release_id", allow_null=True)
    hold = serializers.IntegerField(source="hold_id", allow_null=True)
    at = serializers.DateTimeField()
    by = PersonShown()


class EvidenceHoldShown(serializers.Serializer[Any]):
    """Evidence that stays, or stayed, as it is."""

    reason = serializers.CharField()
    placed_at = serializers.DateTimeField()
    placed_by = PersonShown()
    lifted_at = serializers.DateTimeField(allow_null=True)
    lifted_by = PersonShown(allow_null=True)
    lift_reason = serializers.CharField()


class ParticipantAdded(StrictSerializer):
    """Input for naming somebody who takes part."""

    person = Text(max_length=150, help_text="Username.")
    function = Text(max_length=40, help_text=f"One of {', '.join(Participant.Function.values)}.")
    stage = Text(max_length=40, help_text=f"One of {', '.join(Participant.Stage.values)}.")


class PlaybookStarted(StrictSerializer):
    """Input for beginning a playbook."""

    playbook = Text(max_length=60, help_text="A playbook of the policy in force for this type of incident.")
    owner = Text(max_length=150, help_text="Username of whoever has its tasks.")


class MeasureTaken(StrictSerializer):
    """Input for a temporary measure."""

    text = Text(max_length=300)
    until = Instant()
    release = Number(required=False, allow_null=True, min_value=1, help_text="Number of a release of the system.")


class MeasureEnded(StrictSerializer):
    """Input for ending a temporary measure."""

    outcome = Text(max_length=4000)


class IncidentSuspension(StrictSerializer):
    """Input for suspending a release."""

    release = Number(min_value=1, help_text="Number of a release of the system.")
    reason = Text(max_length=1900)


class IncidentHold(StrictSerializer):
    """Input for placing a hold."""

    release = Number(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="Number of a release; leave it out for the whole system.",
    )
    reason = Text(max_length=1900)
