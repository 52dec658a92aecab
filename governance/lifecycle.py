"""The state machine of every governed noun: one call decides permission, independence, state and guards.

Pure Python, no Django. A service locks the row, gathers facts, asks `Machine.decide`, writes the answer and
records it. Pages, API and commands ask `Machine.offered` for the same answers in advance.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused: a code for programs, a sentence a person can act on, and where to mend it, if known."""

    code: str
    text: str
    href: str = ""

    def as_json(self) -> dict[str, str]:
        """As programs read it; `href` only where there is a place to mend it."""
        told = {"code": self.code, "text": self.text}
        return {**told, "href": self.href} if self.href else told


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not an error
    """A refusal with at least one reason; the first reason's code stands for the whole."""

    def __init__(self, *reasons: Reason) -> None:
        if not reasons:
            raise ValueError("a refusal needs a reason")
        super().__init__(" ".join(reason.text for reason in reasons))
        self.reasons = reasons

    @property
    def code(self) -> str:
        """The stable code of the first reason."""
        return self.reasons[0].code


class Forbidden(Refusal):
    """This person may not (HTTP 403)."""


class Conflict(Refusal):
    """Nobody can now: state, order or content stands against it (HTTP 409)."""


Guard = Callable[[F], Reason | tuple[Reason, ...] | None]


def asked(guards: tuple[Guard[F], ...], facts: F) -> list[Reason]:
    """Every reason these guards give."""
    reasons: list[Reason] = []
    for guard in guards:
        answer = guard(facts) or ()
        reasons.extend(answer if isinstance(answer, tuple) else (answer,))
    return reasons


@dataclass(frozen=True)
class Choice(Generic[F]):
    """A target that depends on the facts, with every state it may come to."""

    targets: frozenset[str]
    choose: Callable[[F], str]


@dataclass(frozen=True)
class Transition(Generic[F]):
    """One verb of a machine.

    `permission` is the vocabulary word the actor needs on the object (empty: no person presses this verb,
    the portal itself does). `may` guards answer who may not (403); `can` guards answer what stands in the way
    now (409). `instead` gives states that are no source a better reason than the general sentence.
    """

    sources: frozenset[str]
    target: str | Choice[F]
    permission: str
    may: tuple[Guard[F], ...] = ()
    can: tuple[Guard[F], ...] = ()
    instead: Mapping[str, Reason] = field(default_factory=dict)

    @property
    def targets(self) -> frozenset[str]:
        """Every state this verb may lead to."""
        return self.target.targets if isinstance(self.target, Choice) else frozenset({self.target})


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb with what blocks it for this person now; no reasons means the button works."""

    verb: str
    reasons: tuple[Reason, ...] = ()
    forbidden: bool = False

    @property
    def open(self) -> bool:
        """Whether the verb would succeed."""
        return not self.reasons


@dataclass(frozen=True)
class Machine(Generic[F]):
    """The transition table of one noun."""

    noun: str
    states: frozenset[str]
    transitions: Mapping[str, Transition[F]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a table that names a state the noun does not have."""
        for verb, transition in self.transitions.items():
            unknown = (transition.sources | transition.targets | transition.instead.keys()) - self.states
            if unknown:
                raise ValueError(f"{self.noun}.{verb} names unknown states {sorted(unknown)}")

    def decide(self, verb: str, state: str, *, allowed: Container[str], facts: F) -> str:
        """Return the state that `verb` leads to, or raise.

        `allowed` holds the permissions the actor has on this object. Raises Forbidden when the actor may not,
        Conflict when the object cannot now, KeyError for a verb the noun does not have.
        """
        transition = self.transitions[verb]
        self._refuse_actor(transition, allowed, facts)
        self._refuse_state(verb, transition, state, allowed, facts)
        target = transition.target
        new = target.choose(facts) if isinstance(target, Choice) else target
        if new not in transition.targets:
            raise ValueError(f"{self.noun}.{verb} chose {new!r}, which is none of its targets")
        return new

    def offered(self, state: str, *, allowed: Container[str], facts: F, every: bool = False) -> tuple[Offer, ...]:
        """Every verb a person could press from this state, with the reasons that block it.

        With `every` also those of other states, each blocked: by what stands against the person, or by the state.
        """
        offers = []
        for verb, transition in self.transitions.items():
            if not transition.permission:
                continue
            if not every and state not in (transition.sources | transition.instead.keys()):
                continue
            try:
                self.decide(verb, state, allowed=allowed, facts=facts)
            except Refusal as refusal:
                offers.append(Offer(verb, refusal.reasons, isinstance(refusal, Forbidden)))
            else:
                offers.append(Offer(verb))
        return tuple(offers)

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Every (from, to) the database may see; the trigger is rendered from this."""
        return frozenset(
            (source, target)
            for transition in self.transitions.values()
            for source in transition.sources
            for target in transition.targets
        )

    def _refuse_actor(self, transition: Transition[F], allowed: Container[str], facts: F) -> None:
        # What stands against the person says more than a missing right, so it comes first.
        reasons = asked(transition.may, facts)
        if transition.permission and transition.permission not in allowed:
            # The words of the vocabulary, which stands further right, come with its members.
            right = getattr(transition.permission, "words", transition.permission)
            reasons.append(Reason("forbidden", f"You need the right to {right} on this {self.noun}."))
        if reasons:
            raise Forbidden(*reasons)

    def _refuse_state(
        self, verb: str, transition: Transition[F], state: str, allowed: Container[str], facts: F
    ) -> None:
        if state in transition.instead:
            raise Conflict(transition.instead[state])
        if state not in transition.sources:
            possible = sorted(
                other
                for other, t in self.transitions.items()
                if state in t.sources and t.permission and t.permission in allowed
            )
            rest = f" You can: {', '.join(possible)}." if possible else ""
            raise Conflict(
                Reason(
                    "state",
                    f"A {self.noun} that is {state.replace('_', ' ')} cannot be moved by “{verb}”.{rest}",
                )
            )
        reasons = asked(transition.can, facts)
        if reasons:
            raise Conflict(*reasons)
