"""Slots of the API: what apps further right add to an object another app shows.

Filled in `AppConfig.ready`. `contribute("release", Part("submissions", Serializer, read))` makes `submissions` appear
in a release's detail and in the schema; a part of a name already there takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from governance.access.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """One contributed member: how it is read for a person, and the serializer that shows it."""

    name: str
    serializer: type[serializers.BaseSerializer[Any]]
    read: Callable[[Any, User], Any]
    many: bool = True


_PARTS: dict[str, dict[str, Part]] = {}


def contribute(noun: str, part: Part) -> None:
    """Add a part to the detail of `noun`."""
    _PARTS.setdefault(noun, {})[part.name] = part


def parts_of(noun: str) -> tuple[Part, ...]:
    """The parts of `noun`, in the order they were added."""
    return tuple(_PARTS.get(noun, {}).values())


class WithParts(serializers.Serializer[Any]):
    """A detail that is completed by contributed parts; `noun` says whose."""

    noun = ""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The declared fields and one for each part."""
        fields = super().get_fields()
        for part in parts_of(self.noun):
            fields[part.name] = part.serializer(many=part.many, read_only=True, source=f"part_{part.name}")
        return fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Read each part for the person who asks, then show everything."""
        person = self.context["request"].user
        for part in parts_of(self.noun):
            setattr(instance, f"part_{part.name}", part.read(instance, person))
        return super().to_representation(instance)
