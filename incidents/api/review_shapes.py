"""What the review of an incident and playbooks take in and show over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Number, StrictSerializer, Text
from incidents.models import ActionLink
from inventory.api.serializers import PersonShown

LONG = 10_000


class IncidentReviewShown(serializers.Serializer[Any]):
    """The review of an incident; its cause, impact and lessons stand with the incident itself."""

    response = serializers.CharField()
    detection = serializers.CharField()
    analysis = serializers.CharField()
    mitigation = serializers.CharField()
    begun_at = serializers.DateTimeField()
    begun_by = PersonShown()
    updated_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    completed_by = PersonShown(allow_null=True)


class LinkShown(serializers.Serializer[Any]):
    """What an action item became."""

    kind = serializers.ChoiceField(ActionLink.TARGETS)
    id = serializers.IntegerField(source="target.pk")
    title = serializers.CharField(source="target")
    at = serializers.DateTimeField()


class StepShown(serializers.Serializer[Any]):
    """One step of a playbook."""

    text = serializers.CharField()
    within_hours = serializers.IntegerField()


class PlaybookVersionShown(serializers.Serializer[Any]):
    """A version of a playbook, with what it comes from and what was decided."""

    id = serializers.IntegerField()
    incident = serializers.IntegerField(source="incident_id")
    playbook = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    steps = StepShown(many=True)
    reason = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    proposed_by = PersonShown()
    accepted = serializers.BooleanField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = PersonShown(allow_null=True)
    decision = serializers.CharField()


class ReviewWritten(StrictSerializer):
    """Input for the review; what is left out stays as it is."""

    response = Text(required=False, max_length=LONG)
    detection = Text(required=False, max_length=LONG)
    analysis = Text(required=False, max_length=LONG)
    mitigation = Text(required=False, max_length=LONG)
    root_cause = Text(required=False, max_length=LONG)
    review = Text(required=False, max_length=LONG, help_text="What is learnt.")


class ActionBecame(StrictSerializer):
    """Input: the one thing an action item became."""

    change = Number(required=False, min_value=1, help_text="Number of a change of the system.")
    risk = Number(required=False, min_value=1, help_text="Number of a risk of the system.")
    plan = Number(required=False, min_value=1, help_text="Number of what is monitored on the system.")
    document = Number(required=False, min_value=1, help_text="Number of a document of the system.")
    playbook = Number(required=False, min_value=1, help_text="Number of a version of a playbook.")


class StepGiven(StrictSerializer):
    """One step of a playbook."""

    text = Text(max_length=300)
    within_hours = Number(min_value=1, max_value=8760)


class PlaybookProposed(StrictSerializer):
    """Input for a better playbook: the whole of it."""

    playbook = Text(max_length=60, help_text="A playbook of the policy in force.")
    title = Text(required=False, max_length=300, help_text="Left out, it keeps its title.")
    steps = serializers.ListField(child=StepGiven(), min_length=1, max_length=50)
    reason = Text(max_length=4000, help_text="What was learnt.")


class PlaybookDecided(StrictSerializer):
    """Input for a decision on a version."""

    reason = Text(required=False, max_length=2000)
