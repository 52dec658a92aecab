"""Everybody who must never sign: for each, how they come to stand before a review, and what they are told.

All of them hold the role the stage asks for, unless the row is about not holding it: what refuses them is their hand
in the release, not a missing right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role, Scope
from governance.database.clock import portal_now
from governance.validation.models import Review
from governance.validation.services import submit_release
from inventory.services import change_system
from inventory.services.artifacts import ArtifactInput
from inventory.services.assignments import assign, end_assignment
from inventory.services.documents import save_document_revision
from inventory.services.releases import create_release
from inventory.services.tokens import mint_token
from tests.governance.access.people import appoint, join
from tests.governance.validation.scene import SHA, Scene, review_of, sign

Arranged = tuple[User, Review]


@dataclass(frozen=True)
class Dependent:
    """Somebody who may not sign: the code and sentence of the refusal, and the constraint that refuses raw SQL."""

    arrange: Callable[[Scene], Arranged]
    code: str
    sentence: str
    constraint: str
    status: int = 403
    quorum: int = 1


def _first(scene: Scene, *, by: str) -> Review:
    return review_of(scene.submitted(by=by), Role.VALIDATOR)


def _for_a_while(scene: Scene, name: str, role: Role) -> Callable[[], object]:
    """Give somebody a building role; the call that comes back ends it."""
    held = assign(actor=scene["governor"], person=scene[name], role=role, system=scene.system)
    return lambda: end_assignment(actor=scene["governor"], assignment=held)


def _owner(scene: Scene) -> Arranged:
    appoint(scene["owner"], Role.VALIDATOR, unit=scene.unit)
    return scene["owner"], _first(scene, by="developer")


def _owner_who_handed_over(scene: Scene) -> Arranged:
    release = scene.release()
    end_assignment(
        actor=scene["governor"], assignment=scene["deputy"].assignments.get(role=Role.DEPUTY_OWNER, until=None)
    )
    appoint(scene["deputy"], Role.VALIDATOR, unit=scene.unit)
    submission = submit_release(actor=scene["developer"], release=release)
    return scene["deputy"], review_of(submission, Role.VALIDATOR)


def _submitter(scene: Scene) -> Arranged:
    end = _for_a_while(scene, "validator", Role.DEVELOPER)
    review = _first(scene, by="validator")
    end()
    return scene["validator"], review


def _developer(scene: Scene) -> Arranged:
    release = scene.release()
    _for_a_while(scene, "validator", Role.DEVELOPER)()
    submission = submit_release(actor=scene["owner"], release=release)
    return scene["validator"], review_of(submission, Role.VALIDATOR)


def _contributor(scene: Scene) -> Arranged:
    join(scene["validator"], OrganisationRole.GOVERNANCE)
    change_system(actor=scene["validator"], system=scene.system, intended_use="Scoring card payments.")
    return scene["validator"], _first(scene, by="owner")


def _contributor_during_the_review(scene: Scene) -> Arranged:
    review = _first(scene, by="owner")
    join(scene["validator"], OrganisationRole.GOVERNANCE)
    change_system(actor=scene["validator"], system=scene.system, intended_use="Scoring card payments.")
    return scene["validator"], review


def _contributor_through_a_token(scene: Scene) -> Arranged:
    end = _for_a_while(scene, "validator", Role.DEVELOPER)
    minted = mint_token(
        actor=scene["validator"], person=scene["validator"], name="pipeline", scopes=[Scope.RELEASE_WRITE],
        expiry=portal_now() + timedelta(days=7), systems=[scene.system],
    )  # fmt: skip
    end()
    machine = minted.token.user
    machine.token = minted.token
    artifact = ArtifactInput(name="model", kind="model", version="1", sha256=SHA)
    release = create_release(actor=machine, system=scene.system, version="9", artifacts=[artifact])
    submission = submit_release(actor=scene["owner"], release=release)
    return scene["validator"], review_of(submission, Role.VALIDATOR)


def _author_of_an_older_document(scene: Scene) -> Arranged:
    end = _for_a_while(scene, "validator", Role.DEVELOPER)
    save_document_revision(
        actor=scene["validator"], system=scene.system, template="model-card", sections={"purpose": "x"}, contact="v"
    )
    end()
    return scene["validator"], _first(scene, by="owner")


def _signer_of_another_stage(scene: Scene) -> Arranged:
    submission = scene.submitted()
    sign(scene["validator"], review_of(submission, Role.VALIDATOR))
    appoint(scene["validator"], Role.AUDITOR, unit=scene.unit)
    return scene["validator"], review_of(submission, Role.AUDITOR)


def _signer_of_this_stage(scene: Scene) -> Arranged:
    review = _first(scene, by="owner")
    sign(scene["validator"], review)
    review.refresh_from_db()
    assert review.state == Review.State.OPEN, "the stage waits for a second person"
    return scene["validator"], review


def _superuser(scene: Scene) -> Arranged:
    return scene["superuser"], _first(scene, by="owner")


def _superuser_who_submitted(scene: Scene) -> Arranged:
    end = _for_a_while(scene, "superuser", Role.DEVELOPER)
    review = _first(scene, by="superuser")
    end()
    appoint(scene["superuser"], Role.VALIDATOR, unit=scene.unit)
    return scene["superuser"], review


_CONTRIBUTED = "You contributed to this release; somebody else signs it."
_SUBMITTED = "You submitted this release; somebody else signs it."
_OWNED = "Recused: you own this system, or did since the release was described."

CASES: dict[str, Dependent] = {
    "owner": Dependent(_owner, "sod.owner", _OWNED, "signoff_by_contributor"),
    "owner who handed over": Dependent(_owner_who_handed_over, "sod.owner", _OWNED, "signoff_by_owner"),
    "submitter": Dependent(_submitter, "sod.submitter", _SUBMITTED, "signoff_by_contributor"),
    "developer": Dependent(
        _developer, "sod.developer", "You developed this system since the release was described.",
        "signoff_by_developer",
    ),
    "contributor": Dependent(_contributor, "sod.contributor", _CONTRIBUTED, "signoff_by_contributor"),
    "contributor during the review": Dependent(
        _contributor_during_the_review, "sod.contributor", _CONTRIBUTED, "signoff_by_contributor"
    ),
    "contributor through a token": Dependent(
        _contributor_through_a_token, "sod.contributor", _CONTRIBUTED, "signoff_by_contributor"
    ),
    "author of an older document": Dependent(
        _author_of_an_older_document, "sod.contributor", _CONTRIBUTED, "signoff_by_contributor"
    ),
    "same person, another stage": Dependent(
        _signer_of_another_stage, "sod.same_person",
        "You signed “Technical validation” of this submission; each stage needs another person.",
        "signoff_one_per_person",
    ),
    "same person, same stage": Dependent(
        _signer_of_this_stage, "duplicate", "You have already signed this stage; a quorum needs another person.",
        "signoff_one_per_person", status=409, quorum=2,
    ),
    "superuser": Dependent(
        _superuser, "forbidden", "You need the right to sign technical validations", "signoff_without_right"
    ),
    "superuser who submitted": Dependent(
        _superuser_who_submitted, "sod.submitter", _SUBMITTED, "signoff_by_contributor"
    ),
}  # fmt: skip
