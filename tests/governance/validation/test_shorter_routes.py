"""A minor change takes a light review, a change inside its envelope none; everything else is reviewed in full."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from governance.changes.services import approve_change, create_change, submit_change
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden
from governance.policy.checking import Purpose
from governance.policy.decide import Decision, Status, decide
from governance.policy.queries import facts_of, rules_in_force
from governance.validation.models import Contribution, Submission
from governance.validation.services import (
    place_hold,
    ship_release,
    submit_release,
    suspend_release,
)
from governance.validation.services import routes as routes_service
from inventory.models import Release
from inventory.services.artifacts import ArtifactInput
from inventory.services.evaluations import record_evaluations
from inventory.services.releases import change_release, create_release
from tests.clocks import Clock
from tests.governance.changes.walk import ANSWERS, TEXTS
from tests.governance.validation.scene import Scene, build
from tests.governance.validation.test_database_guards import act_as, execute, refusal
from tests.incidents.test_pages import browser
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
MEDIUM = {
    "decision-role": "recommends", "error-detection": "sometimes", "novelty": "proven",
    "people-affected": "inconvenience", "money": "medium", "essential": "no", "vulnerable-groups": "no",
}  # fmt: skip
GOOD = {"auc-roc": "0.86"}


@pytest.fixture
def scene(db: None) -> Scene:
    """The scene of validation in tier medium."""
    return build(MEDIUM)


def envelope(**more: Any) -> dict[str, Any]:
    until = (portal_now() + timedelta(days=60)).isoformat()
    limits = [{"metric": "auc-roc", "lowest": "0.80", "highest": "1"}]
    return {"kinds": ["retraining"], "artifacts": ["model"], "limits": limits, "until": until, **more}


def release_with(scene: Scene, sha: str, metrics: Mapping[str, str], **more: Any) -> Release:
    scene.versions += 1
    made = create_release(
        actor=scene["developer"], system=scene.system, version=f"2.{scene.versions}.0",
        artifacts=[ArtifactInput(name="model", kind="model", version="1", sha256=sha * 64)], **more,
    )  # fmt: skip
    results = [{"metric": name, "value": value} for name, value in metrics.items()]
    record_evaluations(actor=scene["developer"], release=made, results=results)
    return made


def reviewed(scene: Scene, **more: Any) -> Submission:
    """A release approved by everybody, with an envelope."""
    made = release_with(scene, "a", GOOD, **{"envelope": envelope(), **more})
    return scene.sign_all(submit_release(actor=scene["owner"], release=made))


def changed_by(scene: Scene, release: Release, kind: str = "retraining", **more: Any) -> None:
    now = portal_now()
    window = {"planned_from": now + timedelta(days=2), "planned_until": now + timedelta(days=2, hours=4)}
    change = create_change(
        actor=scene["developer"], system=scene.system, target_release=release,
        **{"kind": kind, "title": "Retrained", "answers": ANSWERS, **TEXTS, **window, **more},
    )  # fmt: skip
    approve_change(actor=scene["approver2"], change=submit_change(actor=scene["developer"], change=change))


def retrained(scene: Scene, metrics: Mapping[str, str] = GOOD, sha: str = "b", **more: Any) -> Release:
    made = release_with(scene, sha, metrics, **more)
    changed_by(scene, made)
    return made


def ship(scene: Scene, release: Release) -> Submission:
    return ship_release(actor=scene["owner"], release=release)


def gate(release: Release) -> Decision:
    _, rules = rules_in_force()
    production = next(one for one in rules.document.environments if one.id == "production")
    return decide(facts_of([release])[release.pk], rules, production, portal_now(), Purpose.DEPLOY)


def line(release: Release, name: str) -> Any:
    return next(one for one in gate(release).lines if one.id == name)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Conflict) as caught:
        work()
    return " ".join(reason.text for reason in caught.value.reasons)


def test_a_retraining_inside_its_envelope_ships_without_a_new_review(scene: Scene) -> None:
    base = reviewed(scene)
    made = retrained(scene)
    shipped = ship(scene, made)
    made.refresh_from_db()
    assert (made.state, shipped.route, shipped.carried_by_id, shipped.reviews.count()) == (
        "approved", "envelope", base.pk, 0,
    )  # fmt: skip
    assert shipped.valid_until is not None
    assert base.valid_until is not None
    assert shipped.valid_until <= base.valid_until
    assert f"inside the envelope of release {base.release.version}" in line(made, "approval-current").reason
    assert "in whose envelope" in line(made, "technical-validation").reason
    assert line(made, "technical-validation").status == Status.MET
    assert line(made, "changes").status == Status.MET


def test_one_metric_outside_stops_it_with_that_metric_named(scene: Scene) -> None:
    reviewed(scene)
    made = retrained(scene, {"auc-roc": "0.79"})
    assert "auc-roc is 0.79, below the envelope's 0.8" in refused(lambda: ship(scene, made))
    made.refresh_from_db()
    assert made.state == "draft"
    assert Submission.objects.filter(release=made).count() == 0


def test_a_worse_value_is_not_hidden_by_a_better_one_recorded_after_it(scene: Scene) -> None:
    reviewed(scene)
    made = retrained(scene, {"auc-roc": "0.5"})
    record_evaluations(actor=scene["developer"], release=made, results=[{"metric": "auc-roc", "value": "0.9"}])
    assert "auc-roc is 0.5, below" in refused(lambda: ship(scene, made))


def test_a_value_recorded_outside_after_shipping_closes_the_gate_by_its_name(scene: Scene) -> None:
    reviewed(scene)
    made = retrained(scene)
    ship(scene, made)
    record_evaluations(actor=scene["developer"], release=made, results=[{"metric": "auc-roc", "value": "0.5"}])
    assert "auc-roc" in line(made, "approval-current").reason
    assert line(made, "approval-current").status == Status.UNMET


def _replaced_part(scene: Scene) -> Release:
    made = release_with(scene, "b", GOOD)
    changed_by(scene, made, kind="code")
    return made


def test_what_the_envelope_does_not_let_through_is_named(scene: Scene) -> None:
    reviewed(scene, envelope=envelope(artifacts=["dataset"]))
    assert "model is another model" in refused(lambda: ship(scene, retrained(scene)))
    assert "was not measured" in refused(lambda: ship(scene, retrained(scene, {"accuracy": "0.9"})))
    assert "states none of its own" in refused(lambda: ship(scene, retrained(scene, envelope=envelope())))
    assert "kind “code”" in refused(lambda: ship(scene, _replaced_part(scene)))
    unasked = release_with(scene, "a", GOOD)
    assert "No approved change request names" in refused(lambda: ship(scene, unasked))


def test_a_release_without_an_envelope_carries_nothing(scene: Scene) -> None:
    reviewed(scene, envelope={})
    assert "without an envelope" in refused(lambda: ship(scene, retrained(scene)))


def test_an_envelope_ends(scene: Scene, clock: Clock) -> None:
    reviewed(scene)
    inside = retrained(scene)
    shipped = ship(scene, inside)
    clock.move(timedelta(days=61))
    assert "The envelope has ended" in refused(lambda: ship(scene, retrained(scene)))
    assert line(inside, "approval-current").status == Status.UNMET
    assert shipped.valid_until is not None
    assert shipped.valid_until < portal_now()


def test_a_suspended_or_held_review_carries_nothing_and_closes_what_it_carried(scene: Scene) -> None:
    base = reviewed(scene)
    inside = retrained(scene)
    ship(scene, inside)
    place_hold(actor=scene["riskofficer"], system=scene.system, release=base.release, reason="Look at it.")
    assert line(inside, "holds").status == Status.UNMET
    assert "A hold is placed" in refused(lambda: ship(scene, retrained(scene)))
    suspend_release(actor=scene["incidents"], release=base.release, reason="It drifts.")
    assert "suspended" in line(inside, "approval-current").reason
    assert "suspended" in refused(lambda: ship(scene, retrained(scene)))


def test_many_small_steps_are_measured_against_the_last_review(scene: Scene) -> None:
    base = reviewed(scene)
    assert ship(scene, retrained(scene, {"auc-roc": "0.83"}, "b")).carried_by_id == base.pk
    assert ship(scene, retrained(scene, {"auc-roc": "0.81"}, "c")).carried_by_id == base.pk
    assert "below" in refused(lambda: ship(scene, retrained(scene, {"auc-roc": "0.79"}, "d")))


def test_an_envelope_is_not_widened_once_it_is_under_review(scene: Scene) -> None:
    base = reviewed(scene)
    wide = envelope(limits=[{"metric": "auc-roc", "lowest": "0"}])
    with pytest.raises(Conflict):
        change_release(actor=scene["developer"], release=base.release, envelope=wide)
    act_as(scene["developer"])
    widen = "UPDATE inventory_release SET envelope = %s WHERE id = %s"
    assert refusal(lambda: execute(widen, [json.dumps(wide), base.release_id])) == "release_frozen"
    repack = "UPDATE validation_submission SET manifest = '{}' WHERE id = %s"
    assert refusal(lambda: execute(repack, [base.pk])) == "submission_frozen"


def test_who_may_not_submit_does_not_ship(scene: Scene) -> None:
    reviewed(scene)
    made = retrained(scene)
    with pytest.raises(Forbidden):
        ship_release(actor=scene["viewer"], release=made)
    with pytest.raises(Forbidden):
        ship_release(actor=scene["validator"], release=made)


def test_a_signer_with_a_hand_in_the_new_release_carries_nothing(scene: Scene) -> None:
    reviewed(scene)
    made = retrained(scene)
    with acting(scene["approver"], door=Door.WEB, verb="command.run"):
        Contribution.objects.create(release=made, person=scene["approver"], kind="artifact", at=portal_now())
    assert "had a hand" in refused(lambda: ship(scene, made))


def test_a_change_that_is_not_approved_yet_carries_nothing(scene: Scene) -> None:
    reviewed(scene)
    made = release_with(scene, "b", GOOD)
    create_change(actor=scene["developer"], system=scene.system, kind="retraining", title="Mine", target_release=made)
    assert "No approved change" in refused(lambda: ship(scene, made))


def test_the_seal_stops_what_the_services_would_let_through(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed(scene)
    outside, unasked = retrained(scene, {"auc-roc": "0.5"}), release_with(scene, "b", GOOD)
    monkeypatch.setattr(routes_service, "against", lambda *_, **__: ())
    assert refused(lambda: ship(scene, outside)) == "The release leaves the envelope it would ship in."
    assert "only for approved changes" in refused(lambda: ship(scene, unasked))


def test_an_envelope_names_what_is_wrong_with_it(scene: Scene) -> None:
    wrong = {
        "kinds": [], "artifacts": ["spaceship"], "until": "tomorrow", "more": 1,
        "limits": [{"metric": "auc-roc"}, {"metric": "luck", "lowest": "1"}, {"metric": "f1", "lowest": "NaN"}],
    }  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        release_with(scene, "b", GOOD, envelope=wrong)
    assert set(caught.value.errors) >= {
        "envelope.kinds", "envelope.artifacts", "envelope.until", "envelope.more", "envelope.limits.0.lowest",
        "envelope.limits.1.metric", "envelope.limits.2.lowest",
    }  # fmt: skip


def test_a_minor_change_takes_the_stages_the_pack_names_and_leans_on_the_full_review(scene: Scene) -> None:
    base = reviewed(scene, envelope={})
    made = retrained(scene)
    light = submit_release(actor=scene["owner"], release=made, route="light")
    assert [review.stage for review in light.reviews.all()] == ["release-approval"]
    assert (light.carried_by_id, gate(made).allowed) == (base.pk, False)
    light = scene.sign_all(light)
    assert light.state == "approved"
    assert light.valid_until is not None
    assert base.valid_until is not None
    assert light.valid_until <= base.valid_until
    assert base.release.version in line(made, "technical-validation").reason


def test_a_material_change_takes_no_light_review(scene: Scene) -> None:
    reviewed(scene)
    made = release_with(scene, "b", GOOD)
    changed_by(scene, made, kind="data")
    assert "is material" in refused(lambda: submit_release(actor=scene["owner"], release=made, route="light"))
    assert "is material" in refused(lambda: ship(scene, made))
    assert submit_release(actor=scene["owner"], release=made).route == "full"


def test_it_ships_over_the_api_and_says_whose_review_carries_it(scene: Scene) -> None:
    base = reviewed(scene)
    made = retrained(scene)
    address = f"releases/{made.pk}/ship/"
    problem(Caller(scene["outsider"]).post(address, {}), 404)
    problem(Caller(scene["validator"]).post(address, {}), 403, "forbidden")
    good(Caller(scene["owner"]).post(address, {}))
    shown = good(Caller(scene["owner"]).get(f"releases/{made.pk}/"))
    assert shown["state"] == "approved"
    assert shown["submissions"][0]["route"] == "envelope"
    assert shown["submissions"][0]["carried_by"]["release"]["version"] == base.release.version
    problem(Caller(scene["owner"]).post(address, {}), 409, "state")


def test_over_the_api_a_metric_outside_is_a_conflict_that_names_it_and_leaves_a_draft(scene: Scene) -> None:
    reviewed(scene)
    made = retrained(scene, {"auc-roc": "0.79"})
    said = problem(Caller(scene["owner"]).post(f"releases/{made.pk}/ship/", {}), 409, "blocked")
    assert any("auc-roc is 0.79" in reason["text"] for reason in said["reasons"])
    made.refresh_from_db()
    assert (made.state, made.submissions.count()) == ("draft", 0)


def test_it_ships_and_goes_to_a_light_review_from_the_page(scene: Scene) -> None:
    reviewed(scene)
    made, minor = retrained(scene), retrained(scene, sha="c")
    owner = browser(scene["owner"])
    assert "Ship inside the envelope" in owner.get(f"/releases/{made.pk}/").content.decode()
    assert browser(scene["outsider"]).post(f"/releases/{made.pk}/ship/").status_code == 404
    assert browser(scene["viewer"]).post(f"/releases/{made.pk}/ship/").status_code == 403
    assert owner.post(f"/releases/{made.pk}/ship/").status_code == 302
    assert owner.post(f"/releases/{made.pk}/ship/").status_code == 409
    assert owner.post(f"/releases/{minor.pk}/submit-light/").status_code == 302
    made.refresh_from_db()
    minor.refresh_from_db()
    assert (made.state, minor.state) == ("approved", "in_review")
    assert [review.stage for review in minor.submissions.get().reviews.all()] != []
