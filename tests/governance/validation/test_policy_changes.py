"""Other rules come into force while something is under review: it is decided under those it was submitted under."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import OrganisationRole, Role
from governance.ledger.acting import Command
from governance.policy.packs import shipped
from governance.policy.queries import pack_in_force
from governance.policy.services import adopt_pack, load_pack, propose_pack
from governance.validation.models import Review
from governance.validation.services import submit_release, withdraw_submission
from tests.governance.access.people import join, person
from tests.governance.validation.scene import Scene, build, review_of, sign

pytestmark = pytest.mark.django_db


def adopt(scene: Scene, quorum: int) -> None:
    """Bring rules into force, by two people, whose first stage asks for so many."""
    source = shipped("baseline").replace('version: "2026.1"', 'version: "2026.9"')
    pack = load_pack(actor=Command("load_pack"), source=source.replace("quorum: 1\n", f"quorum: {quorum}\n", 1))
    second = join(person("governor2"), OrganisationRole.GOVERNANCE)
    adopted = adopt_pack(actor=second, pack=propose_pack(actor=scene["governor"], pack=pack))
    assert pack_in_force() == adopted


def test_a_lower_quorum_does_not_let_a_running_review_pass_with_one_signature() -> None:
    scene = build(quorum=2)
    submission = scene.submitted()
    adopt(scene, quorum=1)
    sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    assert review_of(submission, Role.VALIDATOR).state == Review.State.OPEN
    sign(scene["validator2"], review_of(submission, Role.VALIDATOR))
    assert review_of(submission, Role.VALIDATOR).state == Review.State.SIGNED


def test_a_higher_quorum_counts_from_the_next_submission_on() -> None:
    scene = build()
    submission = scene.submitted()
    adopt(scene, quorum=2)
    assert review_of(submission, Role.VALIDATOR).quorum == 1
    withdraw_submission(actor=scene["owner"], release=submission.release)
    again = submit_release(actor=scene["owner"], release=submission.release)
    assert review_of(again, Role.VALIDATOR).quorum == 2
