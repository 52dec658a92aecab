"""The lifecycle of a policy pack: states, facts, guards, transition table. Pure Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from governance.access.vocabulary import Permission
from governance.lifecycle import Machine, Reason, Transition


class PackState(StrEnum):
    """Where a pack is on its way into force."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What the pack machine needs to know; gathered under the row lock."""

    now: datetime
    actor_id: int | None = None
    proposed_by_id: int | None = None
    effective_from: datetime | None = None
    date_taken: bool = False


def _a_second_person(facts: PackFacts) -> Reason | None:
    if facts.actor_id is not None and facts.actor_id == facts.proposed_by_id:
        return Reason("sod.same_person", "You proposed this pack; another person adopts it.")
    return None


def _not_in_the_past(facts: PackFacts) -> Reason | None:
    if facts.effective_from is None or facts.effective_from < facts.now:
        return Reason("past", "A pack comes into force now or later, never backwards.")
    return None


def _date_is_free(facts: PackFacts) -> Reason | None:
    return Reason("duplicate", "Another pack comes into force at that instant.") if facts.date_taken else None


def _before_its_date(facts: PackFacts) -> Reason | None:
    if facts.effective_from is None or facts.effective_from <= facts.now:
        return Reason("in_force", "A pack that has come into force is not withdrawn; adopt another after it.")
    return None


_S = PackState
_CHANGE = Permission.PACK_CHANGE

PACK: Machine[PackFacts] = Machine(
    noun="policy pack",
    states=frozenset(_S),
    transitions={
        "propose": Transition(frozenset({_S.DRAFT}), _S.PROPOSED, _CHANGE),
        "adopt": Transition(
            frozenset({_S.PROPOSED}), _S.ADOPTED, _CHANGE,
            may=(_a_second_person,), can=(_not_in_the_past, _date_is_free),
        ),
        "refuse": Transition(frozenset({_S.PROPOSED}), _S.DRAFT, _CHANGE),
        "withdraw": Transition(frozenset({_S.ADOPTED}), _S.WITHDRAWN, _CHANGE, can=(_before_its_date,)),
        # The portal itself, once: there is no second person before there is a first.
        "adopt_at_bootstrap": Transition(frozenset({_S.DRAFT}), _S.ADOPTED, ""),
    },
)  # fmt: skip
