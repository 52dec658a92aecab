"""One change to many rows over REST: what goes in and what comes of it, whatever the rows are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from governance.rest.serializers import StrictSerializer, Text

MOST = 200
STATUSES = ("changes", "unchanged", "refused")


class TogetherAsked(StrictSerializer):
    """Input: one change to many, each judged for itself."""

    value = Text(allow_blank=False, max_length=150, help_text="A word of the field, a username, or an instant.")
    reason = Text(allow_blank=False, max_length=500)
    seen = Text(required=False, max_length=80, help_text="The summary agreed to: 409 where it is another by now.")
    only_try = serializers.BooleanField(required=False, help_text="Say what it would come to; write nothing.")


def asked(name: str, rows: str, fields: Sequence[str], *, slugs: bool = False) -> type[TogetherAsked]:
    """The input for rows of one kind: `rows` names their list, `fields` what may be changed of them."""
    child = Text(max_length=120) if slugs else serializers.IntegerField(min_value=1)
    told = "Slugs." if slugs else "Their ids."
    body: dict[str, Any] = {
        "__doc__": TogetherAsked.__doc__, "__module__": __name__,
        rows: serializers.ListField(child=child, min_length=1, max_length=MOST, help_text=told),
        "field": serializers.ChoiceField(tuple(fields)),
    }  # fmt: skip
    return type(name, (TogetherAsked,), body)


class TogetherOutcome(serializers.Serializer[Any]):
    """What became of one of them."""

    key = serializers.CharField(help_text="Its slug or its id.")
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    reasons = serializers.ListField(child=serializers.CharField())


class TogetherDone(serializers.Serializer[Any]):
    """All of them; `seen` stands for exactly this summary."""

    field = serializers.CharField()
    value = serializers.CharField()
    seen = serializers.CharField()
    outcomes = TogetherOutcome(many=True)


def answered(done: Any) -> Response:
    """The answer to such a change."""
    told = {"field": done.field, "value": done.value, "seen": done.seen, "outcomes": done.outcomes}
    return Response(TogetherDone(told).data)
