"""What changes tell the policy: the fragment against the ORM, and the check against facts written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.changes.models import Change
from governance.changes.services import name_release, refuse_change, reject_change, submit_change
from governance.policy.checking import Case, Met, NotApplicable, Parameters, Purpose, Result, Unmet
from governance.policy.checks import CHECKS
from governance.policy.facts import ChangeFact, Facts, ReleaseFacts, SystemFacts
from governance.policy.packs import parse, shipped
from governance.policy.queries import facts_of
from governance.policy.schema import PackDocument
from governance.policy.sections import Freeze
from inventory.models import Release
from tests.governance.changes.walk import asked, emergency, implemented, in_approval, in_state
from tests.governance.validation.scene import Scene

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
DAY = timedelta(days=1)
PACK = parse(shipped("baseline"))
DONE = ChangeFact(7, "New tokenizer", "implemented", "material", verify_due=NOW + DAY)


def told(release: Release) -> dict[int, ChangeFact]:
    return {fact.id: fact for fact in facts_of([release])[release.pk].changes}


@pytest.mark.django_db
def test_the_fragment_tells_what_the_orm_tells(scene: Scene) -> None:
    before, brings = scene.approved().release, scene.release()
    open_one, done = in_approval(scene, target_release=brings), implemented(scene)
    asked(scene, target_release=brings)
    urgent = emergency(scene, rollback_release=before)
    settled = [in_state(scene, state) for state in ("closed", "withdrawn", "approved", "in_approval")]
    facts = told(brings)
    assert set(facts) == {open_one.pk, done.pk, urgent.pk}
    assert set(told(before)) == {done.pk, urgent.pk}
    assert not {change.pk for change in settled} & set(facts)
    for change in Change.objects.filter(pk__in=facts):
        fact = facts[change.pk]
        assert (
            fact.title, fact.state, fact.materiality, fact.emergency, fact.ratification, fact.ratify_due,
            fact.verify_due, fact.carries_out, fact.rolls_back,
        ) == (
            change.title, change.state, change.materiality, change.emergency, change.ratification, change.ratify_due,
            change.verify_due, change.target_release_id == brings.pk, change.rollback_release_id == brings.pk,
        )  # fmt: skip
    assert told(before)[urgent.pk].rolls_back


@pytest.mark.django_db
def test_a_rejected_change_is_told_until_another_one_names_its_release(scene: Scene) -> None:
    release = scene.release()
    first = asked(scene, target_release=release)
    reject_change(actor=scene["approver"], change=submit_change(actor=scene["developer"], change=first), reason="No.")
    assert set(told(release)) == {first.pk}
    second = asked(scene)
    name_release(actor=scene["developer"], change=second, release=release)
    assert set(told(release)) == {first.pk}
    submit_change(actor=scene["developer"], change=second)
    assert set(told(release)) == {second.pk}


@pytest.mark.django_db
def test_a_refusal_is_told(scene: Scene) -> None:
    release = scene.release()
    refuse_change(actor=scene["approver"], change=emergency(scene), reason="No.")
    facts = facts_of([release])[release.pk]
    assert [fact.ratification for fact in facts.changes] == ["refused"]


def ask(
    *changes: ChangeFact,
    pack: PackDocument = PACK,
    at: datetime = NOW,
    purpose: Purpose = Purpose.DEPLOY,
    tier: str = "high",
) -> Result:
    facts = Facts(
        system=SystemFacts(1, "scorer", "Scorer", tier, units=("cards",)), release=ReleaseFacts(2, "1.0", "approved"),
        changes=changes,
    )  # fmt: skip
    case = Case(facts, pack, "sha256:x", pack.environment("production"), at, purpose)
    return CHECKS["changes"].run(case, Parameters())


def with_freeze(**fields: Any) -> PackDocument:
    assert PACK.changes is not None
    freeze = Freeze(id="year-end", title="Year-end closing", since=NOW - DAY, until=NOW + DAY, **fields)
    return PACK.model_copy(update={"changes": PACK.changes.model_copy(update={"freezes": (freeze,)})})


@pytest.mark.parametrize("state", ["draft", "in_approval", "rejected", "rolled_back"])
def test_a_release_waits_for_the_approval_of_the_change_it_carries_out(state: str) -> None:
    carrying = replace(DONE, state=state, verify_due=None, carries_out=True)
    assert isinstance(ask(carrying), Unmet)
    assert isinstance(ask(replace(carrying, state="approved")), Met)


def test_a_verification_has_until_its_due_instant_and_no_longer() -> None:
    assert ask(DONE) == Met("No change stands in the way.", NOW + DAY)
    assert isinstance(ask(DONE, at=NOW + DAY - timedelta(microseconds=1)), Met)
    assert isinstance(ask(DONE, at=NOW + DAY), Unmet)


def test_a_ratification_that_is_due_closes_when_nobody_gives_it_even_without_a_known_date() -> None:
    due = replace(DONE, emergency=True, ratification="due", ratify_due=NOW + timedelta(hours=1))
    assert ask(due) == Met("No change stands in the way.", NOW + timedelta(hours=1))
    assert isinstance(ask(due, at=NOW + timedelta(hours=1)), Unmet)
    assert isinstance(ask(replace(due, ratify_due=None)), Unmet)
    assert isinstance(ask(replace(due, state="rolled_back"), at=NOW + timedelta(hours=1)), Unmet)


def test_a_refused_emergency_lets_only_the_way_back_pass() -> None:
    refused = replace(DONE, emergency=True, ratification="refused")
    assert isinstance(ask(refused), Unmet)
    assert isinstance(ask(replace(refused, rolls_back=True)), Met)


def test_a_freeze_closes_the_gate_while_it_lasts_and_lets_emergencies_pass() -> None:
    pack = with_freeze()
    assert isinstance(ask(pack=pack), Unmet)
    assert ask(pack=pack, at=NOW - 2 * DAY) == Met("No change stands in the way.", NOW - DAY)
    assert isinstance(ask(pack=pack, at=NOW - DAY), Unmet)
    assert isinstance(ask(pack=pack, at=NOW + DAY), Met)
    for fact in (replace(DONE, emergency=True, carries_out=True), replace(DONE, emergency=True, rolls_back=True)):
        answer = ask(fact, pack=pack)
        assert isinstance(answer, Met)
        assert "Year-end closing" in answer.reason
    assert isinstance(ask(replace(DONE, carries_out=True), pack=pack), Unmet)
    assert isinstance(ask(replace(DONE, emergency=True), pack=pack), Unmet)


def test_a_freeze_stops_no_restart_of_what_is_running() -> None:
    assert isinstance(ask(pack=with_freeze(), purpose=Purpose.CONTINUE), Met)


@pytest.mark.parametrize(
    ("fields", "closed"),
    [
        ({"environments": ("production",)}, True), ({"environments": ("staging",)}, False),
        ({"tiers": ("high",)}, True), ({"tiers": ("low",)}, False),
        ({"units": ("cards",)}, True), ({"units": ("marketing",)}, False),
    ],
)  # fmt: skip
def test_a_freeze_is_about_what_it_names(fields: dict[str, Any], closed: bool) -> None:
    assert isinstance(ask(pack=with_freeze(**fields)), Unmet) == closed
    assert isinstance(ask(pack=with_freeze(tiers=("low",)), tier="nobody knows"), Unmet)


def test_a_policy_without_changes_asks_nothing() -> None:
    assert isinstance(ask(DONE, pack=PACK.model_copy(update={"changes": None})), NotApplicable)
