"""One change to many systems over REST: what goes in and what comes of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import StrictSerializer, Text
from inventory.services.together import CHANGES, FIELDS, MOST, REFUSED, UNCHANGED


class TogetherAsked(StrictSerializer):
    """One change; `value` is a word of the field, a phase, or the slug of a unit."""

    systems = serializers.ListField(child=Text(max_length=120), min_length=1, max_length=MOST, help_text="Slugs.")
    field = serializers.ChoiceField(FIELDS)
    value = Text(allow_blank=False, max_length=120)
    reason = Text(allow_blank=False, max_length=500)
    seen = Text(required=False, max_length=80, help_text="The summary agreed to: 409 where it is another by now.")
    only_try = serializers.BooleanField(required=False, help_text="Say what it would come to; write nothing.")


class TogetherOutcome(serializers.Serializer[Any]):
    """What became of one system."""

    slug = serializers.CharField()
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    status = serializers.ChoiceField((CHANGES, UNCHANGED, REFUSED))
    reasons = serializers.ListField(child=serializers.CharField())


class TogetherDone(serializers.Serializer[Any]):
    """All of them; `seen` stands for exactly this summary."""

    field = serializers.CharField()
    value = serializers.CharField()
    seen = serializers.CharField()
    outcomes = TogetherOutcome(many=True)
