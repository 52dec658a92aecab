"""A signature in the name of somebody who never made it: raw SQL of the runtime role, with every proof it can get."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from governance.access import keys
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import Door, acting, seal_now
from governance.ledger.verification import verify
from governance.lifecycle import Conflict, Forbidden
from governance.validation.models import Condition, Review, SignOff
from governance.validation.services import sign_off
from governance.validation.services.sign_offs import ConditionInput
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, proven, refusal, sign_raw
from tests.loosening import loosen

pytestmark = pytest.mark.django_db

Forge = Callable[[Scene, Review], SignOff | None]
DEFENCE = "^signoff_without_signer$"


def no_proof(scene: Scene, review: Review) -> None:
    """Only the name."""


def random_proof(scene: Scene, review: Review) -> SignOff:
    """The right fingerprint, which anybody may read, over digits that mean nothing."""
    return SignOff(signed_at=portal_now(), proof_key=keys.current().fingerprint, proof="5" * 64)


def of_another_person(scene: Scene, review: Review) -> SignOff:
    """What the portal proved for the second validator on the same review."""
    return proven(scene["validator2"], review)


def of_another_review(scene: Scene, review: Review) -> SignOff:
    """What the portal proved for the same validator on another package."""
    return proven(scene["validator"], review_of(scene.submitted(), Role.VALIDATOR))


def of_another_decision(scene: Scene, review: Review) -> SignOff:
    """What the portal proved when the same validator rejected the same package."""
    return proven(scene["validator"], review, decision="reject")


def of_another_comment(scene: Scene, review: Review) -> SignOff:
    """What the portal proved for the same decision with other words."""
    return proven(scene["validator"], review, comment="Only for the pilot.")


def of_another_moment(scene: Scene, review: Review) -> SignOff:
    """What the portal proved a moment ago, dated now."""
    earlier = proven(scene["validator"], review, signed_at=portal_now() - timedelta(seconds=1))
    earlier.signed_at = portal_now()
    return earlier


FORGERIES: list[Forge] = [
    no_proof, random_proof, of_another_person, of_another_review, of_another_decision, of_another_comment,
    of_another_moment,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_naming_an_entitled_person_in_sql_makes_no_signature(scene: Scene, forge: Forge) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    proof = forge(scene, review)
    assert refusal(lambda: sign_raw(scene["validator"], review, proven=proof)) == "signoff_without_signer"
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_without_the_check_every_one_of_these_forgeries_would_stand(scene: Scene, forge: Forge) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    proof = forge(scene, review)
    loosen(DEFENCE)
    sign_raw(scene["validator"], review, proven=proof)
    seal_now()
    assert SignOff.objects.get().person == scene["validator"]


def test_a_proof_on_record_serves_no_other_review_of_the_same_person(scene: Scene) -> None:
    first, second = scene.submitted(), scene.submitted()
    genuine = sign(scene["validator"], review_of(first, Role.VALIDATOR), comment="x")
    review = review_of(second, Role.VALIDATOR)
    assert refusal(lambda: sign_raw(scene["validator"], review, proven=genuine)) == "signoff_without_signer"


def test_a_proof_of_a_key_of_ones_own_does_not_count(scene: Scene, settings: Any) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    settings.PROOF_KEY = "a key of my own"
    proof = proven(scene["validator"], review)
    assert refusal(lambda: sign_raw(scene["validator"], review, proven=proof)) == "proof_key_in_force"


def test_a_process_whose_key_the_database_does_not_count_cannot_sign_and_says_why(scene: Scene, settings: Any) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    settings.PROOF_KEY = "the value before the last migrate"
    with pytest.raises(Conflict, match="a key that its database does not count") as refused:
        sign(scene["validator"], review)
    assert refused.value.code == "not_ready"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE validation_signoff SET proof = repeat('0', 64)",
        "UPDATE validation_signoff SET proof_key = repeat('0', 32)",
        "UPDATE validation_signoff SET proof = '', proof_key = ''",
    ],
)
def test_a_proof_on_record_is_never_changed(scene: Scene, statement: str) -> None:
    sign(scene["validator"], review_of(scene.submitted(), Role.VALIDATOR))
    act_as(scene["validator"])
    assert refusal(lambda: execute(statement)) == "signoff_append_only"


def test_without_its_guard_a_changed_proof_is_refused_when_sealed(scene: Scene) -> None:
    sign(scene["validator"], review_of(scene.submitted(), Role.VALIDATOR))
    loosen(r"^validation_signoff\.validation_signoff_append_only$")
    act_as(scene["validator"])
    changed = "UPDATE validation_signoff SET proof = repeat('0', 64)"
    assert refusal(lambda: execute(changed)) == "signoff_without_signer"
    loosen(DEFENCE)
    execute(changed)
    seal_now()
    assert SignOff.objects.get().proof == "0" * 64


def promise(scene: Scene, text: str, *environments: str) -> ConditionInput:
    """A condition due tomorrow."""
    return ConditionInput(text, scene["owner"], portal_now() + timedelta(days=1), environments)


def conditional(scene: Scene) -> SignOff:
    """A signature with two conditions, in words that are hard to get through a keyed digest unchanged."""
    return sign(
        scene["validator"],
        review_of(scene.submitted(), Role.VALIDATOR),
        SignOff.Decision.APPROVE_WITH_CONDITIONS,
        "Żółć — 𝔘𝔫𝔦𝔠𝔬𝔡𝔢\n\tquoted \"'\\ 100 %",
        conditions=[
            promise(scene, "Watch the drift — ∑", "production"),
            promise(scene, "Retrain", "staging", "canary"),
        ],
    )


ANOTHER = """
INSERT INTO validation_condition (sign_off_id, submission_id, text, owner_id, due, environments, state, evidence,
    check_kind, check_of, check_slice, check_value)
