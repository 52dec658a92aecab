"""Seed the demonstration through the same services, rules and people that real work goes through.

Idempotent: what stands already is left alone. Each system is told in one transaction, so a demonstration that was
killed half-way goes on where it stopped. Nothing is backdated; what expires in the demonstration was given a short
life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from governance.access.models import Token, User
from governance.access.vocabulary import Role, Scope
from governance.changes.models import Change
from governance.changes.services import (
    answer_change,
    approve_change,
    carry_out_emergency,
    create_change,
    implement_change,
    roll_back_change,
    submit_change,
)
from governance.database.clock import portal_now
from governance.demo import holdings, standing, story
from governance.demo.changes import CHANGES, ChangeStory
from governance.demo.failings import failings
from governance.demo.papers import papers
from governance.demo.rounds import rounds
from governance.demo.running import running
from governance.demo.story import ReleaseStory, SystemStory
from governance.demo.troubles import troubles
from governance.demo.watched import watch
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force, rules
from governance.validation.models import CheckAnswer, Review, SignOff, Waiver
from governance.validation.reach import reached
from governance.validation.services.checklists import CheckInput, answer_checklist
from governance.validation.services.findings import raise_finding, respond_to_finding
from governance.validation.services.holds import place_hold
from governance.validation.services.releases import suspend_release
from governance.validation.services.sign_offs import ConditionInput, sign_off
from governance.validation.services.submissions import ship_release, submit_release
from governance.validation.services.waivers import grant_waiver, request_waiver
from governance.validation.services.waivers_together import MOST, request_waivers
from inventory.models import Asset, Release, System, Unit
from inventory.services import (
    answer_questionnaire,
    create_release,
    create_system,
    create_unit,
    move_system,
    save_document_revision,
)
from inventory.services.artifacts import ArtifactInput
from inventory.services.assignments import assign
from inventory.services.evaluations import record_evaluations
from inventory.services.releases import retire_release
from inventory.services.tokens import mint_token

DOOR = Door.COMMAND
ROOT_ROLES = {
    "validator": Role.VALIDATOR,
    "validator2": Role.VALIDATOR,
    "auditor": Role.AUDITOR,
    "approver": Role.APPROVER,
    "riskofficer": Role.RISK_OFFICER,
    "incidents": Role.INCIDENT_MANAGER,
}
HOUR, QUARTER, SEASON = timedelta(hours=1), timedelta(minutes=15), timedelta(days=90)
REHEARSAL = "Rehearsal of the release pipeline, for a quarter of an hour"
PROMISES = (
    ("Report the approval-rate ratio by age band for the first full month in production.", timedelta(days=29)),
    ("Show that the monitor by age band receives the first scores, within the hour.", HOUR),
)
EXCEPTIONS = (
    ("staging", "To measure 6.1.0 against this release on the same complaints.", timedelta(days=14)),
    ("production", "Complaints in Polish are routed by hand until 6.1.0 is approved.", timedelta(days=10)),
)
SIGNERS = {
    Role.VALIDATOR: "validator",
    Role.AUDITOR: "auditor",
    Role.APPROVER: "approver",
    Role.RISK_OFFICER: "riskofficer",
}
CALM = {"data-permission": "yes", "interfaces-compatible": "yes", "significant-design-change": "no"}
ANSWERS = {
    "low": {
        "decision-role": "informs",
        "error-detection": "always",
        "novelty": "proven",
        "people-affected": "nothing",
        "money": "small",
        "essential": "no",
        "vulnerable-groups": "no",
    },
    "medium": {
        "decision-role": "recommends",
        "error-detection": "sometimes",
        "novelty": "familiar",
        "people-affected": "inconvenience",
        "money": "medium",
        "essential": "no",
        "vulnerable-groups": "no",
    },
    "high": {
        "decision-role": "decides",
        "error-detection": "rarely",
        "novelty": "familiar",
        "people-affected": "rights-or-safety",
        "money": "large",
        "essential": "yes",
        "vulnerable-groups": "no",
    },
}


@dataclass(frozen=True)
class Cast:
    """The people of the story by username."""

    people: dict[str, User]

    def __getitem__(self, username: str) -> User:
        return self.people[username]


def seed(people: dict[str, User]) -> None:
    """Build units, roles, systems and their history; `people` are the story's accounts, already made."""
    cast = Cast(people)
    units = _units(cast)
    holdings.assets(units, cast["governance"])
    for told in story.SYSTEMS:
        if not System.objects.filter(slug=told.slug).exists():
            _system(cast, told, units[told.unit])
    holdings.stop(cast["governance"])
    _exceptions_of_a_tier(cast, units["Customer service"])
    rounds(people)
    running(people)
    if not Token.objects.filter(name=REHEARSAL).exists():
        mint_token(
            actor=cast["governance"], person=cast["governance"], name=REHEARSAL, scopes=[Scope.GATE_CHECK],
            expiry=portal_now() + QUARTER, units=[units[story.BANK]], door=DOOR,
        )  # fmt: skip


