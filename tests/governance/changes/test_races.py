"""Two people at one change in the same instant: one outcome, and everything written beside it agrees with that.

Each race runs on connections of its own, as separate requests do, in turned order from attempt to attempt. The last
tests take the defences away and show that the same harness then sees two outcomes. How many attempts each pair gets
comes from RACES as in tests/governance/validation/test_races.py, a fiftieth of it, or from CHANGE_RACES itself.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from governance.access.vocabulary import Role
from governance.changes.models import Change, FollowUp, Opinion
from governance.changes.queries import facts_of, version_of
from governance.changes.services import (
    answer_change,
    approve_change,
    decisions,
    drop_follow_up,
    finish_follow_up,
    implement_change,
    lower_materiality,
    moving,
    name_release,
    reject_change,
    requests,
    roll_back_change,
    verify_change,
    withdraw_change,
)
from governance.ledger.models import Event
from governance.policy.decide import Status
from governance.validation.models import Submission
from governance.validation.services import place_hold, revoke_release, ship_release, suspend_release
from inventory.models import Release
from inventory.services.assets import create_asset, withdraw_asset
from inventory.services.dependencies import create_dependency
from tests.clocks import Clock
from tests.governance.access.people import appoint
from tests.governance.changes.test_follow_ups import asset_below, upstairs
from tests.governance.changes.walk import approved, implemented, in_approval
from tests.governance.validation.scene import LOW, Scene, build
from tests.governance.validation.test_shorter_routes import MEDIUM, line, retrained, reviewed
from tests.incidents.test_pages import browser
from tests.loosening import loosen
from tests.races import PATIENCE, at_once, race
from tests.rest import Caller

pytestmark = [pytest.mark.races, pytest.mark.timeout(0), pytest.mark.django_db(transaction=True)]
Act = Callable[[], object]


@pytest.fixture(scope="session")
def attempts(race_count: int) -> int:
    """How many attempts a race for one decision gets."""
    return int(os.environ.get("CHANGE_RACES", max(5, race_count // 50)))


@pytest.fixture(scope="session")
def side_attempts(attempts: int) -> int:
    """How many the races beside those get."""
    return max(5, attempts // 3)


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return build(LOW)


def turned(attempt: int, *acts: Act) -> list[str]:
    """A race whose lanes change with each attempt; the outcomes in the order of the acts."""
    return race(*acts) if attempt % 2 else race(*reversed(acts))[::-1]


def verbs(change: Change) -> Counter[str]:
    """How often each verb moved or wrote the change, by the ledger."""
    events = Event.objects.filter(table_name="changes_change", key=str(change.pk))
    return Counter(events.values_list("verb", flat=True))


def stands(change: Change) -> str:
    change.refresh_from_db()
    return change.state


def test_of_two_approvals_at_once_one_counts(scene: Scene, attempts: int) -> None:
    for attempt in range(attempts):
        change = in_approval(scene)
        outcomes = turned(
            attempt,
            partial(approve_change, actor=scene["approver"], change=change),
            partial(approve_change, actor=scene["approver2"], change=change),
        )
        assert sorted(outcomes) == ["ok", "state"]
        assert stands(change) == "approved"
        assert change.decided_by == scene["approver" if outcomes[0] == "ok" else "approver2"]
        assert verbs(change)["change.approve"] == 1


def test_of_approval_and_rejection_at_once_one_counts(scene: Scene, attempts: int) -> None:
    for attempt in range(attempts):
        change = in_approval(scene)
        outcomes = turned(
            attempt,
            partial(approve_change, actor=scene["approver"], change=change),
            partial(reject_change, actor=scene["approver2"], change=change, reason="Not now."),
        )
        assert sorted(outcomes) == ["ok", "state"]
        assert stands(change) == ("approved" if outcomes[0] == "ok" else "rejected")
        assert verbs(change)["change.approve"] + verbs(change)["change.reject"] == 1


def test_of_approval_and_withdrawal_at_once_one_counts(scene: Scene, attempts: int) -> None:
    for attempt in range(attempts):
        change = in_approval(scene)
        outcomes = turned(
            attempt,
            partial(approve_change, actor=scene["approver"], change=change),
            partial(withdraw_change, actor=scene["developer"], change=change),
        )
        assert sorted(outcomes) == ["ok", "state"]
        assert stands(change) == ("approved" if outcomes[0] == "ok" else "withdrawn")
        assert (change.decided_by is None) == (outcomes[0] != "ok")


def test_a_roll_back_beside_the_carrying_out_comes_after_it_or_not_at_all(scene: Scene, side_attempts: int) -> None:
    for attempt in range(side_attempts):
        change = approved(scene)
        outcomes = turned(
            attempt,
            partial(implement_change, actor=scene["developer"], change=change),
            partial(roll_back_change, actor=scene["owner"], change=change, reason="It failed."),
        )
        assert outcomes in (["ok", "ok"], ["ok", "state"])
        went_back = outcomes[1] == "ok"
        assert stands(change) == ("rolled_back" if went_back else "implemented")
        assert FollowUp.objects.filter(change=change).count() == (2 if went_back else 0)


def test_of_verification_and_roll_back_at_once_one_counts(scene: Scene, side_attempts: int) -> None:
    for attempt in range(side_attempts):
        change = implemented(scene)
        outcomes = turned(
            attempt,
            partial(verify_change, actor=scene["validator"], change=change, verification="Seen."),
            partial(roll_back_change, actor=scene["owner"], change=change, reason="It failed."),
        )
        assert sorted(outcomes) == ["ok", "state"]
        assert stands(change) == ("closed" if outcomes[0] == "ok" else "rolled_back")
        assert FollowUp.objects.filter(change=change).exists() == (outcomes[1] == "ok")


def test_an_objection_beside_an_approval_is_answered_by_it_or_comes_too_late(scene: Scene, side_attempts: int) -> None:
    other = upstairs(scene)
    appoint(scene["other"], Role.VIEWER, system=scene.system)
    for attempt in range(side_attempts):
        change = in_approval(scene)
        objected, decided = turned(
            attempt,
            partial(
                answer_change, actor=scene["other"], change=change, system=other, agrees=False, comment="Not in May."
            ),
            partial(approve_change, actor=scene["approver"], change=change),
        )
        assert (objected, decided) in {("ok", "blocked"), ("state", "ok")}
        assert stands(change) == ("approved" if decided == "ok" else "in_approval")
        assert Opinion.objects.filter(change=change).exists() == (objected == "ok")


def test_a_change_made_less_of_beside_an_approval_is_approved_as_it_was_read(scene: Scene, side_attempts: int) -> None:
    for attempt in range(side_attempts):
        change = in_approval(scene)
        lowered, decided = turned(
            attempt,
            partial(lower_materiality, actor=scene["approver2"], change=change, materiality="none", reason="Words."),
            partial(approve_change, actor=scene["approver"], change=change, seen=version_of(change)),
        )
        assert (lowered, decided) in {("ok", "stale"), ("state", "ok")}
        assert stands(change) == ("approved" if decided == "ok" else "in_approval")
        assert change.materiality == ("minor" if decided == "ok" else "none")


def test_nobody_makes_less_of_a_change_and_approves_it_at_two_windows(scene: Scene, side_attempts: int) -> None:
    for attempt in range(side_attempts):
        change = in_approval(scene)
        lowered, decided = turned(
            attempt,
            partial(lower_materiality, actor=scene["approver"], change=change, materiality="none", reason="Words."),
            partial(approve_change, actor=scene["approver"], change=change),
        )
        assert (lowered, decided) in {("ok", "sod.same_person"), ("state", "ok")}
        assert stands(change) == ("approved" if decided == "ok" else "in_approval")


ENDINGS: dict[str, Callable[[Scene, Release], Act]] = {
    "suspended": lambda scene, release: partial(
        suspend_release, actor=scene["incidents"], release=release, reason="It harms."
    ),
    "revoked": lambda scene, release: partial(
        revoke_release, actor=scene["riskofficer"], release=release, reason="It harms."
    ),
    "held": lambda scene, release: partial(
        place_hold, actor=scene["riskofficer"], system=scene.system, release=release, reason="Look first."
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ships_beside_the_end_of_its_envelope_ships_before_it_and_is_stopped_by_it(
    transactional_db: None, side_attempts: int, ending: str
) -> None:
    scene = build(MEDIUM)
    for attempt in range(side_attempts):
        carrier, made = reviewed(scene), retrained(scene)
        shipped, ended = turned(
            attempt,
            partial(ship_release, actor=scene["owner"], release=made),
            ENDINGS[ending](scene, carrier.release),
        )
        assert ended == "ok"
        assert shipped in {"ok", "blocked"}
        made.refresh_from_db()
        assert made.state == ("approved" if shipped == "ok" else "draft")
        assert Submission.objects.filter(release=made).exists() == (shipped == "ok")
        closed = "holds" if shipped == "ok" and ending == "held" else "approval-current"
        assert line(made, closed).status != Status.MET


def test_what_ships_beside_the_last_instant_of_its_envelope_never_counts_longer(
    transactional_db: None, side_attempts: int, clock: Clock
) -> None:
    scene = build(MEDIUM)
    for _ in range(side_attempts):
        until = clock.now() + timedelta(hours=1)
        limits = [{"metric": "auc-roc", "lowest": "0.80", "highest": "1"}]
        stated = {"kinds": ["retraining"], "artifacts": ["model"], "limits": limits, "until": until.isoformat()}
        reviewed(scene, envelope=stated)
        made = retrained(scene)
        (shipped, _) = race(partial(ship_release, actor=scene["owner"], release=made), partial(Clock().set, until))
        assert shipped in {"ok", "blocked"}
        assert line(made, "approval-current").status != Status.MET
        made.refresh_from_db()
        assert (made.state == "approved") == (shipped == "ok")


def test_what_ships_beside_the_loss_of_its_change_has_one_or_does_not_ship(
    transactional_db: None, side_attempts: int
) -> None:
    scene = build(MEDIUM)
    reviewed(scene)
    for attempt in range(side_attempts):
        made = retrained(scene)
        change = Change.objects.get(target_release=made)
        shipped, unnamed = turned(
            attempt,
            partial(ship_release, actor=scene["owner"], release=made),
            partial(name_release, actor=scene["developer"], change=change, release=None),
        )
        assert unnamed == "ok"
        assert shipped in {"ok", "blocked"}
        assert line(made, "changes").status == Status.UNMET or shipped == "blocked"


def test_of_two_people_who_settle_one_piece_of_work_one_does(scene: Scene, side_attempts: int) -> None:
    for attempt in range(side_attempts):
        asset = asset_below(scene, f"lib{attempt}")
        withdraw_asset(actor=scene["developer"], asset=asset, reason="Old.")
        work = FollowUp.objects.get(asset=asset)
        outcomes = turned(
            attempt,
            partial(finish_follow_up, actor=scene["owner"], follow_up=work, note="Replaced."),
            partial(drop_follow_up, actor=scene["validator"], follow_up=work, note="Never used."),
        )
        assert sorted(outcomes) == ["ok", "state"]
        work.refresh_from_db()
        assert work.state == ("done" if outcomes[0] == "ok" else "moot")


def test_two_assets_that_stop_at_once_ask_each_system_once_for_each(scene: Scene, side_attempts: int) -> None:
    other = upstairs(scene)
    for attempt in range(side_attempts):
        assets = [
            create_asset(actor=scene["owner"], unit=scene.unit, kind="library", name=f"lib{attempt}{end}")
            for end in "ab"
        ]
        for asset in assets:
            create_dependency(actor=scene["owner"], source=scene.system, target=asset, relation="calls")
        stop = [partial(withdraw_asset, actor=scene["developer"], asset=asset, reason="Old.") for asset in assets]
        assert turned(attempt, *stop) == ["ok", "ok"]
        for asset in assets:
            work = FollowUp.objects.filter(asset=asset)
            assert set(work.values_list("system", flat=True)) == {scene.system.pk, other.pk}
            assert work.count() == 2


def test_at_both_doors_at_once_one_decision_falls_and_nobody_sees_a_fault(scene: Scene, side_attempts: int) -> None:
    one, two, api = browser(scene["approver"]), browser(scene["approver2"]), Caller(scene["developer"])
    again = Caller(scene["approver2"])
    for attempt in range(side_attempts):
        change = in_approval(scene)
        page, seen = f"/changes/{change.pk}/", version_of(change)
        answers: dict[str, int] = {}

        def said(name: str, ask: Callable[[], Any], kept: dict[str, int] = answers) -> Act:
            return lambda: kept.update({name: ask().status_code})

        acts = [
            said("approve", partial(one.post, f"{page}approve/", {"seen": seen, "comment": "Good."})),
            said("reject", partial(two.post, f"{page}reject/", {"seen": seen, "reason": "Not now."})),
            said("withdraw", partial(api.post, f"{page.strip('/')}/withdraw/", {})),
            said("return", partial(again.post, f"{page.strip('/')}/return/", {"reason": "Say more."})),
        ]
        turn = attempt % len(acts)
        assert at_once(*acts[turn:], *acts[:turn]) == [None] * len(acts)
        assert set(answers.values()) <= {200, 302, 409, 412}, answers
        won = [name for name, status in answers.items() if status in {200, 302}]
        # A returned request may be withdrawn as the draft it is then.
        assert len(won) == 1 or sorted(won) == ["return", "withdraw"], answers
        end = {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn", "return": "draft"}
        assert stands(change) == ("withdrawn" if "withdraw" in won else end[won[0]])


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both rivals read before either writes, as a portal without row locks would."""
    both_have_read = threading.Barrier(2)
    read = facts_of

    def unlocked(change: Change, **_: Any) -> Change:
        return Change.objects.select_related("system").get(pk=change.pk)

    def slowly(*arguments: Any, **more: Any) -> Any:
        facts = read(*arguments, **more)
        both_have_read.wait(PATIENCE)
        return facts

    for module in (decisions, requests, moving):
        monkeypatch.setattr(module, "lock_change", unlocked)
    for module in (moving, requests):
        monkeypatch.setattr(module, "facts_of", slowly)


