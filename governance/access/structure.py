"""What the applications to the right hang rights on: filled once by their AppConfig, read by `rights`.

Access stands left of the inventory and may not import it; the inventory tells it which models are the tree that
rights are inherited along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from governance.lifecycle import Refusal

if TYPE_CHECKING:
    from django.db.models import Model

    from governance.access.models import User


@dataclass(frozen=True)
class GroupRole:
    """A role that a group of single sign-on stands for: on a unit, or (without one) organisation-wide."""

    group: str
    role: str
    unit: str | None = None

    @classmethod
    def of(cls, group: str, line: Mapping[str, Any]) -> GroupRole:
        """One line of SSO_GROUPS."""
        return cls(group, str(line.get("role", "")), line.get("unit"))


@dataclass(frozen=True)
class Structure:
    """The models rights are computed over.

    `standing` and `token_reach` are read-only views: who stands where now, and which systems a token reaches now.
    `follow_groups` makes roles on units agree with the groups of single sign-on.
    """

    system: type[Model]
    unit: type[Model]
    standing: type[Model]
    token_reach: type[Model]
    follow_groups: Callable[[User, Sequence[GroupRole]], Sequence[Refusal]]


_registered: list[Structure] = []


def register(structure: Structure) -> None:
    """Say which models carry rights; called once, at start."""
    _registered[:] = [structure]


def structure() -> Structure:
    """The registered models. Raises RuntimeError before start-up has finished."""
    if not _registered:
        raise RuntimeError("no application has said which models carry rights")
    return _registered[0]