@transaction.atomic
def _exceptions_of_a_tier(cast: Cast, unit: Unit) -> None:
    """One exception asked for every system of a tier in a unit; nobody has decided yet."""
    if Waiver.objects.filter(together__isnull=False).exists():
        return
    owner, tier = cast["owner"], "medium"
    shown = reached(owner, unit, tier, most=MOST)
    request_waivers(
        actor=owner, unit=unit, tier=tier, requirement="dependencies", environment="staging",
        reason="The asset register moves house this week; staging goes on with what was checked last.",
        until=portal_now() + timedelta(days=7), seen=shown.digest, door=DOOR,
    )  # fmt: skip


@transaction.atomic
def _units(cast: Cast) -> dict[str, Unit]:
    root = Unit.objects.filter(parent=None, name=story.BANK).first()
    if root is None:
        root = create_unit(actor=cast["governance"], name=story.BANK, slug="bank", door=DOOR)
        for username, role in ROOT_ROLES.items():
            assign(actor=cast["governance"], person=cast[username], role=role, unit=root, door=DOOR)
    units = {root.name: root}
    for name, parts in story.UNITS.items():
        units[name] = _unit(cast, name, root)
        units |= {part: _unit(cast, part, units[name]) for part in parts}
    return units


def _unit(cast: Cast, name: str, parent: Unit) -> Unit:
    there = Unit.objects.filter(parent=parent, name=name).first()
    return there or create_unit(actor=cast["governance"], name=name, parent=parent, door=DOOR)


@transaction.atomic
def _system(cast: Cast, told: SystemStory, unit: Unit) -> None:
    governance = cast["governance"]
    system = create_system(
        actor=governance,
        unit=unit,
        slug=told.slug,
        name=told.name,
        phase=System.Phase.DEVELOPMENT if told.phase == "retired" else told.phase,
        purpose=told.purpose,
        objectives=told.objectives,
        intended_use=told.intended_use,
        out_of_scope_use=told.out_of_scope_use,
        affected_groups=told.affected_groups,
        human_oversight=told.human_oversight,
        origin=told.origin,
        vendor=told.vendor,
        impact=told.impact,
        personal_data=told.personal_data,
        demographic_variables=told.demographic_variables,
        regimes=[{"regime": regime, "scope": scope, "reason": reason} for regime, scope, reason in told.regimes],
        door=DOOR,
    )
    if not told.owned:
        return
    owner = cast["owner"]
    assign(actor=governance, person=owner, role=Role.OWNER, system=system, door=DOOR)
    assign(actor=owner, person=cast["developer"], role=Role.DEVELOPER, system=system, door=DOOR)
    answer_questionnaire(actor=owner, system=system, answers=ANSWERS[told.tier], door=DOOR)
    _write(cast, system, told)
    holdings.stand(system, owner)
    holdings.risks(system, owner, cast["developer"], cast["riskofficer"])
    failings(system, cast["developer"])
    standing.controls(system, cast["developer"], governance)
    for release in told.releases:
        _release(cast, system, release)
    watch(system, owner, cast["developer"])
    standing.value(system, owner)
    standing.decisions(system, cast.people)
    for change in CHANGES.get(told.slug, ()):
        _change(cast, system, change)
    troubles(system, cast.people)
    if told.stand_in:
        assign(
            actor=governance, person=cast[told.stand_in], role=Role.DEPUTY_OWNER, system=system, door=DOOR,
            until=portal_now() + HOUR, reason="Stands in for the owner during a meeting.",
        )  # fmt: skip
    if told.phase == "retired":
        move_system(actor=owner, system=system, verb="retire", reason="A vendor's feed replaced it.", door=DOOR)


