"""What the database refuses by itself: raw SQL of the runtime role, whatever it claims about who acts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import seal_now
from governance.ledger.models import Link
from governance.validation import proofs
from governance.validation.models import Review, SignOff, Submission
from tests.clocks import Clock
from tests.governance.access.people import appoint
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.loosening import loosen

pytestmark = pytest.mark.django_db

INSERT = """
INSERT INTO validation_signoff (review_id, submission_id, person_id, decision, comment, digest, pack_digest, meaning,
    printed_name, role, authenticated_by, signed_at, proof_key, proof)
SELECT w.id, b.id, %(person)s, %(decision)s, 'x', coalesce(%(digest)s, b.digest), b.pack_digest, w.meaning, 'N',
    w.role, 'password', coalesce(%(signed_at)s, portal_now()), %(proof_key)s, %(proof)s
FROM validation_review w JOIN validation_submission b ON b.id = w.submission_id WHERE w.id = %(review)s
"""
SIGNED = "UPDATE validation_review SET state = 'signed', closed_at = portal_now() WHERE id = %s"
NEXT = """
UPDATE validation_review SET state = 'open', opened_at = portal_now() WHERE id = (
    SELECT id FROM validation_review WHERE submission_id = %s AND state = 'waiting' ORDER BY "order" LIMIT 1)
"""


def execute(statement: str, values: Any = None) -> None:
    """Run SQL as the runtime role, past the portal."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def act_as(person: User, door: str = "web", **more: Any) -> None:
    """Claim to be somebody, as code that got hold of the runtime role could."""
    who = {"actor_id": person.pk, "actor_kind": "human", "actor_name": person.name, "door": door}
    execute("SELECT set_config('ledger.acting', %s, true)", [json.dumps({**who, "verb": "review.sign", **more})])


def insert(person: User, review: Review, digest: str | None = None, proven: SignOff | None = None) -> None:
    """Write the row of a signature, with the proof of another row or none."""
    proof = {
        "signed_at": proven and proven.signed_at,
        "proof_key": proven.proof_key if proven else "",
        "proof": proven.proof if proven else "",
    }
    execute(INSERT, {"person": person.pk, "review": review.pk, "decision": "approve", "digest": digest, **proof})


def sign_raw(
    person: User, review: Review, *, digest: str | None = None, door: str = "web", proven: SignOff | None = None
) -> None:
    """Write a signature with everything that has to go with it."""
    act_as(person, door)
    insert(person, review, digest, proven)
    execute(SIGNED, [review.pk])
    execute(NEXT, [review.submission_id])


def proven(person: User, review: Review, **other: Any) -> SignOff:
    """The signature `sign_raw` writes, unsaved, with the proof the portal would make for it."""
    submission = review.submission
    values = {
        "review": review, "submission": submission, "person": person, "decision": "approve", "comment": "x",
        "digest": submission.digest, "pack_digest": submission.pack_digest, "meaning": review.meaning,
        "printed_name": "N", "role": review.role, "authenticated_by": "password", "signed_at": portal_now(),
    }  # fmt: skip
    signed = SignOff(**{**values, **other})
    proofs.prove(signed, ())
    return signed


def answered(item: str, state: str) -> str:
    """A statement that answers an item of every checklist in this state, in the name of who submitted."""
    return (
        "INSERT INTO validation_checkanswer (review_id, item, answer, note, person_id, at) "
        f"SELECT v.id, '{item}', 'yes', '', s.submitter_id, portal_now() FROM validation_review v "
        f"JOIN validation_submission s ON s.id = v.submission_id WHERE v.state = '{state}'"
    )


def refusal(work: Callable[[], object]) -> str:
    """The constraint that refuses when the transaction is sealed; nothing of it remains."""

    def sealed() -> None:
        with transaction.atomic():
            work()
            seal_now()

    with pytest.raises(DatabaseError) as refused:
        sealed()
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name or str(cause)


def test_the_harness_can_sign_when_everything_is_right(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    sign_raw(scene["validator"], review, proven=proven(scene["validator"], review))
    seal_now()
    assert SignOff.objects.get().person == scene["validator"]


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("owner", "signoff_by_contributor"),
        ("deputy", "signoff_by_owner"),
        ("developer", "signoff_by_contributor"),
        ("approver", "signoff_without_right"),
        ("superuser", "signoff_without_right"),
        ("outsider", "signoff_without_right"),
    ],
)
def test_who_is_not_entitled_cannot_be_written_in(scene: Scene, name: str, constraint: str) -> None:
    submission = scene.submitted(by="developer")
    review = review_of(submission, Role.VALIDATOR)
    assert refusal(lambda: sign_raw(scene[name], review)) == constraint
    assert not SignOff.objects.exists()


def test_the_submitter_cannot_be_written_in(scene: Scene) -> None:
    appoint(scene["deputy"], Role.VALIDATOR, unit=scene.unit)
    loosen("signoff_by_(contributor|owner)")
    submission = scene.submitted(by="deputy")
    review = review_of(submission, Role.VALIDATOR)
    assert refusal(lambda: sign_raw(scene["deputy"], review)) == "signoff_by_submitter"


def test_the_same_person_cannot_be_written_in_twice(scene: Scene) -> None:
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    appoint(scene["validator"], Role.AUDITOR, unit=scene.unit)
    review = review_of(submission, Role.AUDITOR)
    assert refusal(lambda: sign_raw(scene["validator"], review)) == "signoff_one_per_person"


