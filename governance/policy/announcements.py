"""Facts the policy announces; apps to its right subscribe and act inside the same transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackAdopted:
    """A second person adopted a pack; it comes into force at the instant the pack names."""

    pack: int


@dataclass(frozen=True, slots=True)
class PackWithdrawn:
    """An adopted pack was taken back before its date, by the person of this key, for this reason."""

    pack: int
    by: int
    reason: str