def test_without_row_locks_the_database_still_lets_one_decision_fall(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = in_approval(scene)
    without_locks(monkeypatch)
    outcomes = race(
        partial(approve_change, actor=scene["approver"], change=change),
        partial(reject_change, actor=scene["approver2"], change=change, reason="Not now."),
    )
    assert outcomes.count("ok") == 1
    assert verbs(change)["change.approve"] + verbs(change)["change.reject"] == 1


def test_without_row_locks_and_guards_the_harness_sees_two_decisions(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = in_approval(scene)
    loosen(r"^changes_change\.changes_guarded$", r"\.ledger_moves_state$")
    without_locks(monkeypatch)
    outcomes = race(
        partial(approve_change, actor=scene["approver"], change=change),
        partial(reject_change, actor=scene["approver2"], change=change, reason="Not now."),
    )
    assert outcomes == ["ok", "ok"]
    assert verbs(change)["change.approve"] + verbs(change)["change.reject"] == 2


def test_without_row_locks_the_harness_sees_one_person_lower_and_approve(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = in_approval(scene)
    loosen(r"^changes_change\.changes_guarded$", r"\.ledger_moves_state$", "^change_")
    without_locks(monkeypatch)
    outcomes = race(
        partial(lower_materiality, actor=scene["approver"], change=change, materiality="none", reason="Words."),
        partial(approve_change, actor=scene["approver"], change=change),
    )
    assert outcomes == ["ok", "ok"]
