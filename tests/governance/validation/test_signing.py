"""Signing a review through the service: who may, who may not, when not, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict, Forbidden
from governance.validation.models import Contribution, Review, SignOff
from governance.validation.services import (
    ConditionInput,
    raise_finding,
    renew_release,
    submit_release,
    withdraw_submission,
)
from inventory.models import Release
from inventory.services import change_system
from inventory.services.assignments import assign, end_assignment
from inventory.services.documents import save_document_revision
from tests.governance.access.people import appoint, join
from tests.governance.validation.scene import Scene, review_of, sign

APPROVE, REJECT, RETURN = SignOff.Decision.APPROVE, SignOff.Decision.REJECT, SignOff.Decision.RETURN


def refused(actor: User, review: Review, **more: object) -> str:
    """The code of the refusal; nothing is signed and a denial remains."""
    before = SignOff.objects.count()
    denials = Denial.objects.count()
    with pytest.raises((Forbidden, Conflict)) as refusal:
        sign(actor, review, **more)  # type: ignore[arg-type]
    assert SignOff.objects.count() == before
    assert Denial.objects.count() == denials + 1
    return refusal.value.code


def test_the_first_signature_opens_the_next_stage(scene: Scene) -> None:
    submission = scene.submitted()
    signed = sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    assert review_of(submission, Role.VALIDATOR).state == Review.State.SIGNED
    assert review_of(submission, Role.AUDITOR).state == Review.State.OPEN
    assert review_of(submission, Role.APPROVER).state == Review.State.WAITING
    assert (signed.printed_name, signed.digest, signed.pack_digest) == (
        "Validator", submission.digest, submission.pack_digest,
    )  # fmt: skip


def test_the_ledger_says_who_signed_and_why(scene: Scene) -> None:
    submission = scene.submitted()
    signed = sign(scene["validator"], review_of(submission, Role.VALIDATOR), comment="Reproduced the results.")
    event = Event.objects.get(table_name="validation_signoff", key=str(signed.pk))
    assert (event.verb, event.actor_id, event.door) == ("review.sign", scene["validator"].pk, "web")
    assert event.reason == "Reproduced the results."


@pytest.mark.parametrize(
    ("name", "code"), [("owner", "sod.owner"), ("deputy", "sod.owner"), ("developer", "sod.developer")]
)
def test_who_builds_a_system_does_not_sign_it_even_with_the_role(scene: Scene, name: str, code: str) -> None:
    submission = submit_release(actor=scene["owner"], release=scene.release(by="owner"))
    appoint(scene[name], Role.VALIDATOR, unit=scene.unit)
    expected = "sod.submitter" if name == "owner" else code
    assert refused(scene[name], review_of(submission, Role.VALIDATOR)) == expected


def test_the_owner_is_told_that_the_system_is_theirs(scene: Scene) -> None:
    submission = scene.submitted(by="developer")
    assert refused(scene["owner"], review_of(submission, Role.VALIDATOR)) == "sod.owner"


def test_the_submitter_is_told_that_they_submitted_it(scene: Scene) -> None:
    submission = scene.submitted(by="developer")
    assert refused(scene["developer"], review_of(submission, Role.VALIDATOR)) == "sod.submitter"


def test_a_superuser_signs_nothing(scene: Scene) -> None:
    submission = scene.submitted()
    assert refused(scene["superuser"], review_of(submission, Role.VALIDATOR)) == "forbidden"


@pytest.mark.parametrize("name", ["auditor", "approver", "viewer", "riskofficer", "governor"])
def test_a_stage_is_signed_by_its_own_role_only(scene: Scene, name: str) -> None:
    submission = scene.submitted()
    assert refused(scene[name], review_of(submission, Role.VALIDATOR)) == "forbidden"


def test_a_stranger_does_not_learn_that_the_review_exists(scene: Scene) -> None:
    submission = scene.submitted()
    with pytest.raises(NotVisible):
        sign(scene["outsider"], review_of(submission, Role.VALIDATOR))


def test_one_person_signs_one_stage_only(scene: Scene) -> None:
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    appoint(scene["validator"], Role.AUDITOR, unit=scene.unit)
    assert refused(scene["validator"], review_of(submission, Role.AUDITOR)) == "sod.same_person"


def test_the_author_of_a_document_written_before_the_release_existed_does_not_sign(scene: Scene) -> None:
    appoint(scene["validator"], Role.DEVELOPER, system=scene.system)
    save_document_revision(
        actor=scene["validator"], system=scene.system, template="model-card", sections={"purpose": "x"}, contact="v"
    )
    held = scene.system.assignments.get(person=scene["validator"])
    end_assignment(actor=scene["governor"], assignment=held)
    submission = scene.submitted()
    assert Contribution.objects.filter(release=submission.release, person=scene["validator"], kind="document").exists()
    assert refused(scene["validator"], review_of(submission, Role.VALIDATOR)) == "sod.contributor"
    sign(scene["validator2"], review_of(submission, Role.VALIDATOR))


def test_who_described_the_system_before_the_release_existed_does_not_sign(scene: Scene) -> None:
    join(scene["validator"], OrganisationRole.GOVERNANCE)
    change_system(actor=scene["validator"], system=scene.system, intended_use="Scoring card payments.")
    submission = scene.submitted()
    assert refused(scene["validator"], review_of(submission, Role.VALIDATOR)) == "sod.contributor"
    sign(scene["validator2"], review_of(submission, Role.VALIDATOR))


def test_a_document_already_approved_with_an_earlier_release_does_not_disqualify(scene: Scene) -> None:
    appoint(scene["validator"], Role.DEVELOPER, system=scene.system)
    save_document_revision(
        actor=scene["validator"], system=scene.system, template="model-card", sections={"purpose": "x"}, contact="v"
    )
    end_assignment(actor=scene["governor"], assignment=scene.system.assignments.get(person=scene["validator"]))
    first = scene.submitted()
    sign(scene["validator2"], review_of(first, Role.VALIDATOR))
    sign(scene["auditor"], review_of(first, Role.AUDITOR))
    sign(scene["approver"], review_of(first, Role.APPROVER))
    second = scene.submitted()
    sign(scene["validator"], review_of(second, Role.VALIDATOR))


def test_roles_held_at_any_time_since_the_release_was_described_count(scene: Scene) -> None:
    release = scene.release()
    held = assign(actor=scene["governor"], person=scene["validator2"], role=Role.DEVELOPER, system=scene.system)
    end_assignment(actor=scene["governor"], assignment=held)
    submission = submit_release(actor=scene["owner"], release=release)
    assert refused(scene["validator2"], review_of(submission, Role.VALIDATOR)) == "sod.developer"


def test_an_ended_role_signs_nothing(scene: Scene) -> None:
    submission = scene.submitted()
    end_assignment(actor=scene["governor"], assignment=scene["validator"].assignments.get(unit=scene.unit))
    with pytest.raises(NotVisible):
        sign(scene["validator"], review_of(submission, Role.VALIDATOR))


@pytest.mark.parametrize("door", [Door.API, Door.COMMAND, Door.ADMIN, Door.JOB])
def test_only_the_browser_signs(scene: Scene, door: Door) -> None:
    submission = scene.submitted()
    assert refused(scene["validator"], review_of(submission, Role.VALIDATOR), door=door) == "forbidden"


def test_nobody_signs_without_having_proved_presence(scene: Scene) -> None:
    submission = scene.submitted()
    assert refused(scene["validator"], review_of(submission, Role.VALIDATOR), confirmed_by="") == "forbidden"


def test_a_later_stage_waits_for_the_earlier_ones(scene: Scene) -> None:
    submission = scene.submitted()
    assert refused(scene["approver"], review_of(submission, Role.APPROVER)) == "order"


def test_a_page_of_another_package_is_stale(scene: Scene) -> None:
    first = scene.submitted()
    withdraw_submission(actor=scene["owner"], release=first.release)
    second = submit_release(actor=scene["owner"], release=first.release)
    assert refused(scene["validator"], review_of(second, Role.VALIDATOR), digest=first.digest) == "stale"
    assert refused(scene["validator"], review_of(first, Role.VALIDATOR)) == "state"


def test_what_is_decided_is_not_decided_again(scene: Scene) -> None:
    submission = scene.submitted()
    review = review_of(submission, Role.VALIDATOR)
    sign(scene["validator"], review)
    assert refused(scene["validator2"], review) == "state"
    assert refused(scene["validator"], review) == "state"


def test_an_open_blocking_finding_stops_the_signature(scene: Scene) -> None:
    submission = scene.submitted()
    raise_finding(
        actor=scene["validator"], release=submission.release, title="Leaks labels", text="t", severity="critical",
        category="data",
    )  # fmt: skip
    assert refused(scene["validator"], review_of(submission, Role.VALIDATOR)) == "blocked"
    sign(scene["validator"], review_of(submission, Role.VALIDATOR), RETURN, "See the finding.")


@pytest.mark.parametrize(
    ("decision", "release_state", "submission_state"),
    [(REJECT, Release.State.REJECTED, "rejected"), (RETURN, Release.State.DRAFT, "returned")],
)
def test_one_rejection_or_return_ends_the_submission_at_once(
    scene: Scene, decision: str, release_state: str, submission_state: str
) -> None:
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR), decision, "Not like this.")
    submission.refresh_from_db()
    assert submission.state == submission_state
    assert Release.objects.get(pk=submission.release_id).state == release_state
    assert review_of(submission, Role.APPROVER).state == Review.State.VOID


def test_a_rejected_renewal_suspends(scene: Scene) -> None:
    first = scene.approved()
    second = renew_release(actor=scene["owner"], release=first.release)
    sign(scene["validator"], review_of(second, Role.VALIDATOR), REJECT, "It has drifted.")
    assert Release.objects.get(pk=first.release_id).state == Release.State.SUSPENDED


def test_a_returned_renewal_leaves_the_running_approval(scene: Scene) -> None:
    first = scene.approved()
    second = renew_release(actor=scene["owner"], release=first.release)
    sign(scene["validator"], review_of(second, Role.VALIDATOR), RETURN, "Explain the new metric.")
    assert Release.objects.get(pk=first.release_id).state == Release.State.APPROVED


@pytest.mark.parametrize("decision", [REJECT, RETURN, SignOff.Decision.APPROVE_WITH_CONDITIONS])
def test_anything_but_a_plain_approval_says_why(scene: Scene, decision: str) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    with pytest.raises(InvalidInput) as invalid:
        sign(scene["validator"], review, decision, " ")
    assert "comment" in invalid.value.errors


def test_conditions_are_kept_with_owner_due_and_environments(scene: Scene) -> None:
    submission = scene.submitted()
    due = portal_now() + timedelta(days=30)
    promise = ConditionInput("Watch drift.", scene["owner"], due, ("production",))
    signed = sign(
        scene["validator"], review_of(submission, Role.VALIDATOR), "approve_with_conditions", "Mostly.",
        conditions=[promise],
    )  # fmt: skip
    condition = signed.conditions.get()
    assert (condition.text, condition.owner, condition.due, condition.environments) == (
        "Watch drift.", scene["owner"], due, ["production"],
    )  # fmt: skip
    assert review_of(submission, Role.VALIDATOR).state == Review.State.SIGNED


def test_a_condition_needs_text_owner_a_future_due_day_and_known_environments(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    wrong = ConditionInput("", scene["outsider"], portal_now(), ("moon",))
    with pytest.raises(InvalidInput) as invalid:
        sign(scene["validator"], review, "approve_with_conditions", "Mostly.", conditions=[wrong])
    assert set(invalid.value.errors) == {f"conditions.0.{name}" for name in ("text", "owner", "due", "environments")}


def test_reviewing_does_not_disqualify_from_the_next_submission(scene: Scene) -> None:
    first = scene.submitted()
    raise_finding(
        actor=scene["validator"], release=first.release, title="Odd", text="t", severity="low", category="data"
    )
    sign(scene["validator"], review_of(first, Role.VALIDATOR), RETURN, "Explain.")
    second = submit_release(actor=scene["owner"], release=first.release)
    sign(scene["validator"], review_of(second, Role.VALIDATOR))


def test_whoever_signed_does_not_become_a_developer_while_it_counts(scene: Scene) -> None:
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    with pytest.raises((Forbidden, Conflict)):
        assign(actor=scene["governor"], person=scene["validator"], role=Role.DEVELOPER, system=scene.system)
    assert not scene.system.assignments.filter(person=scene["validator"]).exists()
