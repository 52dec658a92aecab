"""Whatever people do, in whatever order: an approval is whole and independent, and bad news never opens the gate.

Hypothesis makes the order; every step goes through the services against the database, and a clerk who shares no code
with the portal (bookkeeping) judges each. CI_FULL=1 makes 10,000 steps, in parts that run side by side; STATEFUL_STEPS
sets another number. The last tests take a defence away and show that the same machine then finds it.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from governance.policy import checking, checks
from governance.validation import queries
from governance.validation.rules import NOBODY
from tests.governance.validation.bookkeeping import ROLES, STAGES
from tests.governance.validation.world import Gates, World, prepared
from tests.loosening import SIGNING, loosen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(0)]

PARTS = 4
LENGTH = 50
MOST = 6
EVERYBODY = tuple(ROLES)
REVIEWERS = ("validator", "validator2", "auditor", "approver", "approver2", "allround")
OWNERS = ("owner", "deputy", "developer")
DECISIONS = ("approve", "approve", "approve", "approve_with_conditions", "return", "reject")


def likely(*people: str) -> st.SearchStrategy[str]:
    """Mostly those whose part it is, sometimes anybody."""
    return st.sampled_from(people * 6 + EVERYBODY) if len(people) < 4 else st.sampled_from(people * 3 + EVERYBODY)


class Portal(RuleBasedStateMachine):
    """Everything people do to the releases of one system."""

    world: World
    gates: Gates

    def __init__(self) -> None:
        super().__init__()
        self.opened = transaction.atomic()
        self.opened.__enter__()
        self.world = replace(type(self).world, book=deepcopy(type(self).world.book))
        self.worse = False
        self.gates = self.world.gates()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.opened.__exit__(None, None, None)

    def pick(self, data: st.DataObject, found: Any) -> Any:
        """One of what there is, mostly the newest."""
        known = list(found)
        return data.draw(st.sampled_from(known + known[-2:]))

    @rule(data=st.data(), who=likely("developer", "owner"), anew=st.booleans())
    def build(self, data: st.DataObject, who: str, anew: bool) -> None:
        """Describe a release, or give one other content."""
        if anew and len(self.world.book.releases) < MOST:
            self.world.describe(who)
        else:
            self.world.edit(who, self.pick(data, self.world.book.releases))

    @rule(data=st.data(), who=likely(*OWNERS))
    def submit(self, data: st.DataObject, who: str) -> None:
        ready = [pk for pk, entry in self.world.book.releases.items() if entry.open is None and not entry.rejected]
        self.world.submit(who, self.pick(data, ready or self.world.book.releases))

    @rule(data=st.data(), who=likely(*OWNERS))
    def withdraw(self, data: st.DataObject, who: str) -> None:
        self.world.withdraw(who, self.pick(data, self.world.book.releases))

    def under_review(self) -> list[int]:
        """Releases with an open package."""
        return [pk for pk, entry in self.world.book.releases.items() if entry.open]

    @precondition(lambda self: bool(self.under_review()))
    @rule(data=st.data(), who=st.sampled_from(REVIEWERS), decision=st.sampled_from(DECISIONS))
    def sign(self, data: st.DataObject, who: str, decision: str) -> None:
        """Somebody with a role, on the stage whose turn it is, on what is under review."""
        pk = self.pick(data, self.under_review())
        package = self.world.book.releases[pk].open
        assert package is not None
        self.world.sign(who, pk, package.stage(), decision, package.digest)

    def sign_by_who_may(self, data: st.DataObject, decision: str) -> None:
        """Somebody who may, as the clerk sees it."""
        pk = self.pick(data, self.under_review())
        entry = self.world.book.releases[pk]
        assert entry.open is not None
        stage = entry.open.stage()
        people = self.world.book.eligible(pk, stage)
        if people:
            self.world.sign(data.draw(st.sampled_from(people)), pk, stage, decision, entry.open.digest)

    @precondition(lambda self: bool(self.under_review()))
    @rule(data=st.data())
    def approve_in_turn(self, data: st.DataObject) -> None:
        self.sign_by_who_may(data, "approve")

    @precondition(lambda self: bool(self.under_review()))
    @rule(data=st.data(), decision=st.sampled_from(DECISIONS))
    def sign_in_turn(self, data: st.DataObject, decision: str) -> None:
        self.sign_by_who_may(data, decision)

    @precondition(lambda self: bool(self.under_review()))
    @rule(data=st.data(), decision=st.sampled_from(DECISIONS))
    def sign_dependent(self, data: st.DataObject, decision: str) -> None:
        """Somebody with the role who signed already or had a hand in it."""
        pk = self.pick(data, self.under_review())
        entry = self.world.book.releases[pk]
        assert entry.open is not None
        stage = entry.open.stage()
        free = self.world.book.eligible(pk, stage)
        people = [name for name, roles in ROLES.items() if STAGES[stage][0] in roles and name not in free]
        self.world.sign(data.draw(st.sampled_from(people)), pk, stage, decision, entry.open.digest)

    def outdated(self) -> list[int]:
        """Releases whose open package is not their first."""
        return [pk for pk in self.under_review() if len(self.world.book.releases[pk].packages) > 1]

    @precondition(lambda self: bool(self.outdated()))
    @rule(data=st.data(), decision=st.sampled_from(DECISIONS))
    def sign_outdated(self, data: st.DataObject, decision: str) -> None:
        """Somebody who may, having read an earlier package."""
        pk = self.pick(data, self.outdated())
        entry = self.world.book.releases[pk]
        assert entry.open is not None
        earlier = [package.digest for package in entry.packages.values() if not package.open]
        people = self.world.book.eligible(pk, entry.open.stage())
        if people:
            who, shown = data.draw(st.sampled_from(people)), data.draw(st.sampled_from(earlier))
            self.world.sign(who, pk, entry.open.stage(), decision, shown)

    @rule(data=st.data(), who=st.sampled_from(EVERYBODY), decision=st.sampled_from(DECISIONS))
    def sign_anything(self, data: st.DataObject, who: str, decision: str) -> None:
        """Anybody, any stage, having read any package of any release."""
        known = self.world.book.releases
        pk = self.pick(data, [pk for pk, entry in known.items() if entry.packages])
        stage = data.draw(st.sampled_from(("technical-validation", "process-audit", "release-approval")))
        entry = known[data.draw(st.sampled_from([pk, pk, pk, *(p for p, e in known.items() if e.packages)]))]
        shown = data.draw(st.sampled_from([package.digest for package in entry.packages.values()]))
        self.world.sign(who, pk, stage, decision, shown)

    @rule(who=st.sampled_from(REVIEWERS))
    def lend(self, who: str) -> None:
        self.world.lend(who)

    @rule(data=st.data(), who=likely("validator", "auditor"), severity=st.sampled_from(("critical", "high", "medium")))
    def find(self, data: st.DataObject, who: str, severity: str) -> None:
        self.worse = True
        self.world.find(who, self.pick(data, self.world.book.releases), severity)

    @precondition(lambda self: self.world.book.findings)
    @rule(data=st.data(), verb=st.sampled_from(("respond", "verify", "verify", "accept", "reopen", "withdraw")))
    def handle_finding(self, data: st.DataObject, verb: str) -> None:
        people = {"respond": OWNERS, "accept": ("riskofficer",)}.get(verb, ("validator", "auditor", "allround"))
        self.world.handle_finding(data.draw(likely(*people)), self.pick(data, self.world.book.findings), verb)

    @precondition(lambda self: self.world.book.promises)
    @rule(data=st.data(), verb=st.sampled_from(("claim", "confirm", "refuse")))
    def handle_promise(self, data: st.DataObject, verb: str) -> None:
        people = OWNERS if verb == "claim" else ("validator", "allround")
        self.world.handle_promise(data.draw(likely(*people)), self.pick(data, self.world.book.promises), verb)

    @rule(data=st.data(), who=likely("owner", "validator", "riskofficer"))
    def hold(self, data: st.DataObject, who: str) -> None:
        self.worse = True
        self.world.hold(who, self.pick(data, [None, *self.world.book.releases]))

    @precondition(lambda self: self.world.book.holds)
    @rule(data=st.data(), who=likely("riskofficer"))
    def lift(self, data: st.DataObject, who: str) -> None:
        self.world.lift(who, self.pick(data, self.world.book.holds))

    @rule(data=st.data(), who=likely("owner", "incidents"))
    def report(self, data: st.DataObject, who: str) -> None:
        self.worse = True
        self.world.report(who, self.pick(data, [None, *self.world.book.releases]))

    @precondition(lambda self: self.world.book.incidents)
    @rule(data=st.data(), who=likely("incidents"))
    def dismiss(self, data: st.DataObject, who: str) -> None:
        self.world.dismiss(who, self.pick(data, self.world.book.incidents))

    @rule(
        who=likely("owner"), requirement=st.sampled_from(("findings", "conditions", "digest")),
        environment=st.sampled_from(("", "production", "canary")),
    )  # fmt: skip
    def ask_for_a_waiver(self, who: str, requirement: str, environment: str) -> None:
        self.world.exempt(who, requirement, environment)

    @precondition(lambda self: self.world.book.waivers)
    @rule(data=st.data(), who=likely("riskofficer"), verb=st.sampled_from(("grant", "grant", "refuse", "revoke")))
    def decide_waiver(self, data: st.DataObject, who: str, verb: str) -> None:
        self.worse = verb != "grant"
        self.world.handle_waiver(who, self.pick(data, self.world.book.waivers), verb)

    @rule(data=st.data(), verb=st.sampled_from(("suspend", "reinstate", "reinstate", "revoke")))
    def stop(self, data: st.DataObject, verb: str) -> None:
        people = {"suspend": ("incidents",)}.get(verb, ("riskofficer", "approver2"))
        self.world.stop(data.draw(likely(*people)), self.pick(data, self.world.book.releases), verb)

    @rule(days=st.sampled_from((1, 6, 11, 21, 95, 181)))
    def time_passes(self, days: int) -> None:
        """Findings, conditions, waivers, acceptances and approvals fall due and run out."""
        self.worse = True
        self.world.wait(days)

    @invariant()
    def all_is_well(self) -> None:
        """After every step."""
        before, worse, self.worse = self.gates, self.worse, False
        self.world.judge()
        self.gates = self.world.gates()
        if worse:
            opened = [gate for gate, allowed in self.gates.items() if allowed and not before.get(gate)]
            assert not opened, f"bad news opened {opened}"


def run(world: World, wanted: int, part: int = 0, *phases: Phase) -> Counter[str]:
    """So many steps at least; what happened in them. Raises AssertionError with the steps that broke a promise."""
    world.tally = Counter(contents=world.tally["contents"])
    turn = 0
    while (left := wanted - world.tally["steps"]) > 0:
        machine = seed(part + PARTS * turn)(type("Portal", (Portal,), {"world": world}))
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=-(-left // LENGTH), stateful_step_count=LENGTH, database=None, deadline=None,
                phases=phases or [Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
        turn += 1
    return world.tally


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_people_do_an_approval_is_whole_and_bad_news_opens_no_gate(part: int, step_count: int) -> None:
    tally = run(prepared(), step_count // PARTS, part)
    if step_count >= 10_000:
        assert min(tally["approved"], tally["allow"], tally["sign approve stale"]) >= 10, tally


def found(world: World) -> str:
    """What the machine finds with a defence removed."""
    with pytest.raises(AssertionError) as caught:
        run(world, 1500, 0, Phase.generate)
    return str(caught.value)


def test_without_separation_of_duties_the_machine_finds_a_dependent_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    world = prepared()
    world.lend("allround")
    loosen(SIGNING)
    monkeypatch.setattr(queries, "independence_facts", lambda *_: NOBODY)
    assert "signed a release they had a hand in" in found(world), world.tally


def test_without_the_digest_check_the_machine_finds_a_signature_of_what_was_not_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = prepared()
    loosen(SIGNING)
    facts = queries.review_facts
    monkeypatch.setattr(queries, "review_facts", lambda *args, **more: replace(facts(*args, **more), digest_shown=None))
    assert "signed what they did not see" in found(world)


def test_without_its_check_of_holds_the_machine_finds_an_open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    world = prepared()
    blind = replace(checks.CHECKS["holds"], run=lambda *_: checking.Met("Nobody looked."))
    monkeypatch.setitem(checks.CHECKS, "holds", blind)
    assert "although ['held']" in found(world)


def test_a_gate_that_bad_news_opens_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    world = prepared()
    judged = checks.CHECKS["findings"]

    def forgetful(case: checking.Case, parameters: checking.Parameters) -> checking.Result:
        """Several findings confuse it."""
        several = len(case.facts.findings) > 1
        return checking.Met("Too many to count.") if several else judged.run(case, parameters)

    monkeypatch.setitem(checks.CHECKS, "findings", replace(judged, run=forgetful))
    monkeypatch.setattr(type(world.book), "against", lambda *_: [])
    approved = next(iter(world.book.releases))
    world.find("auditor", approved, "critical")
    assert "bad news opened" in found(world)
