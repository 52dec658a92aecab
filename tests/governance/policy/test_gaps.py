"""Which duties are met, unmet, or cannot be told."""

from dataclasses import replace

from governance.policy.checks import CHECKS
from governance.policy.facts import Facts, SystemFacts
from governance.policy.gaps import MET, OF_SYSTEM, UNKNOWN, UNMET, count, duties, empty_table, strictest, tier_of
from tests.governance.policy.test_checks import GOOD, NOW, RULES, ask, owner


def statuses(facts: Facts) -> dict[str, str]:
    return {duty.id: duty.status for duty in duties(facts, RULES, NOW)}


def test_with_a_release_the_report_says_what_the_gate_says() -> None:
    for facts in (GOOD, owner(), replace(GOOD, documents=()), replace(GOOD, submissions=())):
        unmet = {line.id for line in ask(facts).unmet}
        assert {duty for duty, status in statuses(facts).items() if status == UNMET} == unmet


def test_without_a_release_only_what_speaks_of_the_system_is_judged() -> None:
    bare = replace(GOOD, release=None, submissions=(), artifacts=())
    found = statuses(bare)
    assert (found["owner"], found["tier"], found["documents"]) == (MET, MET, MET)
    assert {found[duty] for duty in ("release-known", "artifacts", "technical-validation", "digest")} == {UNKNOWN}
    assert statuses(replace(bare, documents=()))["documents"] == UNMET
    assert {check for check in OF_SYSTEM if check in CHECKS} >= {"owner", "tier", "documents", "holds", "incidents"}


def test_systems_are_counted_under_their_tier_and_unknown_ones_apart() -> None:
    table = empty_table(RULES.document)
    for facts in (GOOD, replace(GOOD, system=SystemFacts(1, "s", "S", "")), replace(GOOD, documents=())):
        count(table, tier_of(facts, RULES.document), duties(facts, RULES, NOW))
    assert list(table["documents"]) == ["high", "medium", "low", "unknown"]
    assert table["documents"]["high"] == {MET: 1, UNMET: 1, UNKNOWN: 0}
    assert table["tier"]["unknown"] == {MET: 0, UNMET: 1, UNKNOWN: 0}


def test_the_strictest_environment_is_the_last() -> None:
    assert strictest(RULES.document).id == "production"