def _write(cast: Cast, system: System, told: SystemStory) -> None:
    adopted = pack_in_force()
    if adopted is None:
        return
    developer = cast["developer"]
    for template, sections in papers(told, rules(adopted).document).items():
        save_document_revision(
            actor=developer, system=system, template=template.id, sections=sections, contact=developer.email,
            door=DOOR,
        )  # fmt: skip


def _release(cast: Cast, system: System, told: ReleaseStory) -> None:
    before = Release.objects.filter(system=system, state=Release.State.APPROVED).order_by("-id").first()
    release = create_release(
        actor=cast["developer"],
        system=system,
        version=told.version,
        notes=told.notes,
        artifacts=[
            ArtifactInput(
                name=line.name,
                kind=line.kind,
                version=line.version,
                uri=line.uri,
                sha256="" if line.kind == "service" else story.digest(f"{line.name} {line.version} {line.uri}"),
                vendor=line.vendor,
                model_id=line.model_id,
                region=line.region,
                configuration=line.configuration,
            )
            for line in told.artifacts
        ],
        predecessor=before,
        rollback_target=before,
        envelope=_envelope(told),
        door=DOOR,
    )
    if told.results:
        results = [{"metric": metric, "value": value} for metric, value in told.results]
        record_evaluations(actor=cast["developer"], release=release, results=results, door=DOOR)
    if told.outcome in ("draft", "shipped"):
        return
    submit_release(actor=cast["owner"], release=release, door=DOOR)
    _OUTCOMES[told.outcome](cast, release)


def _envelope(told: ReleaseStory) -> dict[str, object]:
    """What may replace a part of the release later without a new review, as its reviewers sign it."""
    if told.envelope is None:
        return {}
    kind, part, limits = told.envelope
    lowest = [{"metric": metric, "lowest": value} for metric, value in limits]
    until = (portal_now() + SEASON).isoformat()
    return {"kinds": [kind], "artifacts": [part], "limits": lowest, "until": until}


def _change(cast: Cast, system: System, told: ChangeStory) -> None:
    releases = {release.version: release for release in Release.objects.filter(system=system)}
    begins = portal_now() + timedelta(days=told.days)
    change = create_change(
        actor=cast["developer"],
        system=system,
        kind=told.kind,
        title=told.title,
        what=told.what,
        why=told.why,
        components=told.components,
        test_plan=told.test_plan,
        rollback_plan=told.rollback_plan,
        planned_from=begins,
        planned_until=begins + timedelta(hours=4),
        answers=CALM,
        emergency=told.emergency,
        assets=list(Asset.objects.filter(slug__in=told.assets)),
        target_release=releases.get(told.release),
        rollback_release=releases.get(told.rollback_release),
        door=DOOR,
    )
    if told.outcome == "emergency":
        carry_out_emergency(actor=cast["developer"], change=change, reason=told.why, door=DOOR)
        return
    submit_change(actor=cast["developer"], change=change, door=DOOR)
    for slug, agrees, comment in told.said:
        answer_change(
            actor=cast["owner"], change=change, system=System.objects.get(slug=slug), agrees=agrees, comment=comment,
            door=DOOR,
        )  # fmt: skip
    if told.outcome != "in_approval":
        _carry_out(cast, change, told.outcome)


def _carry_out(cast: Cast, change: Change, outcome: str) -> None:
    """Have a change approved, and take it as far as the story says."""
    approve_change(actor=cast["approver"], change=change, comment="Tested as planned; go ahead.", door=DOOR)
    if outcome == "shipped" and change.target_release:
        ship_release(actor=cast["owner"], release=change.target_release, door=DOOR)
    if outcome != "approved":
        implement_change(actor=cast["developer"], change=change, door=DOOR)
    if outcome == "rolled_back":
        roll_back_change(
            actor=cast["developer"], change=change, reason="The lists of two regions came empty.", door=DOOR
        )


APPROVING = (SignOff.Decision.APPROVE, SignOff.Decision.APPROVE_WITH_CONDITIONS)


def _open_review(release: Release) -> Review | None:
    return (
        Review.objects.filter(submission__release=release, submission__state="open", state=Review.State.OPEN)
        .select_related("submission")
        .order_by("order")
        .first()
    )


