"""What the database refuses by itself about changes: raw SQL of the runtime role, whatever it claims."""

from __future__ import annotations

from typing import Any

import pytest

from governance.access.models import User
from governance.changes.models import Change, Contribution
from governance.changes.services import approve_change, lower_materiality, name_release
from tests.governance.changes.walk import approved, asked, emergency, implemented, in_approval, in_state
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal

pytestmark = pytest.mark.django_db
APPROVE = "state = 'approved', decided_at = portal_now(), decided_by_id = %s"
VERIFY = "state = 'closed', verified_at = portal_now(), verified_by_id = %s"
IMPLEMENT = "state = 'implemented', implemented_at = portal_now(), implemented_by_id = %s"
RATIFY = "ratification = 'ratified', ratified_at = portal_now(), ratified_by_id = %s"


def change(who: User, target: Change, assignments: str, *values: Any, **claims: Any) -> str:
    """The constraint that refuses an UPDATE of a change."""

    def work() -> None:
        act_as(who, **{"verb": "change.describe", **claims})
        execute(f"UPDATE changes_change SET {assignments} WHERE id = %s", [*values, target.pk])

    return refusal(work)


def test_nobody_approves_their_own_change(scene: Scene) -> None:
    target = in_approval(scene)
    own = scene["developer"]
    assert change(own, target, APPROVE, own.pk) == "change_decided_by_another"
    assert change(scene["owner"], target, APPROVE, scene["owner"].pk) == "change_decided_independently"
    assert change(scene["superuser"], target, APPROVE, scene["superuser"].pk) == "change_decided_independently"
    assert change(scene["validator"], target, APPROVE, scene["validator"].pk) == "change_decided_independently"


def test_nobody_approves_in_the_name_of_another_or_by_token(scene: Scene) -> None:
    target, approver = in_approval(scene), scene["approver"]
    assert change(scene["developer"], target, APPROVE, approver.pk) == "change_in_person"
    assert change(approver, target, APPROVE, approver.pk, token_id=1) == "change_in_person"
    assert change(approver, target, APPROVE, approver.pk, actor_kind="machine") == "change_in_person"


def test_who_lowered_it_does_not_approve_it(scene: Scene) -> None:
    target = lower_materiality(actor=scene["approver"], change=in_approval(scene), materiality="none", reason="x")
    who = scene["approver"]
    assert change(who, target, APPROVE, who.pk) == "change_decided_independently"
    assert approve_change(actor=scene["approver2"], change=target).state == "approved"


def test_only_an_approver_makes_less_of_a_change(scene: Scene) -> None:
    lower = "materiality = 'none', overridden_by_id = %s, override_reason = 'x'"
    for name in ("developer", "validator"):
        who = scene[name]
        assert change(who, in_approval(scene), lower, who.pk) == "change_decided_independently"
    target = in_approval(scene)
    assert change(scene["approver"], target, "materiality = 'none'") == "change_override_has_reason"


def test_who_carried_it_out_does_not_verify_it(scene: Scene) -> None:
    target = implemented(scene)
    own = scene["developer"]
    assert change(own, target, VERIFY, own.pk) == "change_verified_by_another"
    assert change(scene["owner"], target, VERIFY, scene["owner"].pk) == "change_verified_independently"
    assert change(scene["viewer"], target, VERIFY, scene["viewer"].pk) == "change_verified_independently"


def test_who_recorded_the_results_does_not_verify_them(scene: Scene) -> None:
    target = implemented(scene)

    def work() -> None:
        act_as(scene["validator"], verb="change.record_results")
        execute("UPDATE changes_change SET test_results = 'fine' WHERE id = %s", [target.pk])
        execute(f"UPDATE changes_change SET {VERIFY} WHERE id = %s", [scene["validator"].pk, target.pk])

    assert refusal(work) == "change_verified_independently"


