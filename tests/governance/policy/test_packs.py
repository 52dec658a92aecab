"""Packs: what is read, what is refused and on which line."""

from __future__ import annotations

import json
import re

import pytest

from governance.policy import packs
from governance.policy.checks import CHECKS
from governance.policy.packs import PackInvalid, digest, parse, rules_of, shipped, shipped_names, stored
from governance.policy.schema import PackDocument

BASELINE = shipped("baseline")


def line_of(needle: str, source: str = BASELINE) -> int:
    return next(number for number, line in enumerate(source.splitlines(), 1) if needle in line)


def refused(source: str) -> PackInvalid:
    with pytest.raises(PackInvalid) as caught:
        parse(source)
    return caught.value


@pytest.mark.parametrize("name", ["baseline", "baseline-small"])
def test_shipped_packs_are_valid_and_keep_their_digest_through_the_database(name: str) -> None:
    document = parse(shipped(name))
    through_json = json.loads(json.dumps(stored(document), sort_keys=True))
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest(document))
    assert rules_of(digest(document), through_json).document == document
    assert digest(rules_of(digest(document), through_json).document) == digest(document)


def test_the_shipped_packs_are_the_two_named() -> None:
    assert shipped_names() == ("baseline", "baseline-small")


def test_baseline_asks_three_stages_of_high_two_of_medium_one_of_low() -> None:
    document = parse(BASELINE)
    assert [stage.id for stage in document.stages_for("high")] == [
        "technical-validation", "process-audit", "release-approval",
    ]  # fmt: skip
    assert [stage.id for stage in document.stages_for("medium")] == ["technical-validation", "release-approval"]
    assert [stage.id for stage in document.stages_for("low")] == ["release-approval"]
    assert len(document.stages_for("a tier nobody knows")) == 3


@pytest.mark.parametrize("name", ["baseline", "baseline-small"])
def test_the_highest_tier_has_an_ethics_review_where_the_guidelines_are_declared(name: str) -> None:
    document = parse(shipped(name))
    with_ethics = {
        tier.id for tier in document.tiers.order if "ethics-review" in stages(document, tier.id, "ec-ethics")
    }
    assert with_ethics == {"high"}
    assert "ethics-review" not in stages(document, "high", "sr-26-2")


def stages(document: PackDocument, tier: str, *regimes: str) -> list[str]:
    return [stage.id for stage in document.stages_for(tier, regimes)]


def test_baseline_names_the_requirements_of_this_version() -> None:
    assert [requirement.id for requirement in parse(BASELINE).requirements] == [
        "release-known", "owner", "tier", "documents", "artifacts", "digest", "technical-validation", "process-audit",
        "ethics-review", "release-approval", "approval-current", "context-current", "findings", "conditions", "holds",
        "incidents", "monitoring", "dependencies", "risks", "risks-recorded", "failure-modes", "changes",
        "changes-covered", "certified", "rollback-target",
    ]  # fmt: skip


def test_no_shipped_pack_cites_rescinded_guidance() -> None:
    assert all("11-7" not in shipped(name) for name in shipped_names())


def test_an_unknown_key_is_refused_on_its_line() -> None:
    source = BASELINE.replace("    quorum: 1\n", "    quorum: 1\n    qorum: 2\n", 1)
    error = refused(source).errors[0]
    assert (error.line, error.place) == (line_of("qorum: 2", source), "stages.0.qorum")


