"""What a condition has the portal check: read from the form, covered by the signature, in the way until it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import seal_now
from governance.lifecycle import Conflict
from governance.validation.models import Condition, Review
from governance.validation.promised import Kind, Promised
from governance.validation.promises import standings_of
from governance.validation.services import (
    ConditionInput,
    claim_condition,
    confirm_condition,
    raise_finding,
    withdraw_finding,
)
from inventory.services import save_document_revision
from inventory.services.evaluations import record_evaluations
from tests.governance.validation.scene import Scene, review_of, sign
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.governance.validation.test_pages import browser, post_signature
from tests.incidents.test_measurements import planned
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
LIST = [
    (Kind.AT_LEAST, "auc-roc", "", "0.8"), (Kind.MONITORED, "false-positive-rate", "", ""),
    (Kind.WRITTEN, "model-card/purpose", "", ""),
    (Kind.NO_FINDING, "high", "", ""), (Kind.REQUIREMENT, "release-approval", "", ""),
]  # fmt: skip


@pytest.fixture
def review(scene: Scene) -> Review:
    return review_of(scene.submitted(), Role.VALIDATOR)


def promise(scene: Scene, review: Review, *checks: Promised) -> list[Condition]:
    due = portal_now() + timedelta(days=9)
    signed = sign(
        scene["validator"], review, decision="approve_with_conditions", comment="If it holds.",
        conditions=[ConditionInput(f"Promise {n}", scene["owner"], due, check=each) for n, each in enumerate(checks)],
    )  # fmt: skip
    return list(signed.conditions.order_by("id"))


def results(scene: Scene, review: Review, value: str, **more: Any) -> None:
    line = {"metric": "auc-roc", "value": value, **more}
    record_evaluations(actor=scene["developer"], release=review.submission.release, results=[line])


def test_a_condition_is_reported_as_fulfilled_only_while_its_check_holds(scene: Scene, review: Review) -> None:
    (condition,) = promise(scene, review, Promised(Kind.AT_LEAST, "auc-roc", value="0.80"))
    assert condition.check_value == "0.8"
    owner = Caller(scene["owner"])
    for value, found in ((None, "No result of auc-roc is recorded"), ("0.7999", "Recorded: 0.7999")):
        if value:
            results(scene, review, value)
        refused = problem(owner.post(f"conditions/{condition.pk}/claim/", {"evidence": "See there."}), 409, "blocked")
        assert found in refused["detail"]
        web = browser(scene["owner"]).post(f"/conditions/{condition.pk}/claim/", {"evidence": "See there."})
        assert (web.status_code, found in web.content.decode()) == (409, True)
    page = browser(scene["owner"]).get(f"/conditions/{condition.pk}/").content.decode()
    assert "Does not hold now" in page
    assert "The newest result of auc-roc is at least 0.8" in page
    results(scene, review, "0.81", method="k_fold")
    shown = good(owner.get(f"conditions/{condition.pk}/"))
    assert shown["standing"]["holds"] is False  # the worst of the newest results counts
    results(scene, review, "0.8")
    shown = good(owner.post(f"conditions/{condition.pk}/claim/", {"evidence": "See there."}))
    assert shown["check"] == {
        "check": "evaluation_at_least", "of": "auc-roc", "slice": "", "value": "0.8",
        "sentence": "The newest result of auc-roc is at least 0.8",
    }  # fmt: skip
    assert (shown["state"], shown["standing"]["holds"]) == ("claimed", True)
    results(scene, review, "0.5")
    with pytest.raises(Conflict):
        confirm_condition(actor=scene["validator"], condition=condition)
    results(scene, review, "0.9")
    assert confirm_condition(actor=scene["validator"], condition=condition).state == "met"


def test_every_kind_of_check_is_told_from_the_facts_of_the_release(scene: Scene, review: Review) -> None:
    found = raise_finding(
        actor=scene["auditor"], release=review.submission.release, title="Skew", text="x", severity="low",
        category="data",
    )  # fmt: skip
    checks = [Promised(*each) for each in LIST] + [Promised(Kind.AT_MOST, "auc-roc", "women", "0.5")]
    checks += [Promised(Kind.NO_FINDING, "low")]
    conditions = promise(scene, review, *checks)

    def holding() -> set[str]:
        stand = standings_of(Condition.objects.filter(pk__in=[each.pk for each in conditions]))
        return {str(each.promised) for each in conditions if stand[each.pk].holds}

    assert holding() == {"No finding of severity high is open"}
    planned(scene)
    results(scene, review, "0.4", slice="women")
    results(scene, review, "0.95")
    withdraw_finding(actor=scene["auditor"], finding=found, reason="Mistaken.")
    save_document_revision(
        actor=scene["owner"], system=scene.system, template="model-card", sections={"purpose": "It scores."},
        contact="o",
    )  # fmt: skip
    assert holding() == {str(each.promised) for each in conditions if each.check_kind != Kind.REQUIREMENT}


def test_the_form_takes_a_check_beside_the_fields_it_always_took(scene: Scene, review: Review) -> None:
    due = (portal_now() + timedelta(days=5)).date().isoformat()
    asked = {
        "decision": "approve_with_conditions", "comment": "If.", "condition_text": ["One", "Two"],
        "condition_owner": ["owner", "owner"], "condition_due": [due, due], "condition_environment": ["", "production"],
    }  # fmt: skip
    wrong = {**asked, "condition_check": ["", "evaluation_at_least"], "condition_of": ["", "auc-roc"],
             "condition_slice": ["", ""], "condition_value": ["", "much"]}  # fmt: skip
    answer = post_signature(scene["validator"], review, **wrong)
    assert answer.status_code == 400
    assert "Must be a number like 0.85." in answer.content.decode()
    assert 'value="much"' in answer.content.decode()
    assert post_signature(scene["validator"], review, **{**wrong, "condition_value": ["", "0.85"]}).status_code == 302
    plain, checked = Condition.objects.order_by("id")
    assert (plain.promised, str(checked.promised)) == (None, "The newest result of auc-roc is at least 0.85")
    page = browser(scene["viewer"]).get(f"/submissions/{review.submission_id}/certificate/").content.decode()
    assert "Checked by the portal: The newest result of auc-roc is at least 0.85" in page


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (Promised("anything", "auc-roc"), "check"), (Promised("", "auc-roc"), "check"),
        (Promised(Kind.AT_LEAST, "happiness", value="1"), "check_of"),
        (Promised(Kind.AT_LEAST, "auc-roc", value=""), "check_value"),
        (Promised(Kind.AT_LEAST, "auc-roc", value="NaN"), "check_value"),
        (Promised(Kind.AT_LEAST, "auc-roc", value="1e400"), "check_value"),
        (Promised(Kind.NO_FINDING, "auc-roc"), "check_of"),
        (Promised(Kind.NO_FINDING, "high", value="1"), "check_value"),
        (Promised(Kind.WRITTEN, "model-card/nothing"), "check_of"),
        (Promised(Kind.REQUIREMENT, "conditions"), "check_of"),
        (Promised(Kind.REQUIREMENT, "monitoring", "women"), "check_slice"),
    ],
)  # fmt: skip
def test_parameters_are_those_of_their_check(scene: Scene, review: Review, check: Promised, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        promise(scene, review, check)
    assert list(caught.value.errors) == [f"conditions.0.{field}"]


def test_what_is_checked_is_signed_for_and_stays(scene: Scene, review: Review) -> None:
    (condition,) = promise(scene, review, Promised(Kind.AT_LEAST, "auc-roc", value="0.8"))
    seal_now()
    change = f"UPDATE validation_condition SET check_value = '0.1' WHERE id = {condition.pk}"
    assert refusal(lambda: execute(change)) == "condition_frozen"

    def loosened() -> None:
        act_as(scene["validator"])
        execute(
            "INSERT INTO validation_condition (sign_off_id, submission_id, text, owner_id, due, environments, state,"
            " evidence, check_kind, check_of, check_slice, check_value)"
            " SELECT sign_off_id, submission_id, 'x', owner_id, due, '[]', 'open', '',"
            " 'evaluation_at_least', 'auc-roc', '', '0.1' FROM validation_condition"
        )
        seal_now()

    assert refusal(loosened) == "signoff_without_signer"


def test_a_condition_without_a_check_is_claimed_as_ever(scene: Scene, review: Review) -> None:
    due = portal_now() + timedelta(days=9)
    sign(
        scene["validator"], review, decision="approve_with_conditions", comment="If.",
        conditions=[ConditionInput("Watch it.", scene["owner"], due)],
    )  # fmt: skip
    condition = Condition.objects.get()
    assert good(Caller(scene["owner"]).get(f"conditions/{condition.pk}/"))["standing"] is None
    assert claim_condition(actor=scene["owner"], condition=condition, evidence="Done.").state == "claimed"
