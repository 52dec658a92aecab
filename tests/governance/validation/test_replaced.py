"""Who comes too late is told what took the place of the package they read, where it is reviewed and what differs."""

from __future__ import annotations

import pytest

from governance.access.vocabulary import Role
from governance.validation.models import Review, Submission
from governance.validation.services import renew_release, submit_release, withdraw_submission
from inventory.services.artifacts import ArtifactInput
from inventory.services.releases import set_artifacts
from inventory.services.systems import change_system
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.governance.validation.test_pages import browser, post_signature
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    """The scene under the shipped pack, whose stages have checklists."""
    return build(checklists=True)


@pytest.fixture
def review(scene: Scene) -> Review:
    """Read, then returned by a colleague."""
    return review_of(scene.submitted(), Role.VALIDATOR)


def again(scene: Scene, review: Review) -> Review:
    """Returned, mended and submitted again: the same stage there."""
    sign(scene["validator2"], review, decision="return", comment="Another model, please.")
    release = review.submission.release
    change_system(actor=scene["owner"], system=scene.system, purpose="Scores every card payment.")
    lines = [ArtifactInput(name="model", kind="model", version="2", sha256="f" * 64)]
    release.refresh_from_db()
    set_artifacts(actor=scene["developer"], release=release, artifacts=lines)
    return review_of(submit_release(actor=scene["owner"], release=release), Role.VALIDATOR)


def test_a_signature_that_comes_too_late_is_told_what_changed(scene: Scene, review: Review) -> None:
    later = again(scene, review)
    answer = post_signature(scene["validator"], review)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Submission 2 took its place. Changed: artifacts (1), description (1)." in text
    assert f'href="/reviews/{later.pk}/"' in text
    assert "f" * 64 in text, "word for word"
    assert "every" in text


def test_the_page_of_a_closed_review_leads_to_what_took_its_place(scene: Scene, review: Review) -> None:
    client = browser(scene["validator"])
    assert "took its place" not in client.get(f"/reviews/{review.pk}/").content.decode()
    later = again(scene, review)
    old, new = (client.get(f"/reviews/{each.pk}/").content.decode() for each in (review, later))
    assert "Submission 2 took its place." in old
    assert f'href="/reviews/{later.pk}/"' in old
    assert "took its place" not in new


def test_a_checklist_answered_too_late_says_so_too(scene: Scene, review: Review) -> None:
    later, item = again(scene, review), review.checklist[0]["id"]
    late = browser(scene["validator"]).post(f"/reviews/{review.pk}/checklist/", {f"answer-{item}": "yes"})
    assert (late.status_code, "Submission 2 took its place." in late.content.decode()) == (409, True)
    sent = {"answers": [{"item": item, "answer": "yes"}]}
    told = problem(Caller(scene["validator"]).post(f"reviews/{review.pk}/checklist/", sent), 409)
    assert told["code"] != "replaced", "why it is refused comes first"
    assert told["reasons"][-1] == {
        "code": "replaced", "href": f"/reviews/{later.pk}/",
        "text": "Submission 2 took its place. Changed: artifacts (1), description (1).",
    }  # fmt: skip


def test_a_program_reads_what_took_its_place(scene: Scene, review: Review) -> None:
    caller = Caller(scene["validator"])
    assert good(caller.get(f"reviews/{review.pk}/"))["replaced_by"] is None
    later = again(scene, review)
    told = good(caller.get(f"reviews/{review.pk}/"))["replaced_by"]
    assert (told["submission"], told["review"], told["href"]) == (2, later.pk, f"/reviews/{later.pk}/")
    changes = told["changes"]
    assert (changes["since_digest"], changes["digest"]) == (review.submission.digest, later.submission.digest)
    assert [each["key"] for each in changes["lists"] if each["lines"]] == ["artifacts"]
    assert good(caller.get(f"reviews/{later.pk}/"))["replaced_by"] is None


def test_the_newest_of_several_takes_the_place(scene: Scene, review: Review) -> None:
    second = again(scene, review)
    withdraw_submission(actor=scene["owner"], release=second.submission.release)
    second.submission.release.refresh_from_db()
    third = submit_release(actor=scene["owner"], release=second.submission.release)
    caller = Caller(scene["validator"])
    assert good(caller.get(f"reviews/{review.pk}/"))["replaced_by"]["submission"] == third.number == 3
    told = good(caller.get(f"reviews/{second.pk}/"))["replaced_by"]
    assert told["changes"]["summary"] == "Nothing in the package differs."


def test_an_approval_is_followed_by_its_renewal_until_that_comes_to_nothing(scene: Scene) -> None:
    first: Submission = scene.approved()
    review, caller = review_of(first, Role.AUDITOR), Caller(scene["auditor"])
    assert good(caller.get(f"reviews/{review.pk}/"))["replaced_by"] is None
    renew_release(actor=scene["owner"], release=first.release)
    assert good(caller.get(f"reviews/{review.pk}/"))["replaced_by"]["sentence"] == "Submission 2 renews it."
    withdraw_submission(actor=scene["owner"], release=first.release)
    assert good(caller.get(f"reviews/{review.pk}/"))["replaced_by"] is None