def test_another_digest_is_not_signed(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    digest = "sha256:" + "0" * 64
    assert refusal(lambda: sign_raw(scene["validator"], review, digest=digest)) == "signoff_digest_current"


@pytest.mark.parametrize("door", ["api", "command", "job"])
def test_only_the_browser_is_a_door_to_sign_through(scene: Scene, door: str) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    assert refusal(lambda: sign_raw(scene["validator"], review, door=door)) == "signoff_in_person"


def test_a_stage_that_is_not_open_is_not_signed(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.APPROVER)
    assert refusal(lambda: sign_raw(scene["approver"], review)) == "signoff_review_open"


def test_a_signature_that_does_not_move_its_review_is_refused(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    act_as(scene["validator"])
    assert refusal(lambda: insert(scene["validator"], review)) == "review_agrees"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE validation_review SET state = 'signed' WHERE state = 'open'", "review_agrees"),
        ("UPDATE validation_review SET state = 'signed'", "validation_review_state_moves"),
        ("UPDATE validation_review SET quorum = 9", "review_frozen"),
        ("UPDATE validation_submission SET manifest = '{}'", "submission_frozen"),
        ("UPDATE validation_submission SET state = 'approved', closed_at = portal_now(), "
         "valid_until = portal_now() + interval '9 years'", "release_agrees"),
        ("UPDATE inventory_release SET state = 'approved'", "release_agrees"),
        ("UPDATE inventory_release SET state = 'draft'", "release_agrees"),
        ("UPDATE inventory_release SET notes = 'other'", "release_frozen"),
        ("UPDATE inventory_artifact SET sha256 = repeat('b', 64)", "artifact_frozen"),
        ("DELETE FROM inventory_artifact", "artifact_frozen"),
        ("UPDATE validation_contribution SET kind = 'none'", "contribution_append_only"),
        ("DELETE FROM validation_contribution", "ledger_no_delete"),
        (answered("data", "open"), "checkanswer_in_person"),
        (answered("none", "open"), "checkanswer_item_known"),
        (answered("record", "waiting"), "checkanswer_review_open"),
        ("DELETE FROM validation_submission", "ledger_no_delete"),
    ],
)  # fmt: skip
def test_the_story_of_a_release_under_review_cannot_be_rewritten(db: None, statement: str, constraint: str) -> None:
    scene = build(checklists=True)
    scene.submitted()
    act_as(scene["validator"])
    assert refusal(lambda: execute(statement)) == constraint


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE validation_submission SET valid_until = valid_until + interval '1 day'",
        "UPDATE validation_submission SET closed_at = portal_now(), "
        "valid_until = portal_now() + (valid_until - closed_at)",
        "UPDATE validation_submission SET state = 'withdrawn', valid_until = NULL",
    ],
)
def test_an_approval_is_never_extended(scene: Scene, clock: Clock, statement: str) -> None:
    ends = scene.approved().valid_until
    clock.move(timedelta(days=30))
    act_as(scene["approver"])
    assert refusal(lambda: execute(statement)) in {"submission_frozen", "validation_submission_state_moves"}
    assert Submission.objects.get().valid_until == ends


def test_a_submission_is_not_closed_at_another_time_than_now(scene: Scene) -> None:
    submission = scene.submitted()
    act_as(scene["owner"])
    closed = "UPDATE validation_submission SET state = 'withdrawn', closed_at = portal_now() - interval '1 hour'"
    assert refusal(lambda: execute(closed)) == "submission_dated_now"
    submission.refresh_from_db()
    assert submission.state == "open"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE validation_signoff SET decision = 'reject'",
        "DELETE FROM validation_signoff",
        "TRUNCATE validation_signoff CASCADE",
    ],
)
def test_a_signature_is_never_changed(scene: Scene, statement: str) -> None:
    sign(scene["validator"], review_of(scene.submitted(), Role.VALIDATOR))
    act_as(scene["validator"])
    refusal(lambda: execute(statement))
    assert SignOff.objects.get().decision == "approve"


def test_what_a_machine_does_counts_for_its_sponsor_and_for_who_minted_its_token(scene: Scene) -> None:
    release = scene.release()
    sponsor, minter = scene["validator"].pk, scene["auditor"].pk
    act_as(scene["outsider"], "api", actor_kind="machine", sponsor_id=sponsor, minter_id=minter)
    execute("UPDATE inventory_release SET notes = 'by a machine' WHERE id = %s", [release.pk])
    seal_now()
    people = set(release.contributions.values_list("person__username", flat=True))
    assert people == {"developer", "validator", "auditor"}


def test_an_import_contributes_to_nothing(scene: Scene) -> None:
    scene.release()
    act_as(scene["governor"], "command", verb="inventory.import")
    execute("UPDATE inventory_system SET purpose = 'imported'")
    seal_now()
    assert not scene["governor"].contributions.exists()


def test_a_signature_and_what_it_moved_are_sealed_in_one_block(scene: Scene) -> None:
    submission = scene.approved()
    signature = SignOff.objects.latest("id")
    block = Link.objects.get(event__table_name="validation_signoff", event__key=str(signature.pk)).block
    moved = set(block.links.values_list("event__table_name", flat=True))
    assert {"validation_signoff", "validation_review", "validation_submission", "inventory_release"} <= moved
    assert submission.state == "approved"
