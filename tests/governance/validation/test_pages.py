"""Pages of validation: the signature by form, findings, conditions, holds, the certificate."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.ledger.models import Denial
from governance.validation.models import Condition, Finding, Hold, Review, SignOff, Submission
from governance.validation.services import raise_finding, withdraw_finding
from inventory.models import Release
from tests.governance.access.people import PASSWORD, person
from tests.governance.validation.scene import Scene, review_of, sign

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(person)
    return client


def post_signature(person: User, review: Review, **fields: Any) -> Any:
    """The sign-off form as a browser sends it."""
    values = {"decision": "approve", "comment": "Fine.", "digest": review.submission.digest, "password": PASSWORD}
    values.update(fields)
    wanted = {name: value for name, value in values.items() if value is not None}
    return browser(person).post(f"/reviews/{review.pk}/sign-off/", wanted)


def post_judgement(person: User, address: str, **fields: Any) -> Any:
    """A form about what somebody said, as a browser sends it: with what it showed of that."""
    client = browser(person)
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(address).content.decode())
    return client.post(address, {"seen": seen[1] if seen else "nothing", **fields})


@pytest.fixture
def submission(scene: Scene) -> Submission:
    return scene.submitted()


@pytest.fixture
def review(submission: Submission) -> Review:
    return review_of(submission, Role.VALIDATOR)


def test_the_review_page_shows_the_package_and_binds_the_form_to_its_digest(scene: Scene, review: Review) -> None:
    page = browser(scene["validator"]).get(f"/reviews/{review.pk}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert f'name="digest" value="{review.submission.digest}"' in text
    assert "I examined its data" in text
    assert 'name="password"' in text


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("owner", "you own this system"),
        ("approver", "right to sign technical validations"),
        ("viewer", "right to sign technical"),
    ],
)
def test_the_page_says_beforehand_why_this_person_may_not_sign(
    scene: Scene, review: Review, name: str, reason: str
) -> None:
    text = browser(scene[name]).get(f"/reviews/{review.pk}/").content.decode()
    assert reason in text
    assert 'name="password"' not in text


def test_signing_leads_back_to_the_review(scene: Scene, review: Review) -> None:
    answer = post_signature(scene["validator"], review)
    assert (answer.status_code, answer["Location"]) == (302, f"/reviews/{review.pk}/")
    assert SignOff.objects.get().person == scene["validator"]
    assert SignOff.objects.get().authenticated_by == "password"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"password": "wrong"}, 400),
        ({"password": None}, 400),
        ({"decision": "reject", "comment": ""}, 400),
        ({"decision": "burn"}, 400),
        ({"digest": None}, 428),
        ({"digest": ""}, 428),
        ({"digest": "sha256:" + "0" * 64}, 409),
        ({"surprise": "x"}, 400),
        ({"decision": "approve_with_conditions"}, 400),
    ],
)
def test_a_form_that_is_wrong_signs_nothing(scene: Scene, review: Review, fields: dict[str, Any], status: int) -> None:
    answer = post_signature(scene["validator"], review, **fields)
    assert answer.status_code == status
    assert not SignOff.objects.exists()


def test_what_was_typed_stays_in_the_form(scene: Scene, review: Review) -> None:
    answer = post_signature(scene["validator"], review, password="wrong", comment="Long thoughts.")
    assert "Long thoughts." in answer.content.decode()
    assert "not your password" in answer.content.decode()


@pytest.mark.parametrize(("name", "status"), [("owner", 403), ("developer", 403), ("approver", 403), ("outsider", 404)])
def test_who_may_not_sign_is_refused_and_leaves_a_denial(scene: Scene, review: Review, name: str, status: int) -> None:
    answer = post_signature(scene[name], review)
    assert answer.status_code == status
    assert not SignOff.objects.exists()
    if status == 403:
        assert Denial.objects.filter(actor_id=scene[name].pk, verb="review.sign").exists()


def test_a_decided_review_is_a_conflict(scene: Scene, review: Review) -> None:
    sign(scene["validator"], review)
    assert post_signature(scene["validator2"], review).status_code == 409


def test_signing_is_never_a_get(scene: Scene, review: Review) -> None:
    assert browser(scene["validator"]).get(f"/reviews/{review.pk}/sign-off/").status_code == 405


def test_conditions_are_repeated_fields(scene: Scene, review: Review) -> None:
    answer = post_signature(
        scene["validator"], review, decision="approve_with_conditions",
        condition_text=["Watch drift.", "Report monthly."], condition_owner=["owner", "owner"],
        condition_due=["2030-01-31", "2030-02-28T12:00:00+00:00"], condition_environment=["production", ""],
    )  # fmt: skip
    assert answer.status_code == 302
    first, second = Condition.objects.order_by("id")
    assert (first.text, first.owner, first.environments) == ("Watch drift.", scene["owner"], ["production"])
    assert first.due.isoformat() == "2030-02-01T00:00:00+00:00"
    assert (second.environments, second.due.isoformat()) == ([], "2030-02-28T12:00:00+00:00")


@pytest.mark.parametrize("due", ["9999-12-31", "9999-12-30", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_condition_due_at_the_end_of_the_calendar_is_refused(scene: Scene, review: Review, due: str) -> None:
    answer = post_signature(
        scene["validator"], review, decision="approve_with_conditions", comment="x",
        condition_text="x", condition_owner="owner", condition_due=due, condition_environment="",
    )  # fmt: skip
    assert answer.status_code == 400
    assert not SignOff.objects.exists()


def test_a_release_goes_to_review_and_back_by_buttons(scene: Scene) -> None:
    release = scene.release()
    owner = browser(scene["owner"])
    assert "Submit for review" in owner.get(f"/releases/{release.pk}/").content.decode()
    assert owner.post(f"/releases/{release.pk}/submit/").status_code == 302
    assert Release.objects.get(pk=release.pk).state == Release.State.IN_REVIEW
    assert owner.post(f"/releases/{release.pk}/withdraw/", {"reason": "Wrong file."}).status_code == 302
    assert Release.objects.get(pk=release.pk).state == Release.State.DRAFT


def test_suspending_reinstating_and_revoking_by_buttons(scene: Scene) -> None:
    release = scene.approved().release
    assert browser(scene["incidents"]).post(f"/releases/{release.pk}/suspend/", {"reason": "x"}).status_code == 302
    assert browser(scene["incidents"]).post(f"/releases/{release.pk}/reinstate/", {"reason": "x"}).status_code == 403
    assert browser(scene["riskofficer"]).post(f"/releases/{release.pk}/reinstate/", {"reason": "x"}).status_code == 302
    assert browser(scene["approver"]).post(f"/releases/{release.pk}/revoke/", {"reason": ""}).status_code == 400
    assert browser(scene["approver"]).post(f"/releases/{release.pk}/revoke/", {"reason": "x"}).status_code == 302
    assert browser(scene["approver"]).post(f"/releases/{release.pk}/revoke/", {"reason": "x"}).status_code == 409


def test_findings_are_listed_until_they_are_settled_and_found_by_what_they_are(
    scene: Scene, submission: Submission
) -> None:
    early, later = (
        raise_finding(
            actor=scene["validator"], release=submission.release, title=title, text="Seen.", severity="high",
            category=category,
        )
        for title, category in (("Leaks names", "data"), ("Favours men", "fairness"))
    )  # fmt: skip
    withdraw_finding(actor=scene["validator"], finding=early, reason="It does not.")
    client = browser(scene["validator"])

    def shown(query: str = "") -> list[str]:
        answer = client.get(f"/findings/{query}")
        assert answer.status_code == 200
        return [title for title in ("Leaks names", "Favours men") if title in answer.content.decode()]

    assert shown() == ["Favours men"]
    assert shown("?state=every") == ["Leaks names", "Favours men"]
    assert shown("?state=withdrawn") == ["Leaks names"]
    assert shown("?category=data") == []
    assert shown("?severity=low") == []
    assert shown("?late=on") == []
    assert client.get("/findings/?mood=bad").status_code == 400
    assert later.title not in browser(person("stranger")).get("/findings/").content.decode()


def test_a_finding_from_raising_to_closing(scene: Scene, submission: Submission) -> None:
    validator, developer = browser(scene["validator"]), browser(scene["developer"])
    raised = validator.post(
        f"/releases/{submission.release_id}/findings/new/",
        {"title": "Leak", "text": "Labels leak.", "severity": "high", "category": "data"},
    )
    finding = Finding.objects.get()
    assert raised["Location"] == f"/findings/{finding.pk}/"
    assert (finding.submission, finding.blocking) == (submission, True)
    for client in (validator, developer):
        assert client.get(f"/findings/{finding.pk}/").status_code == 200
    assert developer.post(f"/findings/{finding.pk}/respond/", {"response": "Fixed."}).status_code == 302
    at = f"/findings/{finding.pk}/"
    assert post_judgement(scene["developer"], f"{at}verify/", verification="Sure.").status_code == 403
    assert post_judgement(scene["validator"], f"{at}verify/", verification="").status_code == 400
    assert post_judgement(scene["validator"], f"{at}verify/", verification="Seen.").status_code == 302
    assert post_judgement(scene["validator"], f"{at}verify/", verification="Seen.").status_code == 409
    assert post_judgement(scene["validator"], f"{at}reopen/", reason="Back.").status_code == 302
    officer = scene["riskofficer"]
    assert post_judgement(officer, f"{at}accept/", reason="Small.").status_code == 400
    assert post_judgement(officer, f"{at}accept/", reason="Small.", until="9999-12-31").status_code == 400
    assert post_judgement(officer, f"{at}accept/", reason="Small.", until="2030-01-01").status_code == 302
    finding.refresh_from_db()
    assert finding.state == "accepted"


def test_a_hold_is_lifted_by_another_person(scene: Scene) -> None:
    officer = browser(scene["riskofficer"])
    assert officer.post(f"/systems/{scene.system.slug}/hold/", {"reason": "Smoke."}).status_code == 302
    hold = Hold.objects.get()
    assert "Smoke." in browser(scene["viewer"]).get(f"/systems/{scene.system.slug}/").content.decode()
    assert officer.post(f"/holds/{hold.pk}/lift/", {"reason": "Gone."}).status_code == 403
    assert browser(scene["validator"]).post(f"/holds/{hold.pk}/lift/", {"reason": "Gone."}).status_code == 403
    hold.refresh_from_db()
    assert hold.state == "placed"


def test_the_certificate_names_signers_meaning_digest_and_block(scene: Scene) -> None:
    submission = scene.approved()
    text = browser(scene["viewer"]).get(f"/submissions/{submission.pk}/certificate/").content.decode()
    for words in ("Validator", "Auditor", "Approver", submission.digest, submission.pack_digest, "verify_ledger",
                  "not a qualified electronic signature", "UTC"):  # fmt: skip
        assert words in text
    assert len(set(re.findall(r"Block (\d+)<.*?([0-9a-f]{64})<", text))) == 3


def test_my_work_names_what_waits(scene: Scene, submission: Submission) -> None:
    assert "Review and sign" in browser(scene["validator"]).get("/").content.decode()
    assert "Review and sign" not in browser(scene["approver"]).get("/").content.decode()
    assert "In review" in browser(scene["owner"]).get("/").content.decode()


def test_the_queue_lists_what_one_may_see(scene: Scene, review: Review) -> None:
    link = f"/reviews/{review.pk}/"
    assert link in browser(scene["viewer"]).get(reverse("validation:review_list")).content.decode()
    assert link not in browser(scene["outsider"]).get(reverse("validation:review_list")).content.decode()