def test_an_emergency_is_never_closed_unratified_nor_ratified_by_its_makers(scene: Scene) -> None:
    target = emergency(scene)
    assert change(scene["validator"], target, VERIFY, scene["validator"].pk) == "change_closed_when_verified"
    own = scene["developer"]
    assert change(own, target, RATIFY, own.pk) == "change_decided_by_another"
    assert change(scene["owner"], target, RATIFY, scene["owner"].pk) == "change_decided_independently"
    assert change(own, target, "ratification = 'none', ratify_due = NULL") == "change_frozen"
    assert change(own, target, "ratify_due = ratify_due + interval '1 year'") == "change_frozen"


def test_nothing_is_carried_out_unapproved_but_in_an_emergency_that_stays_due(scene: Scene) -> None:
    own = scene["developer"]
    assert change(own, asked(scene), IMPLEMENT, own.pk) == "change_frozen"
    assert "change" in change(own, in_approval(scene), IMPLEMENT, own.pk)
    calm = f"{IMPLEMENT}, ratification = 'due', ratify_due = portal_now() + interval '1 day'"
    assert change(own, asked(scene), calm, own.pk) == "change_ratified_in_emergency"


def test_a_material_change_is_not_carried_out_without_a_reviewed_release(scene: Scene) -> None:
    old = scene.approved().release
    own = scene["developer"]
    target = approved(scene, kind="feature")
    assert change(own, target, IMPLEMENT, own.pk) == "change_release_reviewed"
    name_release(actor=own, change=target, release=old)
    assert change(own, target, IMPLEMENT, own.pk) == "change_release_reviewed"


def test_what_was_approved_is_not_rewritten(scene: Scene) -> None:
    own = scene["developer"]
    for state in ("in_approval", "approved", "implemented", "closed", "rejected", "withdrawn", "rolled_back"):
        target = in_state(scene, state)
        for assignment in (
            "what = 'Something else.'",
            "emergency = true",
            "computed = 'none', materiality = 'none'",
            f"requester_id = {scene['viewer'].pk}",
            "verify_due = portal_now(), created_at = portal_now()",
        ):
            assert change(own, target, assignment) == "change_frozen"


def test_a_word_other_than_the_policys_is_refused(scene: Scene) -> None:
    target = asked(scene, kind="feature")
    assert (
        change(scene["developer"], target, "computed = 'none', materiality = 'none'") == "change_assessed_by_the_pack"
    )
    assert change(scene["developer"], target, "kind = 'code'") == "change_assessed_by_the_pack"
    answers = """answers = '{"data-permission": "unsure"}', kind = 'code', computed = 'minor', materiality = 'minor'"""
    assert change(scene["developer"], target, answers) == "change_assessed_by_the_pack"
    tier = "tier = 'low', kind = 'retraining', computed = 'minor', materiality = 'minor', answers = '{}'"
    submit = f"{tier}, state = 'in_approval', submitted_at = portal_now()"
    assert change(scene["developer"], target, submit) == "change_frozen"


def test_states_follow_the_table(scene: Scene) -> None:
    assert change(scene["developer"], in_state(scene, "rejected"), "state = 'draft'") == "changes_change_state_moves"


def test_contributions_are_never_taken_back(scene: Scene) -> None:
    target = asked(scene)

    def forget() -> None:
        act_as(scene["developer"], verb="change.describe")
        execute("UPDATE changes_contribution SET person_id = %s", [scene["viewer"].pk])

    assert refusal(forget) == "change_contribution_append_only"
    assert Contribution.objects.filter(change=target).count() == 1


def test_a_change_is_asked_for_in_nobody_elses_name(scene: Scene) -> None:
    target = asked(scene)

    def forge() -> None:
        act_as(scene["owner"], verb="change.create")
        columns = [f.column for f in Change._meta.concrete_fields if f.column not in ("id", "title")]
        names = ", ".join(f'"{name}"' for name in columns)
        execute(f"INSERT INTO changes_change (title, {names}) SELECT 'x', {names} FROM changes_change WHERE id = %s",
                [target.pk])  # fmt: skip

    assert refusal(forge) == "change_in_person"
