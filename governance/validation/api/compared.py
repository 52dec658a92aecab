"""What changed since the last approved release, as the API shows it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from inventory.api.serializers import ReleaseNamed


class ValueChanged(serializers.Serializer[Any]):
    """One value before and after; empty where there was or is none."""

    name = serializers.CharField(source="label")
    before = serializers.CharField()
    after = serializers.CharField()


class LineChanged(serializers.Serializer[Any]):
    """One line of a list that differs."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(["added", "changed", "removed"])
    changes = ValueChanged(many=True)


class LinesChanged(serializers.Serializer[Any]):
    """A list of the package with the lines that differ."""

    key = serializers.CharField()
    lines = LineChanged(many=True)
    same = serializers.IntegerField(help_text="How many lines do not differ.")


class StretchShown(serializers.Serializer[Any]):
    """Neighbouring words with the same fate."""

    kind = serializers.ChoiceField(["same", "added", "removed"])
    text = serializers.CharField()


class TextChanged(serializers.Serializer[Any]):
    """A text of the description, word by word."""

    name = serializers.CharField(source="label")
    stretches = StretchShown(many=True)


class SectionChanged(serializers.Serializer[Any]):
    """A section of a document, word by word."""

    id = serializers.CharField()
    stretches = StretchShown(many=True)


class DocumentChanged(serializers.Serializer[Any]):
    """A document that differs."""

    template = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(["added", "changed", "removed"])
    sections = SectionChanged(many=True)


class ChangesShown(serializers.Serializer[Any]):
    """What a package changes since the one of its system that was approved last before it."""

    first = serializers.BooleanField(source="comparison.first", help_text="Whether nothing was approved before.")
    since = ReleaseNamed(source="base.release", allow_null=True, default=None)
    since_digest = serializers.CharField(source="base.digest", allow_null=True, default=None)
    digest = serializers.CharField(source="submission.digest")
    summary = serializers.CharField(source="comparison.summary")
    lists = LinesChanged(many=True, source="comparison.lists")
    facts = ValueChanged(many=True, source="comparison.facts")
    answers = ValueChanged(many=True, source="comparison.answers")
    texts = TextChanged(many=True, source="comparison.texts")
    documents = DocumentChanged(many=True, source="comparison.documents")


class ReplacementShown(serializers.Serializer[Any]):
    """The later package of a release that took the place of this one, with what differs between the two."""

    submission = serializers.IntegerField(source="submission.number")
    review = serializers.IntegerField(source="review.pk", allow_null=True, default=None, help_text="The stage there.")
    sentence = serializers.CharField()
    href = serializers.CharField()
    changes = ChangesShown()
