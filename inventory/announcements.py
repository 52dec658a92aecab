"""Facts the inventory announces; apps to its right subscribe and act inside the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AssetStopped:
    """An asset was withdrawn, breached or lost its support; `systems` are the keys of all that stands on it."""

    asset: int
    name: str
    state: str
    reason: str
    systems: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RunningReported:
    """It was said what runs of these systems (by key) in an environment; it may be what was known before.

    Not `heard` where nobody said anything new and a release that runs there moved.
    """

    environment: str
    systems: tuple[int, ...]
    heard: bool = True
