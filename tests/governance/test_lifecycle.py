"""The state machine: who may not, what cannot now, and what is offered in advance."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from governance.lifecycle import Choice, Conflict, Forbidden, Machine, Reason, Transition


@dataclass(frozen=True)
class Facts:
    """What the machine of these tests asks for."""

    author: bool = False
    pending: bool = False
    signatures: int = 1


def not_the_author(facts: Facts) -> Reason | None:
    return Reason("sod.author", "You wrote it.") if facts.author else None


def nothing_pending(facts: Facts) -> Reason | None:
    return Reason("blocked", "Something is pending.") if facts.pending else None


MACHINE: Machine[Facts] = Machine(
    noun="paper",
    states=frozenset({"draft", "open", "signed", "filed"}),
    transitions={
        "submit": Transition(frozenset({"draft"}), "open", "paper.submit"),
        "sign": Transition(
            frozenset({"open"}),
            Choice(frozenset({"open", "signed"}), lambda facts: "signed" if facts.signatures >= 2 else "open"),
            "paper.sign",
            may=(not_the_author,),
            can=(nothing_pending,),
        ),
        "file": Transition(frozenset({"signed"}), "filed", ""),
    },
)
ALL = {"paper.submit", "paper.sign"}


def test_a_permitted_verb_from_the_right_state_leads_to_its_target() -> None:
    assert MACHINE.decide("submit", "draft", allowed=ALL, facts=Facts()) == "open"


def test_the_target_of_a_quorum_depends_on_the_signatures() -> None:
    assert MACHINE.decide("sign", "open", allowed=ALL, facts=Facts(signatures=1)) == "open"
    assert MACHINE.decide("sign", "open", allowed=ALL, facts=Facts(signatures=2)) == "signed"


def test_without_the_permission_the_answer_is_forbidden_whatever_the_state() -> None:
    with pytest.raises(Forbidden) as refusal:
        MACHINE.decide("sign", "draft", allowed={"paper.submit"}, facts=Facts())
    assert refusal.value.code == "forbidden"


def test_a_person_who_may_not_is_told_so_before_the_state_is_looked_at() -> None:
    with pytest.raises(Forbidden) as refusal:
        MACHINE.decide("sign", "filed", allowed=ALL, facts=Facts(author=True))
    assert refusal.value.code == "sod.author"


def test_a_wrong_state_is_a_conflict_that_names_what_can_be_done() -> None:
    with pytest.raises(Conflict) as refusal:
        MACHINE.decide("sign", "draft", allowed=ALL, facts=Facts())
    assert refusal.value.code == "state"
    assert "submit" in str(refusal.value)


def test_a_guard_refuses_with_its_reason() -> None:
    with pytest.raises(Conflict) as refusal:
        MACHINE.decide("sign", "open", allowed=ALL, facts=Facts(pending=True))
    assert refusal.value.reasons == (Reason("blocked", "Something is pending."),)


def test_an_unknown_verb_is_refused_loudly() -> None:
    with pytest.raises(KeyError):
        MACHINE.decide("burn", "draft", allowed=ALL, facts=Facts())


def test_what_is_offered_agrees_with_what_is_decided() -> None:
    for state in sorted(MACHINE.states):
        for allowed in (set(), {"paper.submit"}, ALL):
            for facts in (Facts(), Facts(author=True), Facts(pending=True), Facts(signatures=2)):
                offers = {offer.verb: offer for offer in MACHINE.offered(state, allowed=allowed, facts=facts)}
                for verb, offer in offers.items():
                    if offer.open:
                        MACHINE.decide(verb, state, allowed=allowed, facts=facts)
                        continue
                    with pytest.raises(Forbidden if offer.forbidden else Conflict) as refusal:
                        MACHINE.decide(verb, state, allowed=allowed, facts=facts)
                    assert refusal.value.reasons == offer.reasons


def test_a_verb_no_person_presses_is_never_offered() -> None:
    assert MACHINE.offered("signed", allowed=ALL, facts=Facts()) == ()


def test_a_table_that_names_an_unknown_state_does_not_start() -> None:
    with pytest.raises(ValueError, match="unknown states"):
        Machine("paper", frozenset({"draft"}), {"submit": Transition(frozenset({"draft"}), "gone", "x")})


def test_a_choice_outside_its_targets_is_refused() -> None:
    machine: Machine[Facts] = Machine(
        "paper",
        frozenset({"a", "b", "c"}),
        {"go": Transition(frozenset({"a"}), Choice(frozenset({"b"}), lambda _: "c"), "")},
    )
    with pytest.raises(ValueError, match="none of its targets"):
        machine.decide("go", "a", allowed=(), facts=Facts())


def test_every_pair_of_the_table_is_known_to_the_database_rule() -> None:
    assert MACHINE.pairs() == {("draft", "open"), ("open", "open"), ("open", "signed"), ("signed", "filed")}


def test_a_refusal_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        Forbidden()
