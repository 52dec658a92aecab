"""Ways around a review through the shorter routes: each is refused by the services, and by the seal without them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from governance.changes.models import Change
from governance.changes.services import name_release, refuse_change
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting
from governance.validation.models import Contribution, Submission
from governance.validation.services import (
    place_hold,
    revoke_release,
    submit_release,
    suspend_release,
    withdraw_submission,
)
from governance.validation.services import routes as routes_service
from inventory.envelopes import cleaned
from inventory.models import Release
from inventory.services.evaluations import record_evaluations
from tests.governance.changes import walk
from tests.governance.validation.scene import Scene, build, open_review, sign
from tests.governance.validation.test_shorter_routes import (
    GOOD,
    MEDIUM,
    changed_by,
    envelope,
    refused,
    release_with,
    retrained,
    reviewed,
    ship,
)
from tests.governance.validation.test_shorter_routes import line as line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    """The scene of validation in tier medium."""
    return build(MEDIUM)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on no service decides about a route: what is refused is refused by the seal."""
    return lambda: monkeypatch.setattr(routes_service, "against", lambda *_, **__: ())


def test_an_emergency_change_nobody_ratified_ships_nothing(scene: Scene, unchecked: Callable[[], None]) -> None:
    reviewed(scene)
    due, denied = release_with(scene, "b", GOOD), release_with(scene, "b", GOOD)
    walk.emergency(scene, kind="retraining", target_release=due)
    change = walk.emergency(scene, kind="retraining", target_release=denied)
    refuse_change(actor=scene["approver2"], change=change, reason="No emergency.")
    assert "not ratified" in refused(lambda: ship(scene, due))
    assert "refused afterwards" in refused(lambda: ship(scene, denied))
    light = refused(lambda: submit_release(actor=scene["owner"], release=due, route="light"))
    assert "not ratified" in light
    unchecked()
    for made in (due, denied):
        assert "approved changes" in refused(partial(ship, scene, made))


def test_a_threshold_the_reviewers_saw_is_neither_left_out_nor_turned_round(
    scene: Scene, unchecked: Callable[[], None]
) -> None:
    base = release_with(scene, "a", GOOD, envelope=envelope())
    seen = [{"metric": "recall", "value": "0.93", "threshold": "0.9"}]
    record_evaluations(actor=scene["developer"], release=base, results=seen)
    scene.sign_all(submit_release(actor=scene["owner"], release=base))
    shown: list[tuple[dict[str, str], str]] = [
        ({"value": "0.1"}, "misses the threshold"),
        ({"value": "0.1", "threshold": "0.05"}, "misses the threshold"),
        ({"value": "0.1", "threshold": "0.9", "direction": "lower"}, "misses the threshold"),
        ({"value": "0.95", "threshold": "0.9", "method": "other"}, "not by the same method"),
    ]
    tried = []
    for place, (line, sentence) in enumerate(shown):
        made = retrained(scene, sha=f"{place}")
        record_evaluations(actor=scene["developer"], release=made, results=[{"metric": "recall", **line}])
        assert sentence in refused(partial(ship, scene, made))
        tried.append(made)
    good = retrained(scene, sha="b")
    record_evaluations(actor=scene["developer"], release=good, results=[{"metric": "recall", "value": "0.91"}])
    ship(scene, good)
    record_evaluations(actor=scene["developer"], release=good, results=[{"metric": "recall", "value": "0.5"}])
    assert "recall" in line_of(good, "approval-current").reason
    unchecked()
    for made in tried:
        assert "leaves the envelope" in refused(partial(ship, scene, made))


def test_an_approved_change_is_not_pointed_at_a_release_its_approver_had_a_hand_in(
    scene: Scene, unchecked: Callable[[], None]
) -> None:
    reviewed(scene)
    made = release_with(scene, "b", GOOD)
    changed_by(scene, release_with(scene, "c", GOOD))
    with acting(scene["approver2"], door=Door.WEB, verb="command.run"):
        Contribution.objects.create(release=made, person=scene["approver2"], kind="artifact", at=portal_now())
    name_release(actor=scene["developer"], change=Change.objects.get(), release=made)
    assert "Approver2 approved a change" in refused(lambda: ship(scene, made))
    unchecked()
    assert "had a hand" in refused(lambda: ship(scene, made))


def decided(scene: Scene, release: Release, decision: str) -> None:
    submission = submit_release(actor=scene["owner"], release=release)
    review = open_review(submission)
    assert review is not None
    sign(scene["validator"], review, decision, "It discriminates.")


def _rejected(scene: Scene, release: Release) -> None:
    decided(scene, release, "reject")


def _revoked(scene: Scene, release: Release) -> None:
    ship(scene, release)
    revoke_release(actor=scene["riskofficer"], release=release, reason="It discriminates.")


def _suspended(scene: Scene, release: Release) -> None:
    ship(scene, release)
    suspend_release(actor=scene["incidents"], release=release, reason="It drifts.")


def _held(scene: Scene, release: Release) -> None:
    place_hold(actor=scene["riskofficer"], system=scene.system, release=release, reason="Look at it.")


def _in_review(scene: Scene, release: Release) -> None:
    submit_release(actor=scene["owner"], release=release)


def test_parts_that_were_stopped_do_not_ship_under_another_version(scene: Scene, unchecked: Callable[[], None]) -> None:
    reviewed(scene)
    others = []
    for place, stop in enumerate((_rejected, _revoked, _suspended, _held, _in_review)):
        stop(scene, retrained(scene, sha=f"{place}"))
        others.append(retrained(scene, sha=f"{place}"))
    for made in others:
        assert "same parts" in refused(partial(ship, scene, made))
        light = refused(partial(submit_release, actor=scene["owner"], release=made, route="light"))
        assert "same parts" in light
    assert ship(scene, retrained(scene, sha="b")).state == Submission.State.APPROVED
    unchecked()
    for made in others:
        assert "stopped or sent back" in refused(partial(ship, scene, made))


def test_what_a_reviewer_sent_back_takes_no_shorter_way_even_after_another_submission_was_withdrawn(
    scene: Scene, unchecked: Callable[[], None]
) -> None:
    reviewed(scene)
    made = retrained(scene)
    decided(scene, made, "return")
    submit_release(actor=scene["owner"], release=made)
    withdraw_submission(actor=scene["owner"], release=made)
    made.refresh_from_db()
    assert "ended returned" in refused(lambda: ship(scene, made))
    assert "ended returned" in refused(lambda: submit_release(actor=scene["owner"], release=made, route="light"))
    assert "ended returned" in refused(lambda: ship(scene, retrained(scene)))
    unchecked()
    assert "stopped or sent back" in refused(lambda: ship(scene, made))


@pytest.mark.parametrize(
    "limit",
    [
        {"lowest": "1e-9999999"},
        {"lowest": "0.8", "highest": "0.900000001"},
        {"metric": [], "lowest": "0.8"},
        {"lowest": ["0.8"]},
        {"slice": {}, "lowest": "0.8"},
        {"lowest": True},
        {"lowest": "Infinity"},
        {"lowest": "sNaN"},
        {"lowest": "1e11", "highest": "0"},
    ],
)
def test_a_limit_that_is_no_plain_number_is_refused(limit: dict[str, Any]) -> None:
    checks = Checks()
    cleaned(checks, envelope(limits=[{"metric": "auc-roc", **limit}]), {"auc-roc"})
    with pytest.raises(InvalidInput):
        checks.done()
