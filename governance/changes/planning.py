"""Planned windows of changes beside each other and beside the freezes of the policy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.policy.sections import Freeze

NOWHERE: Mapping[int, frozenset[int]] = {}


@dataclass(frozen=True, slots=True)
class Window:
    """When a change is planned, half-open [since, until); `units` names its unit and those above."""

    change: int
    name: str
    system: int
    system_name: str
    tier: str
    units: frozenset[str]
    since: datetime
    until: datetime
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """A planned change with what stands against its window; `other` is the change it meets, None for a freeze."""

    change: int
    other: int | None
    text: str


def clashes(
    windows: Sequence[Window], freezes: Iterable[Freeze], builds_on: Mapping[int, frozenset[int]] = NOWHERE
) -> tuple[Clash, ...]:
    """Every pair of windows that overlap on one system, or on a system and one it builds on; every window in a freeze.

    `builds_on` names for a system those it depends on. Emergencies pass a freeze.
    """
    ordered = sorted(windows, key=lambda window: (window.since, window.change))
    found = []
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.since >= one.until:
                break
            if why := _related(one, other, builds_on):
                found.append(Clash(one.change, other.change, f"{one.name} and {other.name} overlap {why}."))
    for freeze in freezes:
        found += [
            Clash(window.change, None, f"{window.name} is planned in the freeze “{freeze.title}”.")
            for window in ordered
            if not window.emergency and freezes_window(freeze, window)
        ]
    return tuple(found)


def _related(one: Window, other: Window, builds_on: Mapping[int, frozenset[int]]) -> str:
    """Why two windows that overlap concern each other; empty where they do not."""
    if one.system == other.system:
        return f"on {one.system_name}"
    if other.system in builds_on.get(one.system, frozenset()):
        return f"and {one.system_name} builds on {other.system_name}"
    if one.system in builds_on.get(other.system, frozenset()):
        return f"and {other.system_name} builds on {one.system_name}"
    return ""


def freezes_window(freeze: Freeze, window: Window) -> bool:
    """Whether a freeze is about this window's system and meets the window. An unknown tier is never outside."""
    return (
        freeze.since < window.until
        and window.since < freeze.until
        and (not freeze.tiers or not window.tier or window.tier in freeze.tiers)
        and (not freeze.units or bool(set(freeze.units) & window.units))
    )
