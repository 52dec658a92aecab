"""Serializers that refuse what they do not know and never turn one type into another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rest_framework import serializers

from governance.lifecycle import Reason


class StrictSerializer(serializers.Serializer[Any]):
    """Input with exactly the declared fields: anything else is an error that names it, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises ValidationError with unknown fields beside wrong ones."""
        errors: dict[str, Any] = {}
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            errors = {str(name)[:100]: ["Is no field you can set here."] for name in data if name not in writable}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            raise serializers.ValidationError({**errors, **error.detail}) from error
        if errors:
            raise serializers.ValidationError(errors)
        return values


class Nothing(StrictSerializer):
    """An empty body."""


class Text(serializers.CharField):
    """Text that arrived as text; what it may hold and how long it may be, the services decide."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_blank", True)
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Refuse numbers and truth values that happen to print well."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.IntegerField):
    """A whole number that arrived as one and fits into the database."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_value", 2**53 - 1)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Refuse text, fractions and truth values."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Day(serializers.DateField):
    """A day like 2026-11-21, as text."""

    def to_internal_value(self, value: Any) -> date:
        """Refuse everything that is not text."""
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class Instant(serializers.DateTimeField):
    """An instant like 2026-11-21T10:00:00Z, as text with its zone."""

    default_error_messages = {"zone": "Must say its time zone, like 2026-11-21T10:00:00Z."}

    def to_internal_value(self, value: Any) -> Any:
        """Refuse everything that is not text, and local times nobody can place."""
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        instant = super().to_internal_value(value)
        if not (value.rstrip().upper().endswith("Z") or "+" in value[10:] or "-" in value[10:]):
            self.fail("zone")
        return instant


class ProblemReason(serializers.Serializer[Any]):
    """One reason of a refusal."""

    code = serializers.CharField()
    text = serializers.CharField()
    href = serializers.CharField(required=False, help_text="Where it is mended, if there is such a place.")

    def to_representation(self, instance: Any) -> dict[str, str]:
        """As a refusal says it, `href` only where there is one."""
        return instance.as_json() if isinstance(instance, Reason) else dict(super().to_representation(instance))


class Problem(serializers.Serializer[Any]):
    """application/problem+json as every error is said."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable word for programs.")
    detail = serializers.CharField(allow_blank=True)
    reasons = ProblemReason(many=True)
    errors = serializers.DictField(  # type: ignore[assignment]  # the wire's word, not the class's
        child=serializers.ListField(child=serializers.CharField())
    )
    request_id = serializers.CharField(required=False, allow_blank=True)


class Offered(serializers.Serializer[Any]):
    """A verb the person could press, with what blocks it now."""

    verb = serializers.CharField()
    open = serializers.BooleanField(help_text="Whether it would succeed now.")
    reasons = ProblemReason(many=True)


class Anything(serializers.Serializer[Any]):
    """A document described elsewhere."""
