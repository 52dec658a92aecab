"""Checks and decisions: a table of cases, each a good release with one thing changed, written without the code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.canonical import digest
from governance.policy.checking import REGISTER, Purpose, Result, text_digest
from governance.policy.checks import CHECKS
from governance.policy.decide import Asked, Decision, Rules, Status, decide, enforced
from governance.policy.facts import (
    ArtifactFact,
    ConditionFact,
    DocumentFact,
    Facts,
    FailureFacts,
    FindingFact,
    Holder,
    HoldFact,
    MonitoringFact,
    OwnerFacts,
    ReleaseFacts,
    ReviewFact,
    RiskFact,
    RollbackFacts,
    SubmissionFacts,
    SystemFacts,
)
from governance.policy.packs import digest as pack_digest
from governance.policy.packs import parse, shipped
from tests.papers import papers

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
SHA = "ab" * 32
PRESENTED = Asked((SHA,))
ANSWERS = {
    "decision-role": "decides", "error-detection": "rarely", "novelty": "proven", "people-affected": "rights-or-safety",
    "money": "large", "essential": "no", "vulnerable-groups": "no",
}  # fmt: skip
USE = "Scores card payments."
RULES = Rules(parse(shipped("baseline")), pack_digest(parse(shipped("baseline"))))
PRODUCTION = RULES.document.environment("production")


def rules(old: str, new: str) -> Rules:
    """The baseline with one text replaced."""
    source = shipped("baseline")
    assert old in source
    document = parse(source.replace(old, new))
    return Rules(document, pack_digest(document))


def review(stage: str, role: str, **fields: Any) -> ReviewFact:
    values: dict[str, Any] = {"quorum": 1, "state": "signed", "approvals": 1, **fields}
    return ReviewFact(id=7, stage=stage, title=stage.replace("-", " ").capitalize(), role=role, **values)


REVIEWS = (
    review("technical-validation", "validator"), review("process-audit", "auditor"),
    review("release-approval", "approver"),
)  # fmt: skip
SUBMISSION = SubmissionFacts(
    id=3, number=2, state="approved", digest="sha256:" + "1" * 64, tier="high", intended_use_digest=text_digest(USE),
    answers_digest=digest(ANSWERS), pack_digest=RULES.digest, closed_at=NOW - DAY, valid_until=NOW + 30 * DAY,
    artifacts=frozenset({("model.onnx", SHA)}), reviews=REVIEWS,
)  # fmt: skip
GOOD = Facts(
    system=SystemFacts(id=1, slug="fraud", name="Fraud", tier="high", answers=ANSWERS, intended_use=USE),
    owner=OwnerFacts(owners=(Holder(5, "Olga", NOW - 90 * DAY, None, True),)),
    release=ReleaseFacts(2, "3.2.0", "approved"),
    artifacts=(ArtifactFact("model.onnx", "model", SHA),),
    documents=papers(RULES.document, SystemFacts(id=1, slug="fraud", name="Fraud", tier="high")),
    submissions=(SUBMISSION,),
    risks=(RiskFact(1, "It drifts", "analysed", "rare", "small"),),
    failures=FailureFacts(modes=1),
)


def ask(facts: Facts, *, at: datetime = NOW, environment: str = "production", purpose: Purpose = Purpose.DEPLOY,
        pack: Rules = RULES, asked: Asked = PRESENTED) -> Decision:  # fmt: skip
    return decide(facts, pack, pack.document.environment(environment), at, purpose, asked)


def changed(**fields: Any) -> Facts:
    """The good release with its submission changed."""
    return replace(GOOD, submissions=(replace(SUBMISSION, **fields),))


def system(**fields: Any) -> Facts:
    assert GOOD.system is not None
    return replace(GOOD, system=replace(GOOD.system, **fields))


def state(name: str) -> Facts:
    return replace(GOOD, release=ReleaseFacts(2, "3.2.0", name))


def owner(*holders: Holder, deputies: tuple[Holder, ...] = ()) -> Facts:
    return replace(GOOD, owner=OwnerFacts(holders, deputies))


def finding(severity: str = "critical", status: str = "open", **fields: Any) -> Facts:
    blocking = fields.pop("blocking", severity in {"critical", "high"})
    return replace(GOOD, findings=(FindingFact(1, "Leak", severity, status, blocking, **fields),))


def condition(due: datetime, *environments: str, status: str = "open") -> Facts:
    return changed(conditions=(ConditionFact(1, "Watch drift", status, due, environments, "Devi"),))


def reviews(*facts: ReviewFact) -> Facts:
    return changed(reviews=facts)


HOLD = HoldFact(1, "Smoke.", "Rita", False)
ENDED = Holder(5, "Olga", NOW - 90 * DAY, NOW - 10 * DAY, True)
DEPUTY = Holder(6, "Dan", NOW - 90 * DAY, None, True)


def test_a_release_that_everybody_signed_is_allowed() -> None:
    decision = ask(GOOD)
    assert decision.allowed
    assert [line.id for line in decision.lines if line.status is Status.NOT_APPLICABLE] == [
        "ethics-review",
        "monitoring",
        "changes-covered",
        "certified",
        "rollback-target",
    ]
    assert decision.closes_at == NOW + 30 * DAY
    assert decision.closes_because == "Approval is current: Approved until 2026-12-20 10:00 UTC."


DENIED: list[tuple[str, Facts, str, str]] = [
    ("a changed digest", replace(GOOD, artifacts=(ArtifactFact("model.onnx", "model", "cd" * 32),)),
     "digest", "differs from the one frozen in submission 2"),
    ("an added artifact", replace(GOOD, artifacts=(*GOOD.artifacts, ArtifactFact("x", "code", "cd" * 32))),
     "digest", "differs"),
    ("no artifact", replace(GOOD, artifacts=()), "artifacts", "lists no artifact"),
    ("an artifact without digest", replace(GOOD, artifacts=(ArtifactFact("model.onnx", "model", ""),)),
     "artifacts", "Not bound: model.onnx"),
    ("a vague service", replace(GOOD, artifacts=(ArtifactFact("llm", "service", SHA, complete=False),)),
     "artifacts", "Not bound: llm"),
    ("an expired approval", changed(valid_until=NOW - DAY), "approval-current", "ended on 2026-11-19"),
    ("an approval without end", changed(valid_until=None), "approval-current", "no known time"),
    ("an approval of tomorrow", changed(closed_at=NOW + DAY), "approval-current", "no known time"),
    ("a suspended release", state("suspended"), "approval-current", "suspended, not approved"),
    ("a revoked release", state("revoked"), "approval-current", "revoked, not approved"),
    ("a retired release", state("retired"), "approval-current", "retired, not approved"),
    ("a rejected release", state("rejected"), "approval-current", "rejected, not approved"),
    ("a draft", state("draft"), "approval-current", "draft, not approved"),
    ("a release in review", state("in_review"), "approval-current", "in review, not approved"),
    ("a state nobody knows", state("blessed"), "approval-current", "blessed, not approved"),
    ("no submission", replace(GOOD, submissions=()), "approval-current", "No submission is approved"),
    ("only an open submission", changed(state="open"), "approval-current", "No submission is approved"),
    ("an open blocking finding", finding(), "findings", "“Leak” (critical, open)"),
    ("an answered blocking finding", finding(status="answered"), "findings", "(critical, answered)"),
    ("an accepted finding past its end", finding(status="accepted", accepted_until=NOW - DAY), "findings", "accepted"),
    ("an accepted finding without end", finding(status="accepted"), "findings", "accepted"),
    ("an overdue medium finding", finding("medium", due=NOW - DAY), "findings", "(medium, open)"),
    ("a severity nobody knows", finding("odd"), "findings", "(odd, open)"),
    ("a finding recorded as blocking", finding("low", blocking=True), "findings", "(low, open)"),
    ("a finding state nobody knows", finding(status="shrugged"), "findings", "shrugged"),
    ("a hold", replace(GOOD, holds=(HOLD,)), "holds", "This release is on hold by Rita: Smoke."),
    ("a hold on the system", replace(GOOD, holds=(replace(HOLD, whole_system=True),)), "holds", "The whole system"),
    ("no owner ever", owner(), "owner", "Nobody owns this system now."),
    ("an ended owner", owner(ENDED), "owner", "has ended and nobody took over"),
    ("an owner of tomorrow", owner(replace(ENDED, since=NOW + DAY, until=None)), "owner", "Nobody owns"),
    ("a closed owner", owner(replace(ENDED, until=None, active=False)), "owner", "Nobody owns"),
    ("a deputy after the days", owner(replace(ENDED, until=NOW - 31 * DAY), deputies=(DEPUTY,)), "owner", "has ended"),
    ("a deputy whose role ended", owner(ENDED, deputies=(replace(DEPUTY, until=NOW),)), "owner", "has ended"),
    ("no tier", system(tier=""), "tier", "is not answered"),
    ("a tier nobody knows", system(tier="gold"), "tier", "no tier “gold”"),
    ("a tier the answers do not give", system(tier="low"), "tier", "the answers come to “high”"),
    ("answers that do not fit", system(answers={"money": "x"}), "tier", "do not fit the questionnaire"),
    ("a changed intended use", system(intended_use="Everything."), "context-current", "the intended use"),
    ("changed answers", system(answers={**ANSWERS, "novelty": "new"}), "context-current", "the questionnaire answers"),
    ("another tier than reviewed", changed(tier="medium"), "context-current", "the tier"),
    ("a stage nobody signed", reviews(*REVIEWS[:2], review("release-approval", "approver", state="open", approvals=0)),
     "release-approval", "0 of 1 signed release approval of submission 2"),
    ("a stage below quorum", reviews(review("technical-validation", "validator", quorum=2), *REVIEWS[1:]),
     "technical-validation", "is signed"),
    ("a stage signed for another digest", reviews(review("technical-validation", "validator", approvals=0),
     *REVIEWS[1:]), "technical-validation", "is signed"),
    ("a rejected stage", reviews(review("technical-validation", "validator", state="rejected"), *REVIEWS[1:]),
     "technical-validation", "is rejected"),
    ("a void stage", reviews(review("process-audit", "auditor", state="void"), REVIEWS[0], REVIEWS[2]),
     "process-audit", "is void"),
    ("a missing stage", reviews(*REVIEWS[:2]), "release-approval", "lacks this stage"),
    ("an overdue condition", condition(NOW - DAY), "conditions", "“Watch drift” (due 2026-11-19"),
    ("an overdue claimed condition", condition(NOW - DAY, status="claimed"), "conditions", "Overdue"),
    ("an overdue condition here", condition(NOW - DAY, "production"), "conditions", "Overdue"),
    ("an overdue condition here by alias", condition(NOW - DAY, "prod"), "conditions", "Overdue"),
    ("an overdue condition in a place nobody knows", condition(NOW - DAY, "moon"), "conditions", "Overdue"),
    ("a roll-back target that is suspended", replace(GOOD, rollback=RollbackFacts(ReleaseFacts(9, "3.1", "suspended"))),
     "rollback-target", "3.1 is suspended"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "requirement", "said"), [case[1:] for case in DENIED], ids=[c[0] for c in DENIED])
def test_it_denies_and_says_why(facts: Facts, requirement: str, said: str) -> None:
    decision = ask(facts)
    assert not decision.allowed
    assert (decision.closes_at, decision.closes_because) == (None, None)
    line = next(line for line in decision.unmet if line.id == requirement)
    assert said in line.reason
    assert line.fix
    assert line.who
    assert line.href.startswith("/")


ALLOWED: list[tuple[str, Facts]] = [
    ("a deputy in the days", owner(ENDED, deputies=(DEPUTY,))),
    ("an owner until tomorrow", owner(replace(ENDED, until=NOW + DAY))),
    ("a new owner after the old", owner(ENDED, Holder(8, "Nils", NOW - DAY, None, True))),
    ("a low finding", finding("low", due=NOW - DAY)),
    ("a medium finding in time", finding("medium", due=NOW + DAY)),
    ("an accepted finding in time", finding(status="accepted", accepted_until=NOW + DAY)),
    ("a closed finding", finding(status="closed")),
    ("a withdrawn finding", finding(status="withdrawn")),
    ("a condition in time", condition(NOW + DAY)),
    ("a condition met", condition(NOW - DAY, status="met")),
    ("an overdue condition elsewhere", condition(NOW - DAY, "canary")),
    ("an approved roll-back target", replace(GOOD, rollback=RollbackFacts(ReleaseFacts(9, "3.1", "approved")))),
    ("another approved release", replace(GOOD, rollback=RollbackFacts(None, (ReleaseFacts(9, "3.1", "approved"),)))),
    ("a running approval while a renewal is reviewed", replace(GOOD, submissions=(SUBMISSION, replace(
        SUBMISSION, id=4, number=3, state="open", valid_until=None, reviews=())))),
    ("an older approval beside a returned renewal", replace(GOOD, submissions=(SUBMISSION, replace(
        SUBMISSION, id=4, number=3, state="returned", valid_until=None, reviews=())))),
]  # fmt: skip


@pytest.mark.parametrize("facts", [case[1] for case in ALLOWED], ids=[case[0] for case in ALLOWED])
def test_it_allows(facts: Facts) -> None:
    assert ask(facts).unmet == ()


def test_a_digest_nobody_reviewed_is_denied() -> None:
    decision = ask(GOOD, asked=Asked((SHA, "ef" * 32)))
    assert [line.id for line in decision.unmet] == ["digest"]
    assert "sha256:efef" in decision.unmet[0].reason


def test_without_a_digest_it_says_that_the_answer_is_for_the_record_only() -> None:
    line = next(line for line in ask(GOOD, asked=Asked()).lines if line.id == "digest")
    assert (line.status, line.reason) == (
        Status.MET, "No digest was presented: the answer holds for the recorded artifacts only.",
    )  # fmt: skip


def test_a_vendor_service_is_called_not_bound_to_its_weights() -> None:
    service = ArtifactFact("llm", "service", SHA)
    facts = replace(changed(artifacts=frozenset({("llm", SHA)})), artifacts=(service,))
    line = next(line for line in ask(facts).lines if line.id == "artifacts")
    assert "Not bound to vendor weights: llm." in line.reason


def test_an_unknown_release_is_denied_by_that_alone() -> None:
    decision = ask(replace(GOOD, release=None), asked=Asked(words="fraud 9.9"))
    assert not decision.allowed
    assert [(line.id, line.status) for line in decision.lines] == [("release-known", Status.UNMET)]
    assert "fraud 9.9" in decision.lines[0].reason


def test_an_ambiguous_digest_is_denied_by_that_word() -> None:
    decision = ask(Facts(), asked=Asked((SHA,), "sha256:ab", ("fraud 1", "fraud 2")))
    assert not decision.allowed
    assert decision.lines[0].reason.startswith("ambiguous: ")


@pytest.mark.parametrize(("shift", "allowed"), [(-MICROSECOND, True), (timedelta(0), False), (MICROSECOND, False)])
def test_an_approval_ends_at_its_instant_and_not_after(shift: timedelta, allowed: bool) -> None:
    assert ask(GOOD, at=NOW + 30 * DAY + shift).allowed is allowed


@pytest.mark.parametrize(("shift", "allowed"), [(-MICROSECOND, True), (timedelta(0), False), (MICROSECOND, False)])
@pytest.mark.parametrize(
    "facts",
    [
        owner(replace(ENDED, until=NOW)),
        condition(NOW),
        finding(status="accepted", accepted_until=NOW),
        finding("medium", due=NOW),
        owner(replace(ENDED, until=NOW - 30 * DAY), deputies=(DEPUTY,)),
    ],
    ids=["owner", "condition", "acceptance", "finding due", "deputy"],
)
def test_every_end_is_half_open(facts: Facts, shift: timedelta, allowed: bool) -> None:
    decision = ask(facts, at=NOW + shift)
    assert decision.allowed is allowed
    if allowed:
        assert decision.closes_at == NOW


@pytest.mark.parametrize(("shift", "allowed"), [(-MICROSECOND, False), (timedelta(0), True)])
def test_an_owner_counts_from_the_first_instant(shift: timedelta, allowed: bool) -> None:
    facts = owner(Holder(5, "Olga", NOW, None, True))
    assert ask(facts, at=NOW + shift).allowed is allowed


CONTINUING: list[tuple[str, Facts, bool]] = [
    ("an expired approval", changed(valid_until=NOW - DAY), True),
    ("an ended owner", owner(ENDED), True),
    ("an overdue condition", condition(NOW - DAY), True),
    ("a changed use", system(intended_use="Everything."), True),
    ("a hold", replace(GOOD, holds=(HOLD,)), False),
    ("a revoked release", state("revoked"), False),
    ("a suspended release", state("suspended"), False),
    ("changed content", replace(GOOD, artifacts=(ArtifactFact("model.onnx", "model", "cd" * 32),)), False),
    ("a stage never signed", reviews(*REVIEWS[:2]), False),
    ("an unknown release", replace(GOOD, release=None), False),
]


@pytest.mark.parametrize(("facts", "allowed"), [c[1:] for c in CONTINUING], ids=[c[0] for c in CONTINUING])
def test_something_running_is_stopped_by_a_stop_and_not_by_midnight(facts: Facts, allowed: bool) -> None:
    assert ask(facts, purpose=Purpose.CONTINUE).allowed is allowed


def test_a_check_that_raises_denies_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Result:
        raise RuntimeError("boom")

    monkeypatch.setitem(REGISTER.checks, "holds", replace(CHECKS["holds"], run=broken))
    decision = ask(GOOD)
    assert [(line.id, line.reason) for line in decision.unmet] == [("holds", "The check could not be carried out.")]


def test_a_check_without_an_answer_denies(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> Any:
        return None

    monkeypatch.setitem(REGISTER.checks, "holds", replace(CHECKS["holds"], run=silent))
    assert [line.id for line in ask(GOOD).unmet] == ["holds"]


def test_nothing_is_asked_of_no_requirement() -> None:
    empty = RULES.document.model_copy(update={"requirements": ()})
    assert not ask(GOOD, pack=Rules(empty, RULES.digest)).allowed


def test_a_stage_the_submission_was_not_asked_for_is_not_asked_later() -> None:
    later = rules("{stage: release-approval}", "{stage: release-approval}\n    fix: Ask.")
    facts = changed(reviews=REVIEWS[:2], pack_digest="sha256:" + "9" * 64)
    line = next(line for line in ask(facts, pack=later).lines if line.id == "release-approval")
    assert line.status is Status.NOT_APPLICABLE


DEMANDED = rules("      tiers: [low]\n", "      tiers: [high, low]\n")
OTHERS = tuple(document for document in GOOD.documents if document.template != "model-card")
SECTIONS = frozenset({"purpose", "data", "performance", "limits", "oversight"})


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ((), "Model card is missing"),
        ((DocumentFact("model-card", "Card", 1, SECTIONS - {"data"}, "olga"),), "Model card lacks Data"),
        ((DocumentFact("model-card", "Card", 1, SECTIONS, ""),), "Model card names no contact"),
        ((DocumentFact("model-card", "Card", 1, SECTIONS, "olga"),), None),
    ],
)
def test_a_pack_that_demands_documents_gets_them(documents: tuple[DocumentFact, ...], said: str | None) -> None:
    decision = ask(replace(changed(pack_digest=DEMANDED.digest), documents=(*OTHERS, *documents)), pack=DEMANDED)
    assert [line.reason for line in decision.unmet] == ([f"{said}."] if said else [])


def test_a_roll_back_target_can_be_demanded_by_name() -> None:
    named = rules("check: rollback_target\n", "check: rollback_target\n    parameters: {must_be_named: true}\n")
    facts = replace(
        changed(pack_digest=named.digest), rollback=RollbackFacts(None, (ReleaseFacts(9, "3.1", "approved"),))
    )
    assert [line.id for line in ask(facts, pack=named).unmet] == ["rollback-target"]
    assert ask(facts, pack=named, environment="canary").allowed


def test_before_review_only_what_must_hold_then_is_asked() -> None:
    draft = replace(state("draft"), submissions=())
    assert decide(draft, RULES, None, NOW, Purpose.REVIEW).allowed
    without_tier = replace(draft, system=replace(draft.system, tier=""))  # type: ignore[type-var]
    assert [line.id for line in decide(without_tier, RULES, None, NOW, Purpose.REVIEW).unmet] == ["tier"]


def test_before_approval_the_open_submission_is_compared_with_now() -> None:
    stale = replace(SUBMISSION, id=4, number=3, state="open", intended_use_digest=text_digest("Before."))
    facts = replace(GOOD, submissions=(SUBMISSION, stale))
    assert [line.id for line in decide(facts, RULES, None, NOW, Purpose.APPROVAL).unmet] == ["context-current"]


def test_sources_are_shown_for_regimes_in_scope_and_begun_only() -> None:
    def sources(at: datetime, *regimes: str) -> set[str]:
        return {s for line in ask(system(regimes=frozenset(regimes)), at=at).lines for s in line.sources}

    assert sources(NOW) == set()
    assert {"SR 26-2: materiality from exposure and purpose", "SR 26-2: effective challenge"} < sources(NOW, "sr-26-2")
    assert all(source.startswith("SR 26-2: ") for source in sources(NOW, "sr-26-2"))
    assert sources(NOW, "eu-ai-act-high-risk") == set()
    assert sources(datetime(2026, 4, 16, tzinfo=UTC), "sr-26-2") == set()


STARTS = "id: production, title: Production, aliases: [prod, live], order: 4, enforcement: enforce"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("since: 2026-11-20T10:00:00Z", True),
        ("since: 2026-11-20T10:00:00.000001Z", False),
        ("since: 2026-01-01T00:00:00Z, units: [cards]", True),
        ("since: 2026-01-01T00:00:00Z, units: [loans]", False),
        ("since: 2026-01-01T00:00:00Z, tiers: [high]", True),
        ("since: 2026-01-01T00:00:00Z, tiers: [low]", False),
    ],
)
def test_enforcing_begins_by_date_unit_and_tier(start: str, expected: bool) -> None:
    pack = rules(STARTS, f"{STARTS}, starts: [{{{start}}}]").document
    environment = pack.environment("live")
    assert environment is not None
    assert enforced(system(units=("cards", "retail")), environment, NOW) is expected


def test_an_environment_that_observes_never_enforces() -> None:
    development = RULES.document.environment("dev")
    assert development is not None
    assert not enforced(GOOD, development, NOW)
    assert PRODUCTION is not None
    assert enforced(Facts(), PRODUCTION, NOW)


WATCHED = rules("monitoring: off", "monitoring: {duties: [{tier: high, longest_silence_hours: 48}]}")


@pytest.mark.parametrize(
    ("watched", "status", "words"),
    [
        ((), Status.UNMET, "No metric is monitored"),
        ((MonitoringFact("psi"), MonitoringFact("recall", "", 72)), Status.UNMET, "silent for 48 hours"),
        ((MonitoringFact("psi"), MonitoringFact("recall", "", 48)), Status.MET, "Monitored: psi, recall."),
    ],
)
def test_a_policy_may_ask_for_monitoring_of_a_tier(
    watched: tuple[MonitoringFact, ...], status: Status, words: str
) -> None:
    decision = ask(replace(GOOD, monitoring=watched), pack=WATCHED, purpose=Purpose.CONTINUE)
    line = next(one for one in decision.lines if one.id == "monitoring")
    assert (line.status, decision.allowed) == (status, status is Status.MET)
    assert words in line.reason


MEASURED = rules(
    "monitoring: off",
    "monitoring: {duties: [{tier: high, longest_silence_hours: 48, kinds: [performance, fairness], measured: true}]}",
)


@pytest.mark.parametrize(
    ("newest", "status", "words"),
    [
        ((None, NOW), Status.UNMET, "No value of performance has come yet"),
        ((NOW, NOW - 2 * DAY), Status.UNMET, "No value of fairness has come since 2026-11-18 10:00 UTC"),
        ((NOW - DAY, NOW), Status.MET, "Monitored: parity, recall."),
    ],
)
def test_a_policy_may_ask_for_values_of_each_kind(
    newest: tuple[datetime | None, ...], status: Status, words: str
) -> None:
    watched = (
        MonitoringFact("recall", "", 48, "performance", newest[0]),
        MonitoringFact("parity", "", 24, "fairness", newest[1]),
    )
    decision = ask(replace(GOOD, monitoring=watched), pack=MEASURED, purpose=Purpose.CONTINUE)
    line = next(one for one in decision.lines if one.id == "monitoring")
    assert (line.status, words in line.reason) == (status, True), line.reason
    assert decision.closes_at == (NOW + DAY if status is Status.MET else None)
    alone = ask(replace(GOOD, monitoring=watched[:1]), pack=MEASURED)
    assert "Nothing watches fairness" in next(one for one in alone.lines if one.id == "monitoring").reason