SELECT id, submission_id, 'and may ship', person_id, portal_now() + interval '1 day', '[]', 'open', '', '', '', '', ''
FROM validation_signoff
"""


def test_a_signature_with_conditions_is_proven_with_them(scene: Scene) -> None:
    assert conditional(scene).conditions.count() == 2


def test_nobody_adds_a_condition_to_what_somebody_signed(scene: Scene) -> None:
    conditional(scene)
    act_as(scene["validator"])
    assert refusal(lambda: execute(ANOTHER)) == "signoff_without_signer"
    loosen(DEFENCE)
    execute(ANOTHER)
    seal_now()
    assert Condition.objects.count() == 3


def test_a_signature_without_its_condition_is_not_proven(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Condition.objects, "bulk_create", lambda rows: list(rows))
    with pytest.raises(Forbidden) as refused:
        conditional(scene)
    assert refused.value.code == "unproven"


def test_what_is_refused_is_said_in_words(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys.Key, "prove", lambda self, message: "0" * 64)
    with pytest.raises(Forbidden, match="the proof that the person it names signed in") as refused:
        sign_off(
            actor=scene["validator"],
            review=(review := review_of(scene.submitted(), Role.VALIDATOR)),
            decision="approve",
            digest=review.submission.digest,
            confirmed_by="password",
        )
    assert refused.value.code == "unproven"


@pytest.mark.django_db(transaction=True)
def test_verification_recomputes_the_proofs_of_the_keys_it_has(settings: Any) -> None:
    scene = build()
    conditional(scene)
    report = verify()
    assert (report.differences, report.notes) == ([], [])
    own, settings.PROOF_KEY = settings.PROOF_KEY, "somebody who verifies without the key"
    report = verify()
    assert report.differences == []
    (note,) = report.notes
    assert "The proofs of 1 sign-offs were made with the key" in note
    settings.PROOF_KEY_FALLBACKS = [own]
    assert verify().notes == []


@pytest.mark.django_db(transaction=True)
def test_verification_names_a_signature_that_was_sealed_without_a_genuine_proof() -> None:
    scene = build()
    submission = scene.submitted()
    review = review_of(submission, Role.VALIDATOR)
    loosen(DEFENCE)
    with acting(scene["validator"], door=Door.WEB, verb="review.sign"):
        sign_raw(scene["validator"], review, proven=random_proof(scene, review))
    signed = SignOff.objects.get()
    found = [(each.table, each.key, each.field) for each in verify().differences]
    assert found == [("validation_signoff", str(signed.pk), "proof")]
