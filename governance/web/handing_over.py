"""What somebody leaves behind when their account closes: each app says what was theirs, and how it is handed over.

An app registers a `Legacy` from its AppConfig.ready. `give` is the app's own service: it judges, writes and raises as
it does at every other door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from governance.access.models import User
from governance.ledger.acting import Door
from governance.web.slots import Slot


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that was somebody's; `note` says what happens to it meanwhile."""

    key: int
    title: str
    href: str
    note: str = ""


class Give(Protocol):
    """Hands one thing over. Raises what the service raises."""

    def __call__(self, *, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
        """Make it the successor's."""


@dataclass(frozen=True)
class Legacy:
    """One kind of thing. Without `give`, `otherwise` says who goes on with it as it is."""

    key: str
    title: str
    left: Callable[[User], Iterable[Left]]
    give: Give | None = None
    otherwise: str = ""
    order: int = 100

    @property
    def has_successor(self) -> bool:
        """Whether somebody is named to go on with it."""
        return self.give is not None


LEGACIES: Slot[Legacy] = Slot("hand-over")
