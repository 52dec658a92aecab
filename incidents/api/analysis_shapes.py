"""What the analysis of an incident and what is told outside of it take in and show over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Number, StrictSerializer, Text
from incidents.causes import CATEGORIES
from inventory.api.serializers import PersonShown


class WhyShown(serializers.Serializer[Any]):
    """One question of the chain."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    question = serializers.CharField()
    answer = serializers.CharField()
    root_cause = serializers.BooleanField(source="root")
    at = serializers.DateTimeField()
    by = PersonShown()


class FactorShown(serializers.Serializer[Any]):
    """Something that contributed."""

    id = serializers.IntegerField()
    category = serializers.ChoiceField(list(CATEGORIES))
    factor = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()
    by = PersonShown()


class WhyAsked(StrictSerializer):
    """Input for the next question."""

    question = Text(max_length=300)
    answer = Text(max_length=4000)
    root_cause = serializers.BooleanField(source="root", required=False, help_text="The answer is the root cause.")


class FactorNamed(StrictSerializer):
    """Input for what contributed."""

    category = Text(max_length=11, help_text=f"One of {', '.join(CATEGORIES)}.")
    factor = Text(required=False, max_length=40, help_text="A word of the vocabulary of its category.")
    text = Text(max_length=300, help_text="How it contributed here.")


class SimilarShown(serializers.Serializer[Any]):
    """Another incident that went wrong alike: ours, or one others had."""

    id = serializers.IntegerField()
    other = serializers.IntegerField(source="other_id", allow_null=True)
    past = serializers.IntegerField(source="past_id", allow_null=True)
    title = serializers.CharField(source="__str__")
    note = serializers.CharField()
    at = serializers.DateTimeField()
    by = PersonShown()


class ForesightShown(serializers.Serializer[Any]):
    """What was said about foreseeing it."""

    id = serializers.IntegerField()
    foreseen = serializers.BooleanField()
    risk = serializers.IntegerField(source="risk_id", allow_null=True)
    note = serializers.CharField()
    at = serializers.DateTimeField()
    by = PersonShown()


class SimilarNamed(StrictSerializer):
    """Input for a link: one of the two."""

    other = Number(required=False, min_value=1, help_text="Number of another incident.")
    past = Number(required=False, min_value=1, help_text="Key of a past incident of others.")
    note = Text(max_length=1000, help_text="What is alike.")


class ForeseenSaid(StrictSerializer):
    """Input: the risk that had foreseen it, or null."""

    risk = Number(min_value=1, allow_null=True, help_text="Number of a risk of the system; null: none had.")
    note = Text(required=False, max_length=4000)


class RiskWritten(StrictSerializer):
    """Input for the risk an incident showed."""

    title = Text(max_length=200)
    area = Text(max_length=10, help_text="An area of impact of the risk register.")
    source = Text(required=False, max_length=10_000)  # type: ignore[assignment]  # the wire's word
    cause = Text(required=False, max_length=10_000)
    effect = Text(required=False, max_length=10_000)


class SummaryShown(serializers.Serializer[Any]):
    """One version of what is told outside, and what was decided on it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    text = serializers.CharField()
    written_at = serializers.DateTimeField()
    written_by = PersonShown()
    approved = serializers.BooleanField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = PersonShown(allow_null=True)
    decision = serializers.CharField()


class SummaryOutside(serializers.Serializer[Any]):
    """What may be shared."""

    text = serializers.CharField()


class SummaryWritten(StrictSerializer):
    """Input for a version."""

    text = Text(max_length=20_000, help_text="Markdown, without names of people or systems.")