def test_every_error_of_a_pack_is_named_at_once() -> None:
    source = BASELINE.replace("    quorum: 1\n", "    quorum: one\n", 1).replace("due_days: 7", "due_days: 0")
    assert [error.line for error in refused(source).errors] == [
        line_of("quorum: one", source), line_of("due_days: 0", source),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("check: holds\n", "check: holds\n    waivable: true\n", "can never be waived"),
        ("check: digest\n", "check: digest\n    waivable: true\n", "can never be waived"),
        ("check: stage\n", "check: stage\n    waivable: true\n", "can never be waived"),
        ("check: approval_current\n", "check: approval_current\n    waivable: true\n", "can never be waived"),
        ("check: holds\n", "check: hols\n", "there is no check “hols”"),
        ("check: holds\n", "check: findings\n", "every pack checks “holds”"),
        ("check: holds\n", "check: holds\n    applies: {tiers: [high]}\n", "every pack checks “holds”"),
        ("{stage: process-audit}", "{stage: proces-audit}", "no requirement checks the stage “process-audit”"),
        ("{stage: process-audit}", "{stage: process-audit, n: 2}", "Extra inputs are not permitted"),
        ("permission: review.sign_audit", "permission: system.view", "signed with a right to sign"),
        ("permission: review.sign_audit", "permission: review.sign_approval", "does not hold the right"),
        ("validity_days: {high: 180, ", "validity_days: {", "the tier “high” has no validity"),
        ("unlikely: {minor: low, ", "unlikely: {", "the row has no column “minor”"),
        ("    unlikely: {minor: low, noticeable: low, severe: medium}\n", "", "the matrix has no row “unlikely”"),
        ("at_least: medium", "at_least: middling", "there is no tier “middling”"),
        ("aliases: [dev]", "aliases: [prod]", "“prod” stands here 2 times"),
        ("tiers: [high]\n", "tiers: [hi]\n", "there is no tier “hi”"),
        ("  - sr-26-2\n", "  - sr-27-3\n", "there is no overlay “sr-27-3”"),
        ("  - sr-26-2\n", "  - sr-26-2\n  - sr-26-2\n", "“sr-26-2” stands here 2 times"),
        ("  - sr-26-2\n", "  - {id: own, version: '1'}\n", "Field required"),
        ("  - sr-26-2\n", "  - 7\n", "should be an object"),
        ("regimes: [ec-ethics, ieee-ead]", "regimes: [ethics-of-mine]", "there is no regime “ethics-of-mine”"),
        ("{id: production,", "&anchor {id: production,", "instead of aliases"),
        ("order: 1, enforcement: observe", "order: 1.5, enforcement: observe", "float"),
        ("pack: baseline\n", "pack: baseline\npack: other\n", "stands twice"),
        ("pack: baseline\n", "pack: baseline\n1: other\n", "is no text"),
        ("documents:\n  templates:", "documents: off\nignored:\n  templates:", "ignored"),
        ("tiers:\n  order:", "tiers: [\n  order:", ""),
    ],
)  # fmt: skip
def test_a_pack_that_contradicts_itself_is_refused(old: str, new: str, said: str) -> None:
    assert old in BASELINE
    assert said in str(refused(BASELINE.replace(old, new, 1)))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# nothing",
        "[" * 500,
        "a: " + "[" * 100 + "]" * 100,
        "- 1",
        "\x00",
        "a: !!python/x 1",
        "a: 2026-13-45",
        "a: !!bool x",
        "a: !!timestamp x",
        "a: !!int ''",
    ],
)
def test_rubbish_is_refused_with_a_line(source: str) -> None:
    assert refused(source).errors[0].line >= 1


def test_a_section_can_be_switched_off() -> None:
    document = parse(BASELINE.replace("access:\n  deputy_days: 30\n  second_confirmation: false\n", "access: off\n"))
    assert document.access is None
    assert document.monitoring is None


def test_a_section_a_requirement_needs_cannot_be_switched_off() -> None:
    start, end = BASELINE.index("findings:\n  severities"), BASELINE.index("approvals:\n")
    assert "“findings” is switched off" in str(refused(BASELINE[:start] + "findings: off\n" + BASELINE[end:]))


def test_a_stored_pack_that_was_changed_is_refused() -> None:
    document = parse(BASELINE)
    written = stored(document)
    written["title"] = "Another"
    with pytest.raises(PackInvalid, match="differs from its digest"):
        rules_of("sha256:" + "0" * 64, written)


def test_every_check_of_the_vocabulary_is_used_by_the_baseline_but_those_of_audits_and_controls() -> None:
    used = {requirement.check for requirement in parse(BASELINE).requirements}
    assert used == set(CHECKS) - {"audit_findings", "controls"}


def test_parsed_packs_are_kept_by_digest_only() -> None:
    document = parse(BASELINE)
    first = rules_of(digest(document), stored(document))
    assert rules_of(digest(document), {}) is first
    assert packs.known_rules(digest(document)) is first
