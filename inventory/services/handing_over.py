"""Handing over what somebody left: each thing by the service of its own app; what one refuses leaves the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.lifecycle import Reason, Refusal
from governance.web.handing_over import Left, Legacy

REASON = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of handing over one thing; no refusals means it was done."""

    legacy: Legacy
    thing: Left
    successor: User
    refusals: tuple[Reason, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why not, in sentences."""
        return tuple(refusal.text for refusal in self.refusals)


def hand_over(
    *, actor: User, leaver: User, given: Iterable[tuple[Legacy, Left, User]], reason: str, door: Door
) -> list[Outcome]:
    """Give each thing to its successor, each for itself, and say what came of it."""
    return [_give(actor, leaver, *each, reason, door) for each in given]


def successor_named(name: str) -> User | None:
    """The person with an open account of that user name."""
    people = User.objects.filter(kind=User.Kind.HUMAN, is_active=True, closed_at=None)
    return people.filter(username__iexact=name).first() if "\0" not in name else None


def _give(actor: User, leaver: User, legacy: Legacy, thing: Left, successor: User, reason: str, door: Door) -> Outcome:
    assert legacy.give is not None  # noqa: S101  only what has a successor is given
    try:
        legacy.give(actor=actor, person=leaver, key=thing.key, successor=successor, reason=reason, door=door)
    except Refusal as refusal:
        return Outcome(legacy, thing, successor, refusal.reasons)
    except InvalidInput as invalid:
        said = tuple(Reason("invalid", text) for texts in invalid.errors.values() for text in texts)
        return Outcome(legacy, thing, successor, said)
    return Outcome(legacy, thing, successor)
