"""A canary: what a release may serve of an environment is a condition, and the gate measures what is reported."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import seal_now
from governance.lifecycle import Conflict
from governance.validation.models import Condition
from governance.validation.promised import Kind, Promised
from governance.validation.services import ConditionInput, claim_condition, confirm_condition
from inventory.models import Deployment, Release
from inventory.services.deployments import report_deployment
from tests.governance.validation.scene import SHA, Scene, review_of, sign
from tests.governance.validation.test_database_guards import execute, refusal
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(scene: Scene) -> Release:
    """Approved, for at most ten percent of production."""
    submission = scene.submitted()
    promise = ConditionInput(
        "Canary first", scene["owner"], portal_now() + timedelta(days=9),
        check=Promised(Kind.SHARE, "production", value="10.0"),
    )  # fmt: skip
    review = review_of(submission, Role.VALIDATOR)
    sign(scene["validator"], review, decision="approve_with_conditions", comment="If.", conditions=[promise])
    scene.sign_all(submission)
    return submission.release


def line(scene: Scene, release: Release, environment: str = "production") -> dict[str, Any]:
    asked = f"gate/?system={scene.system.slug}&release={release.version}&environment={environment}"
    told = good(Caller(scene["developer"]).get(asked))
    return next(each for each in told["requirements"] if each["id"] == "conditions")


def report(scene: Scene, share: str | None, **more: Any) -> None:
    told = {"environment": "production", "sha256": [SHA], "share": Decimal(share) if share else None, **more}
    report_deployment(actor=scene["developer"], system=scene.system, **told)


def test_the_gate_closes_where_more_is_served_than_the_condition_allows(scene: Scene, release: Release) -> None:
    seal_now()
    condition = Condition.objects.get()
    before = line(scene, release)
    assert before["status"] == "met"
    assert "at most 10 percent of production may be served until “Canary first” is confirmed" in before["reason"]
    report(scene, None)
    untold = line(scene, release)
    assert (untold["status"], "tells no share" in untold["reason"], untold["who"]) == ("unmet", True, ["Owner"])
    assert line(scene, release, "development")["status"] == "met"
    with pytest.raises(Conflict, match="tells no share"):
        claim_condition(actor=scene["owner"], condition=condition, evidence="Seen.")
    report(scene, "10")
    assert line(scene, release)["status"] == "met"
    report(scene, "10.01")
    over = line(scene, release)
    assert (over["status"], over["fix"]) == ("unmet", "Lower the share and report it with the deployment.")
    assert "10.01 percent of production is served, at most 10 may be" in over["reason"]
    report(scene, None)
    assert line(scene, release)["status"] == "unmet", "a report without a share leaves what was said"
    report(scene, "5")
    report(scene, "6", cluster="south")
    assert "11 percent of production is served" in line(scene, release)["reason"], "all its places together"
    report(scene, "4", cluster="south")
    assert line(scene, release)["status"] == "met"
    claim_condition(actor=scene["owner"], condition=condition, evidence="Two quiet weeks.")
    report(scene, "50")
    assert line(scene, release)["status"] == "unmet", "it holds until somebody else confirms"
    with pytest.raises(Conflict, match="54"):
        confirm_condition(actor=scene["validator"], condition=condition)
    report(scene, "6")
    confirm_condition(actor=scene["validator"], condition=condition)
    report(scene, "100")
    assert line(scene, release)["status"] == "met"


def test_both_doors_tell_a_share_and_refuse_what_is_none(scene: Scene, release: Release) -> None:
    body = {"system": scene.system.slug, "environment": "production", "sha256": [SHA]}
    caller = Caller(scene["developer"])
    for wrong in (0, -1, 100.01, 5.555, "many", True):
        assert "share" in problem(caller.post("deployments/", {**body, "share": wrong}), 400)["errors"], wrong
    shown = caller.post("deployments/", {**body, "share": 12.5})
    assert good(shown, 201)["share"] == "12.50"
    assert caller.post("deployments/", {**body, "share": 12.5}).status_code == 200
    assert line(scene, release)["status"] == "unmet"
    form = {"environment": "production", "sha256": SHA, "share": "7.5"}
    web, where = browser(scene["developer"]), f"/systems/{scene.system.slug}/deployments/new/"
    assert web.post(where, {**form, "share": "101"}).status_code == 400
    assert web.post(where, form).status_code == 302
    assert Deployment.objects.order_by("-at").values_list("share", flat=True)[0] == Decimal("7.5")
    assert "7.5 % of it" in web.get(f"/systems/{scene.system.slug}/").content.decode()
    with pytest.raises(InvalidInput):
        report(scene, "NaN")
    row = Deployment.objects.order_by("-at").values_list("pk", flat=True)[0]
    assert refusal(lambda: execute(f"UPDATE inventory_deployment SET share = 1 WHERE id = {row}")) is not None


@pytest.mark.parametrize(("of", "value"), [("moon", "10"), ("production", "0"), ("production", "101"), ("", "5")])
def test_a_share_is_of_an_environment_of_the_policy(scene: Scene, of: str, value: str) -> None:
    promise = ConditionInput(
        "Canary", scene["owner"], portal_now() + timedelta(days=9), check=Promised(Kind.SHARE, of, value=value)
    )
    review = review_of(scene.submitted(), Role.VALIDATOR)
    with pytest.raises(InvalidInput):
        sign(scene["validator"], review, decision="approve_with_conditions", comment="If.", conditions=[promise])
