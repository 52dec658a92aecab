"""What two packs say differently, place by place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NAMES = ("id", "tier", "value", "regime")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place with what it said and says; None where it is not there."""

    place: str
    before: str | None
    after: str | None


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every place that differs, in the order of the second pack and then of what it dropped.

    Lines of a list are told apart by their id, so that a line put in between moves nothing else.
    """
    old, new = dict(_leaves((), before)), dict(_leaves((), after))
    places = [*new, *(place for place in old if place not in new)]
    return tuple(
        Difference(" › ".join(place), old.get(place), new.get(place))
        for place in places
        if old.get(place) != new.get(place)
    )


def _leaves(place: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves((*place, str(key)), inner)
    elif isinstance(value, list) and any(isinstance(line, Mapping) for line in value):
        for number, line in enumerate(value, start=1):
            yield from _leaves((*place, _name(line, number)), line)
    elif isinstance(value, list):
        yield place, ", ".join(str(each) for each in value)
    elif value is not None:
        yield place, str(value)


def _name(line: Any, number: int) -> str:
    named = (line.get(key) for key in _NAMES) if isinstance(line, Mapping) else ()
    return next((str(name) for name in named if name), str(number))
