"""What follow-up work takes in and shows over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.changes.models import FollowUp
from governance.rest.serializers import Offered, StrictSerializer, Text
from inventory.api.serializers import PersonShown

LONG = 10_000


class FollowUpShown(serializers.Serializer[Any]):
    """Something that has to be done because something else happened."""

    id = serializers.IntegerField()
    key = serializers.SerializerMethodField()
    system = serializers.CharField(source="system.slug")
    cause = serializers.ChoiceField(FollowUp.Cause.values)
    step = serializers.CharField(help_text="Which of the things that follow from one cause.")
    asset = serializers.CharField(source="asset.slug", allow_null=True, default=None)
    change = serializers.IntegerField(source="change_id", allow_null=True)
    pack = serializers.IntegerField(source="pack_id", allow_null=True)
    revalidation = serializers.IntegerField(source="revalidation_id", allow_null=True)
    origin = serializers.CharField(help_text="Page of the incident, document or audit that made it necessary.")
    title = serializers.CharField()
    owner = PersonShown(allow_null=True)
    due = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()
    state = serializers.ChoiceField(FollowUp.State.values)
    href = serializers.SerializerMethodField()

    def get_key(self, follow_up: FollowUp) -> str:
        """The name people use."""
        return f"FU-{follow_up.pk}"

    def get_href(self, follow_up: FollowUp) -> str:
        """Its page."""
        return f"/follow-ups/{follow_up.pk}/"


class FollowUpDetail(FollowUpShown):
    """With how it ended and what this person could do."""

    text = serializers.CharField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_by = PersonShown(allow_null=True)
    note = serializers.CharField()
    available_actions = Offered(many=True)


class FollowUpSettled(StrictSerializer):
    """Input for finishing or dropping it."""

    note = Text(max_length=LONG, help_text="What was done, or why nothing is to be done.")


class FollowUpHandedOver(StrictSerializer):
    """Input for handing it over."""

    owner = Text(max_length=150, help_text="Username of whoever does it from now on.")
    reason = Text(required=False, max_length=LONG)
