"""Changes from the wish to the proof: who may, what stands in the way, what the gate makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.access.rights import NotVisible
from governance.changes.models import Change, Contribution
from governance.changes.queries import approved_before, version_of
from governance.changes.services import (
    approve_change,
    carry_out_emergency,
    create_change,
    describe_change,
    implement_change,
    lower_materiality,
    name_release,
    raise_materiality,
    ratify_change,
    record_results,
    refuse_change,
    reject_change,
    return_change,
    roll_back_change,
    submit_change,
    verify_change,
)
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict, Forbidden, Refusal
from governance.policy.checking import Purpose
from governance.policy.decide import Status, decide
from governance.policy.queries import facts_of, rules_in_force
from inventory.models import Release
from inventory.services.assets import change_asset, create_asset
from tests.clocks import Clock
from tests.governance.changes.walk import (
    ANSWERS,
    TEXTS,
    approved,
    asked,
    emergency,
    implemented,
    in_approval,
    with_release,
)
from tests.governance.validation.scene import Scene

pytestmark = pytest.mark.django_db


def line(release: Release, purpose: Purpose = Purpose.DEPLOY) -> tuple[Status, str]:
    """What the gate says of changes."""
    _, rules = rules_in_force()
    production = rules.document.environment("production")
    decision = decide(facts_of([release])[release.pk], rules, production, portal_now(), purpose)
    found = next(one for one in decision.lines if one.id == "changes")
    return found.status, found.reason


def refused(code: str, kind: type[Refusal] = Forbidden) -> Any:
    """Expect a refusal of this code."""
    return pytest.raises(kind, check=lambda refusal: refusal.code == code)


def test_the_policy_says_at_once_what_a_change_comes_to(scene: Scene) -> None:
    change = asked(scene, kind="retraining")
    assert (change.materiality, change.computed, change.rule, change.tier) == (
        "material", "material", "high-tier", "high",
    )  # fmt: skip
    assert "High tier" in change.explanation
    assert str(change) == f"CHG-{change.pk} New tokenizer"


def test_describing_it_anew_assesses_it_anew(scene: Scene) -> None:
    change = asked(scene)
    assert change.materiality == "minor"
    change = describe_change(
        actor=scene["owner"],
        change=change,
        answers={**ANSWERS, "interfaces-compatible": "no"},
        components=["a", "a", ""],
    )
    assert (change.materiality, change.rule, change.components) == ("material", "interfaces-break", ["a"])


@pytest.mark.parametrize("who", ["viewer", "approver", "validator", "riskofficer", "outsider", "superuser"])
def test_only_builders_ask_for_changes(scene: Scene, who: str) -> None:
    with pytest.raises(Refusal):
        asked(scene, by=who)
    assert not Change.objects.exists()


def test_everything_wrong_with_a_request_is_named(scene: Scene) -> None:
    now = portal_now()
    with pytest.raises(InvalidInput) as wrong:
        create_change(
            actor=scene["owner"], system=scene.system, kind="weather", title=" ", what="\0", components=["x" * 300],
            answers={"data-permission": "perhaps", "mood": "good"}, planned_from=now,
            planned_until=now - timedelta(hours=1), target_release=Release(system_id=0),
            rollback_release=Release(system_id=0),
        )  # fmt: skip
    assert set(wrong.value.errors) == {
        "kind", "title", "what", "components.0", "answers.data-permission", "answers.mood", "planned_until",
        "target_release", "rollback_release",
    }  # fmt: skip


def test_an_incomplete_request_is_not_put_up(scene: Scene) -> None:
    change = create_change(actor=scene["owner"], system=scene.system, kind="code", title="x")
    with refused("blocked", Conflict):
        submit_change(actor=scene["owner"], change=change)
    change = describe_change(
        actor=scene["owner"], change=change, answers=ANSWERS, planned_from=portal_now(),
        planned_until=portal_now() + timedelta(hours=1), **TEXTS,
    )  # fmt: skip
    assert submit_change(actor=scene["owner"], change=change).state == "in_approval"


def test_data_whose_use_was_refused_stops_a_request_whatever_it_answers(scene: Scene) -> None:
    refused_data = create_asset(
        actor=scene["owner"], unit=scene.unit, kind="dataset", name="Scraped faces", permission="refused"
    )
    change = asked(scene, assets=[refused_data])
    with pytest.raises(Conflict, match="permission to use “Scraped faces”, which its record says is refused"):
        submit_change(actor=scene["developer"], change=change)
    change_asset(actor=scene["owner"], asset=refused_data, permission="granted")
    assert submit_change(actor=scene["developer"], change=change).state == "in_approval"


def test_a_change_is_asked_for_approved_carried_out_and_verified(scene: Scene) -> None:
    change = implemented(scene)
    assert change.verify_due == change.implemented_at + timedelta(days=30)  # type: ignore[operator]
    record_results(actor=scene["developer"], change=change, test_results="Same scores.")
    change = verify_change(actor=scene["auditor"], change=change, verification="Scores are equal.")
    assert (change.state, change.verified_by) == ("closed", scene["auditor"])
    verbs = list(
        Event.objects.filter(table_name="changes_change", key=str(change.pk))
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert verbs == [f"change.{v}" for v in ("create", "submit", "approve", "implement", "record_results", "verify")]


def test_nobody_approves_what_they_asked_for_or_described(scene: Scene) -> None:
    change = in_approval(scene)
    for who in ("developer", "owner", "deputy"):
        with pytest.raises(Forbidden) as refusal:
            approve_change(actor=scene[who], change=change)
        assert {"sod.owner", "sod.developer"} & {reason.code for reason in refusal.value.reasons}
        assert Denial.objects.filter(actor_id=scene[who].pk, verb="change.approve").exists()
    change.refresh_from_db()
    assert change.state == "in_approval"


def test_the_database_notes_who_has_a_hand_in_a_change(scene: Scene) -> None:
    change = asked(scene)
    describe_change(actor=scene["owner"], change=change, what="More.")
    submit_change(actor=scene["deputy"], change=change)
    hands = Contribution.objects.filter(change=change).values_list("person__username", "kind")
    assert set(hands) == {("developer", "request"), ("owner", "request")}


def test_a_contributor_to_the_release_does_not_approve_the_change(scene: Scene) -> None:
    change = asked(scene)
    release = scene.release(by="owner")
    name_release(actor=scene["developer"], change=change, release=release)
    change = submit_change(actor=scene["developer"], change=change)
    with pytest.raises(Forbidden) as refusal:
        approve_change(actor=scene["owner"], change=change)
    assert "sod.contributor" in {reason.code for reason in refusal.value.reasons}


def test_a_stale_request_is_not_approved(scene: Scene) -> None:
    change = in_approval(scene)
    seen = version_of(change)
    raise_materiality(actor=scene["owner"], change=change, materiality="material", reason="It touches limits.")
    with refused("stale", Conflict):
        approve_change(actor=scene["approver"], change=change, seen=seen)
    change.refresh_from_db()
    assert approve_change(actor=scene["approver"], change=change, seen=version_of(change)).state == "approved"


def test_a_returned_request_is_described_better_and_put_up_again(scene: Scene) -> None:
    change = return_change(actor=scene["approver"], change=in_approval(scene), reason="Which limits?")
    assert (change.state, change.decision, change.decided_by) == ("draft", "Which limits?", None)
    describe_change(actor=scene["developer"], change=change, what="The limits of tier two.")
    change = submit_change(actor=scene["developer"], change=change)
    assert approve_change(actor=scene["approver"], change=change).state == "approved"


def test_anybody_concerned_makes_more_of_a_change_and_only_an_approver_less(scene: Scene) -> None:
    change = in_approval(scene)
    for who in ("viewer", "outsider"):
        with pytest.raises((Forbidden, NotVisible)):
            raise_materiality(actor=scene[who], change=change, materiality="material", reason="x")
    for who in ("riskofficer", "incidents"):  # whoever may stop a system
        other = raise_materiality(actor=scene[who], change=in_approval(scene), materiality="material", reason="Harm.")
        assert other.overridden_by == scene[who]
    change = raise_materiality(
        actor=scene["validator"], change=change, materiality="material", reason="Touches limits."
    )
    assert (change.materiality, change.computed, change.overridden_by) == ("material", "minor", scene["validator"])
    with pytest.raises(InvalidInput):
        raise_materiality(actor=scene["validator"], change=change, materiality="minor", reason="x")
    for who in ("developer", "validator"):
        with pytest.raises(Forbidden):
            lower_materiality(actor=scene[who], change=change, materiality="none", reason="x")
    change = lower_materiality(actor=scene["approver"], change=change, materiality="minor", reason="It does not.")
    with refused("sod.same_person"):
        approve_change(actor=scene["approver"], change=change)
    assert approve_change(actor=scene["approver2"], change=change).materiality == "minor"


def test_less_needs_a_reason(scene: Scene) -> None:
    with pytest.raises(InvalidInput):
        lower_materiality(actor=scene["approver"], change=in_approval(scene), materiality="none", reason=" ")


def test_more_stays_when_the_request_is_described_anew_and_less_does_not(scene: Scene) -> None:
    change = raise_materiality(actor=scene["owner"], change=asked(scene), materiality="material", reason="Limits.")
    assert describe_change(actor=scene["owner"], change=change, what="x").materiality == "material"
    other = lower_materiality(actor=scene["approver"], change=asked(scene), materiality="none", reason="A comment.")
    other = describe_change(actor=scene["owner"], change=other, what="x")
    assert (other.materiality, other.overridden_by, other.override_reason) == ("minor", None, "")


def test_nothing_is_carried_out_before_it_is_approved(scene: Scene) -> None:
    for change in (asked(scene), in_approval(scene)):
        with refused("order", Conflict):
            implement_change(actor=scene["developer"], change=change)


def test_a_material_change_needs_a_release_that_was_reviewed_for_it(scene: Scene) -> None:
    before = scene.approved().release
    change = approved(scene, kind="feature")
    with pytest.raises(Conflict, match="name the release"):
        implement_change(actor=scene["developer"], change=change)
    name_release(actor=scene["developer"], change=change, release=before)
    with pytest.raises(Conflict, match="not fully reviewed since this request"):
        implement_change(actor=scene["developer"], change=change)
    fresh = scene.submitted().release
    name_release(actor=scene["developer"], change=change, release=fresh)
    with pytest.raises(Conflict, match="is in review"):
        implement_change(actor=scene["developer"], change=change)
    scene.sign_all(fresh.submissions.get())
    assert implement_change(actor=scene["developer"], change=change).state == "implemented"


def test_who_carries_it_out_does_not_verify_it(scene: Scene) -> None:
    change = approved(scene)
    change = implement_change(actor=scene["owner"], change=change)
    for who in ("owner", "developer", "viewer"):
        with pytest.raises(Forbidden):
            verify_change(actor=scene[who], change=change, verification="x")
    assert verify_change(actor=scene["approver"], change=change, verification="Seen.").state == "closed"


def test_one_goes_back_to_an_approved_release(scene: Scene) -> None:
    before = scene.approved().release
    change = in_approval(scene, kind="feature")
    with_release(scene, change)
    change = approve_change(actor=scene["approver"], change=change)
    change = implement_change(actor=scene["developer"], change=change)
    with pytest.raises(InvalidInput):
        roll_back_change(actor=scene["developer"], change=change, reason="x", release=change.target_release)
    with pytest.raises(Conflict, match="go back to an approved one"):
        roll_back_change(actor=scene["developer"], change=change, reason="x", release=scene.release())
    change = roll_back_change(actor=scene["developer"], change=change, reason="It fails.", release=before)
    assert (change.state, change.rollback_release) == ("rolled_back", before)


def carried_out_by_a_release(scene: Scene) -> Change:
    """A material change that a reviewed release brought."""
    change = in_approval(scene, kind="feature")
    with_release(scene, change)
    change = approve_change(actor=scene["approver"], change=change)
    return implement_change(actor=scene["developer"], change=change)


def test_a_roll_back_without_a_name_goes_to_the_release_approved_last_before(scene: Scene) -> None:
    scene.approved()
    before = scene.approved().release
    change = carried_out_by_a_release(scene)
    assert approved_before(change) == before
    change = roll_back_change(actor=scene["developer"], change=change, reason="It fails.")
    assert change.rollback_release == before


def test_where_no_other_release_is_approved_there_is_nothing_to_go_back_to(scene: Scene) -> None:
    change = carried_out_by_a_release(scene)
    with pytest.raises(Conflict, match="There is no other approved release to go back to"):
        roll_back_change(actor=scene["developer"], change=change, reason="It fails.")


def test_a_roll_back_opens_what_must_follow_and_stops_the_release_until_another_request_names_it(
    scene: Scene, clock: Clock
) -> None:
    before = scene.approved().release
    change = roll_back_change(actor=scene["developer"], change=carried_out_by_a_release(scene), reason="It fails.")
    brought = change.target_release
    assert brought is not None
    follow_ups = {one.step: one for one in change.follow_ups.all()}
    assert set(follow_ups) == {"put-back", "find-cause"}
    assert follow_ups["put-back"].title == f"Put release {before.version} back wherever {brought.version} runs"
    assert {one.owner for one in follow_ups.values()} == {scene["owner"]}
    assert line(brought)[0] is Status.UNMET
    assert line(before)[0] is Status.MET
    again = asked(scene)
    name_release(actor=scene["developer"], change=again, release=brought)
    submit_change(actor=scene["developer"], change=again)
    assert "is in approval" in line(brought)[1]
    approve_change(actor=scene["approver"], change=again)
    assert line(brought)[0] is Status.MET
    clock.move(timedelta(days=7))
    assert "was not done in time" in line(before)[1]


def test_a_release_does_not_ship_before_the_change_it_carries_out_is_approved(scene: Scene) -> None:
    change = asked(scene, kind="feature")
    release = with_release(scene, change)
    assert line(release)[0] is Status.MET  # a draft bears on nothing
    change = submit_change(actor=scene["developer"], change=change)
    assert line(release) == (
        Status.UNMET, f"CHG-{change.pk} “New tokenizer”, which this release carries out, is in approval.",
    )  # fmt: skip
    return_change(actor=scene["approver"], change=change, reason="Say which part.")
    assert "sent back" in line(release)[1]
    submit_change(actor=scene["developer"], change=change)
    approve_change(actor=scene["approver"], change=change)
    assert line(release) == (Status.MET, "No change stands in the way.")


def test_a_change_nobody_verifies_in_time_closes_the_gate_of_the_whole_system(scene: Scene, clock: Clock) -> None:
    release = scene.approved().release
    change = implemented(scene)
    assert line(release)[0] is Status.MET
    clock.move(timedelta(days=30))
    assert line(release) == (
        Status.UNMET, f"CHG-{change.pk} “New tokenizer” was carried out and not verified in time.",
    )  # fmt: skip
    verify_change(actor=scene["validator"], change=change, verification="Late, but it works.")
    assert line(release)[0] is Status.MET


def test_an_emergency_is_ratified_afterwards_and_closes_the_gate_when_it_is_not(scene: Scene, clock: Clock) -> None:
    before = scene.approved().release
    change = emergency(scene, rollback_release=before)
    assert (change.state, change.ratification) == ("implemented", "due")
    assert line(before)[0] is Status.MET
    with refused("blocked", Conflict):
        verify_change(actor=scene["validator"], change=change, verification="x")
    clock.move(timedelta(hours=72))
    assert line(before) == (
        Status.UNMET, f"The emergency change CHG-{change.pk} “New tokenizer” was not ratified in time.",
    )  # fmt: skip
    for who in ("developer", "owner"):
        with pytest.raises(Forbidden):
            ratify_change(actor=scene[who], change=change)
    change = ratify_change(actor=scene["approver"], change=change, comment="It had to be.")
    assert line(before)[0] is Status.MET
    assert verify_change(actor=scene["validator"], change=change, verification="Seen.").state == "closed"
    with refused("state", Conflict):
        ratify_change(actor=scene["approver2"], change=change)


def test_a_refused_emergency_is_rolled_back_and_only_the_release_before_passes(scene: Scene) -> None:
    before, brings = scene.approved().release, scene.approved().release
    change = emergency(scene, rollback_release=before, target_release=brings)
    change = refuse_change(actor=scene["approver"], change=change, reason="There was a limit switch.")
    assert line(brings)[0] is Status.UNMET
    assert line(before)[0] is Status.MET
    with refused("blocked", Conflict):
        verify_change(actor=scene["validator"], change=change, verification="x")
    roll_back_change(actor=scene["developer"], change=change, reason="Refused.")
    assert line(brings)[0] is Status.UNMET
    assert line(before)[0] is Status.MET


def test_a_ratification_stays_due_after_a_roll_back(scene: Scene, clock: Clock) -> None:
    before = scene.approved().release
    change = roll_back_change(actor=scene["developer"], change=emergency(scene), reason="It was worse.")
    clock.move(timedelta(hours=72))
    assert line(before)[0] is Status.UNMET
    assert ratify_change(actor=scene["approver"], change=change).state == "rolled_back"
    assert line(before)[0] is Status.MET


def test_only_what_is_marked_so_is_an_emergency(scene: Scene) -> None:
    with refused("blocked", Conflict):
        carry_out_emergency(actor=scene["developer"], change=asked(scene), reason="I am in a hurry.")


def test_a_rejected_change_stops_its_release_until_another_request_names_it(scene: Scene) -> None:
    change = asked(scene)
    release = with_release(scene, change)
    change = submit_change(actor=scene["developer"], change=change)
    reject_change(actor=scene["approver"], change=change, reason="No.")
    assert line(release)[0] is Status.UNMET
    other = asked(scene, target_release=release)
    assert f"CHG-{change.pk}" in line(release)[1]  # a draft takes no rejection away
    other = submit_change(actor=scene["developer"], change=other)
    assert f"CHG-{other.pk}" in line(release)[1]
    approve_change(actor=scene["approver"], change=other)
    assert line(release)[0] is Status.MET


def test_what_is_running_goes_on_running_while_changes_freeze(scene: Scene) -> None:
    release = scene.approved().release
    assert line(release, Purpose.CONTINUE)[0] is Status.NOT_APPLICABLE
