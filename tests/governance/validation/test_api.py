"""Validation over REST: verbs on releases, reviews to read, findings, conditions and holds; never a signature."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.validation.models import Finding, Hold, SignOff
from governance.validation.services import ConditionInput
from tests.governance.validation.scene import Scene, review_of, sign
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def call(person: User) -> Caller:
    return Caller(person)


def test_a_release_is_submitted_shown_and_withdrawn(scene: Scene) -> None:
    release = scene.release()
    shown = good(call(scene["owner"]).post(f"releases/{release.pk}/submit/", {}))
    assert shown["state"] == "in_review"
    assert [(one["number"], one["state"]) for one in shown["submissions"]] == [(1, "open")]
    assert [one["state"] for one in shown["reviews"]] == ["open", "waiting", "waiting"]
    assert {one["verb"]: one["open"] for one in shown["available_actions"]} == {"withdraw": True}
    assert good(call(scene["owner"]).post(f"releases/{release.pk}/withdraw/", {}))["state"] == "draft"


def test_what_blocks_a_submission_is_said_beforehand_and_when_tried(scene: Scene) -> None:
    release = scene.release()
    release.artifacts.all().delete()
    owner = call(scene["owner"])
    actions = {one["verb"]: one for one in good(owner.get(f"releases/{release.pk}/"))["available_actions"]}
    assert not actions["submit"]["open"]
    document = problem(owner.post(f"releases/{release.pk}/submit/", {}), 409, "blocked")
    assert document["reasons"] == actions["submit"]["reasons"]


def test_who_may_not_submit_is_refused(scene: Scene) -> None:
    release = scene.release()
    problem(call(scene["viewer"]).post(f"releases/{release.pk}/submit/", {}), 403)
    problem(call(scene["outsider"]).post(f"releases/{release.pk}/submit/", {}), 404)


def test_suspend_reinstate_revoke(scene: Scene) -> None:
    address = f"releases/{scene.approved().release_id}/"
    problem(call(scene["incidents"]).post(address + "suspend/", {}), 400)
    assert good(call(scene["incidents"]).post(address + "suspend/", {"reason": "x"}))["state"] == "suspended"
    problem(call(scene["incidents"]).post(address + "reinstate/", {"reason": "x"}), 403)
    assert good(call(scene["approver"]).post(address + "reinstate/", {"reason": "x"}))["state"] == "approved"
    assert good(call(scene["owner"]).post(address + "renew/", {}))["state"] == "approved"
    revoked = good(call(scene["riskofficer"]).post(address + "revoke/", {"reason": "x"}))
    assert revoked["state"] == "revoked"
    assert [one["state"] for one in revoked["submissions"]] == ["superseded", "approved"]


def test_open_reviews_are_listed_with_where_to_sign_them(scene: Scene) -> None:
    submission = scene.submitted()
    listed = good(call(scene["validator"]).get("reviews/?state=open"))["results"]
    assert [(one["stage"], one["digest"]) for one in listed] == [("technical-validation", submission.digest)]
    assert listed[0]["href"] == f"/reviews/{listed[0]['id']}/"
    assert good(call(scene["outsider"]).get("reviews/?state=open"))["results"] == []
    detail = good(call(scene["owner"]).get(f"reviews/{listed[0]['id']}/"))
    codes = {one["verb"]: one["reasons"][0]["code"] for one in detail["offers"]}
    assert codes == dict.fromkeys(("sign", "reject", "return"), "sod.submitter")


def test_there_is_no_address_to_sign_at(scene: Scene) -> None:
    review = review_of(scene.submitted(), Role.VALIDATOR)
    for address in (f"reviews/{review.pk}/sign/", f"reviews/{review.pk}/sign-off/"):
        problem(call(scene["validator"]).post(address, {"decision": "approve"}), 404)
    problem(call(scene["validator"]).post(f"reviews/{review.pk}/", {}), 405)
    assert not SignOff.objects.exists()


def test_findings_are_raised_answered_and_verified(scene: Scene) -> None:
    submission = scene.submitted()
    body = {
        "release": submission.release_id, "title": "Leak", "text": "t", "severity": "high", "category": "data",
    }  # fmt: skip
    problem(call(scene["developer"]).post("findings/", body), 403)
    problem(call(scene["validator"]).post("findings/", {**body, "severity": "purple"}), 400)
    raised = call(scene["validator"]).post("findings/", body)
    finding = good(raised, 201)
    assert raised["Location"] == f"/api/v1/findings/{finding['id']}/"
    address = f"findings/{finding['id']}/"
    answered = good(call(scene["developer"]).post(address + "respond/", {"response": "Fixed."}))
    assert answered["state"] == "answered"
    problem(call(scene["developer"]).post(address + "verify/", {"verification": "x"}), 403)
    assert good(call(scene["auditor"]).post(address + "verify/", {"verification": "x"}))["state"] == "closed"
    problem(call(scene["auditor"]).post(address + "verify/", {"verification": "x"}), 409, "state")
    assert good(call(scene["viewer"]).get("findings/?state=closed"))["results"][0]["id"] == finding["id"]
    assert Finding.objects.count() == 1


def test_holds_are_placed_and_lifted_by_another(scene: Scene) -> None:
    release = scene.release()
    problem(call(scene["riskofficer"]).post("holds/", {"reason": "x"}), 400)
    hold = good(call(scene["riskofficer"]).post("holds/", {"release": release.pk, "reason": "Smoke."}), 201)
    problem(call(scene["riskofficer"]).post(f"holds/{hold['id']}/lift/", {"reason": "x"}), 403, "sod.placer")
    problem(call(scene["owner"]).post(f"holds/{hold['id']}/lift/", {"reason": "x"}), 403)
    whole = good(call(scene["owner"]).post("holds/", {"system": scene.system.slug, "reason": "Stop."}), 201)
    assert whole["release"] is None
    assert good(call(scene["riskofficer"]).post(f"holds/{whole['id']}/lift/", {"reason": "x"}))["state"] == "lifted"
    assert Hold.objects.filter(state="placed").count() == 1


def test_conditions_are_reported_and_confirmed_by_another(scene: Scene) -> None:
    submission = scene.submitted()
    promise = ConditionInput("Watch drift.", scene["owner"], portal_now() + timedelta(days=9))
    sign(
        scene["validator"], review_of(submission, Role.VALIDATOR), "approve_with_conditions", "Mostly.",
        conditions=[promise],
    )  # fmt: skip
    (condition,) = good(call(scene["owner"]).get("conditions/"))["results"]
    address = f"conditions/{condition['id']}/"
    problem(call(scene["viewer"]).post(address + "claim/", {"evidence": "x"}), 403)
    assert good(call(scene["owner"]).post(address + "claim/", {"evidence": "Done."}))["state"] == "claimed"
    problem(call(scene["owner"]).post(address + "confirm/", {}), 403)
    assert good(call(scene["validator2"]).post(address + "refuse/", {"reason": "No."}))["state"] == "open"
    good(call(scene["owner"]).post(address + "claim/", {"evidence": "Done."}))
    assert good(call(scene["validator2"]).post(address + "confirm/", {}))["state"] == "met"