def _sign(
    cast: Cast, review: Review, decision: str, comment: str = "", conditions: tuple[ConditionInput, ...] = ()
) -> None:
    signer = cast[SIGNERS[Role(review.role)]]
    if decision in APPROVING and review.checklist:
        looked_at = [CheckInput(line["id"], CheckAnswer.Answer.YES) for line in review.checklist]
        answer_checklist(actor=signer, review=review, answers=looked_at, door=Door.WEB)
    sign_off(
        actor=signer,
        review=review,
        decision=decision,
        digest=review.submission.digest,
        confirmed_by="demonstration",
        comment=comment,
        conditions=conditions,
        door=Door.WEB,
    )


def _approve(cast: Cast, release: Release) -> None:
    while review := _open_review(release):
        _sign(cast, review, SignOff.Decision.APPROVE)


def _approve_with_condition(cast: Cast, release: Release) -> None:
    promises = tuple(
        ConditionInput(text=text, owner=cast["owner"], due=portal_now() + life, environments=("production",))
        for text, life in PROMISES
    )
    while review := _open_review(release):
        if review.role == Role.APPROVER:
            _sign(
                cast,
                review,
                SignOff.Decision.APPROVE_WITH_CONDITIONS,
                "Good, provided the first month is watched closely.",
                promises,
            )
        else:
            _sign(cast, review, SignOff.Decision.APPROVE)


def _sign_first_stage(cast: Cast, release: Release) -> None:
    if review := _open_review(release):
        _sign(cast, review, SignOff.Decision.APPROVE, "Results reproduced on September's payments.")


def _leave_in_review(cast: Cast, release: Release) -> None:
    raise_finding(
        actor=cast["validator"],
        release=release,
        title="Answers invent opening hours of closed branches",
        text="In 4 of 200 sampled drafts the assistant named opening hours for branches that closed in 2025.",
        severity="medium",
        category="output",
        door=DOOR,
    )


def _approve_and_hold(cast: Cast, release: Release) -> None:
    _approve(cast, release)
    place_hold(
        actor=cast["riskofficer"],
        system=release.system,
        reason="Two reported cases were ranked last; wait until the unit knows why.",
        door=DOOR,
    )


def _approve_with_finding(cast: Cast, release: Release) -> None:
    _approve(cast, release)
    finding = raise_finding(
        actor=cast["validator2"],
        release=release,
        title="Complaints in Polish are sorted as 'other'",
        text="Of 60 complaints in Polish 41 were sorted as 'other'; urgent ones waited two days.",
        severity="high",
        category="fairness",
        door=DOOR,
    )
    respond_to_finding(
        actor=cast["developer"],
        finding=finding,
        response="Polish was missing from the fine-tuning set; 6.1.0 adds 4,000 labelled complaints.",
        door=DOOR,
    )
    rehearsed, _ = (
        request_waiver(
            actor=cast["owner"], system=release.system, requirement="findings", environment=environment,
            reason=reason, until=portal_now() + life, door=DOOR,
        )
        for environment, reason, life in EXCEPTIONS
    )  # fmt: skip
    grant_waiver(actor=cast["riskofficer"], waiver=rehearsed, reason="No customer waits in staging.", door=DOOR)


def _reject(cast: Cast, release: Release) -> None:
    if review := _open_review(release):
        _sign(cast, review, SignOff.Decision.REJECT, "Error in two coastal regions is three times the stated limit.")


def _return(cast: Cast, release: Release) -> None:
    if review := _open_review(release):
        _sign(cast, review, SignOff.Decision.RETURN, "Say how vulnerable customers are kept out of the training set.")


def _suspend(cast: Cast, release: Release) -> None:
    _approve(cast, release)
    suspend_release(
        actor=cast["incidents"],
        release=release,
        reason="Forecasts doubled after the calendar update; branches were overstocked.",
        door=DOOR,
    )


def _retire(cast: Cast, release: Release) -> None:
    _approve(cast, release)
    retire_release(actor=cast["owner"], release=release, reason="The system is being retired.", door=DOOR)


_OUTCOMES = {
    "approved": _approve,
    "approved_with_condition": _approve_with_condition,
    "first_stage_signed": _sign_first_stage,
    "in_review": _leave_in_review,
    "approved_and_held": _approve_and_hold,
    "approved_with_finding": _approve_with_finding,
    "rejected": _reject,
    "returned": _return,
    "suspended": _suspend,
    "retired": _retire,
}
