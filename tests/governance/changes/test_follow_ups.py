"""Work that follows by itself: opened once by what happened, settled once by people, and named by the gate."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from governance.access.vocabulary import Role
from governance.changes.models import FollowUp
from governance.changes.services import drop_follow_up, finish_follow_up, hand_over_follow_up
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict, Forbidden, Refusal
from governance.notify.models import Notice
from governance.notify.topics import Topic
from governance.policy.checking import Purpose
from governance.policy.decide import Status, decide
from governance.policy.queries import facts_of, rules_in_force
from inventory.models import Asset, Release, System
from inventory.services.assets import breach_asset, create_asset, end_support_of_asset, restore_asset, withdraw_asset
from inventory.services.dependencies import create_dependency
from tests.clocks import Clock
from tests.governance.access.people import appoint, person, system
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
STOPS = {"withdraw": withdraw_asset, "breach": breach_asset, "end_support": end_support_of_asset}


def asset_below(scene: Scene, name: str = "libtokens") -> Asset:
    """A library the system of the scene stands on."""
    asset = create_asset(actor=scene["owner"], unit=scene.unit, kind="library", name=name)
    create_dependency(actor=scene["owner"], source=scene.system, target=asset, relation="calls")
    return asset


def upstairs(scene: Scene) -> System:
    """A second system, of another owner, that builds on the first."""
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        other = system("limits", scene.unit)
    scene.people["other"] = person("other")
    appoint(scene["other"], Role.OWNER, system=other)
    create_dependency(actor=Command("scene"), source=other, target=scene.system, relation="calls")
    return other


def opened(scene: Scene) -> FollowUp:
    """One piece of work, because a library was withdrawn."""
    withdraw_asset(actor=scene["developer"], asset=asset_below(scene), reason="Its licence ended.")
    return FollowUp.objects.get()


def gate(release: Release, requirement: str = "changes") -> tuple[Status, str]:
    """What the gate says of one requirement."""
    _, rules = rules_in_force()
    decision = decide(
        facts_of([release])[release.pk], rules, rules.document.environment("production"), portal_now(), Purpose.DEPLOY
    )
    found = next(one for one in decision.lines if one.id == requirement)
    return found.status, found.reason


@pytest.mark.parametrize("verb", STOPS)
def test_an_asset_that_stops_asks_for_one_review_of_every_system_that_stands_on_it(scene: Scene, verb: str) -> None:
    asset, other = asset_below(scene), upstairs(scene)
    STOPS[verb](actor=scene["developer"], asset=asset, reason="Its maintainers gave up.")
    work = {one.system: one for one in FollowUp.objects.all()}
    asset.refresh_from_db()
    assert set(work) == {scene.system, other}
    mine = work[scene.system]
    assert (mine.cause, mine.step, mine.asset, mine.owner, mine.state) == (
        "asset", asset.state, asset, scene["owner"], "open",
    )  # fmt: skip
    assert work[other].owner == scene["other"]
    assert mine.due is not None
    assert abs(mine.due - portal_now() - timedelta(days=14)) < timedelta(minutes=1)
    event = Event.objects.filter(table_name="changes_followup", key=str(mine.pk)).get()
    assert (event.verb, event.actor_name) == ("follow_up.open", str(scene["developer"]))
    told = Notice.objects.filter(topic=Topic.FOLLOW_UP_OPENED)
    assert {tuple(notice.people) for notice in told} == {(scene["owner"].pk,), (scene["other"].pk,)}


def test_stopping_and_restoring_and_stopping_again_leaves_one_open_piece_of_work(scene: Scene) -> None:
    asset = asset_below(scene)
    withdraw_asset(actor=scene["developer"], asset=asset, reason="A doubt.")
    restore_asset(actor=scene["riskofficer"], asset=asset, reason="It was nothing.")
    withdraw_asset(actor=scene["developer"], asset=asset, reason="It was something.")
    first = FollowUp.objects.get()
    assert Notice.objects.filter(topic=Topic.FOLLOW_UP_OPENED).count() == 1
    finish_follow_up(actor=scene["owner"], follow_up=first, note="Replaced by libwords 2.")
    restore_asset(actor=scene["riskofficer"], asset=asset, reason="Mended.")
    withdraw_asset(actor=scene["developer"], asset=asset, reason="Again.")
    assert FollowUp.objects.filter(state="open").exclude(pk=first.pk).count() == 1


def test_a_retired_system_has_nothing_to_follow_up(scene: Scene) -> None:
    asset = asset_below(scene)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        System.objects.filter(pk=scene.system.pk).update(phase=System.Phase.RETIRED)
    withdraw_asset(actor=scene["developer"], asset=asset, reason="Old.")
    assert not FollowUp.objects.exists()


def test_the_gate_names_the_asset_at_once_and_closes_for_work_left_undone(scene: Scene, clock: Clock) -> None:
    release = scene.approved().release
    end_support_of_asset(actor=scene["developer"], asset=asset_below(scene), reason="Nobody mends it.")
    work = FollowUp.objects.get()
    assert "libtokens" in gate(release, "dependencies")[1]
    assert gate(release)[0] is Status.MET
    clock.move(timedelta(days=14))
    assert gate(release) == (Status.UNMET, f"FU-{work.pk} “{work.title}” was not done in time.")
    finish_follow_up(actor=scene["owner"], follow_up=work, note="It is replaced in 1.2.0.")
    assert gate(release)[0] is Status.MET


def test_what_is_withdrawn_closes_the_gate_at_once_and_by_name(scene: Scene) -> None:
    release = scene.approved().release
    withdraw_asset(actor=scene["developer"], asset=asset_below(scene), reason="Its licence ended.")
    assert gate(release, "dependencies") == (Status.UNMET, "“libtokens” is withdrawn.")


def test_it_is_done_by_whoever_may_carry_changes_out_and_dropped_only_by_another(scene: Scene) -> None:
    work = opened(scene)
    for who, act in (("validator", finish_follow_up), ("viewer", finish_follow_up), ("developer", drop_follow_up)):
        with pytest.raises(Forbidden):
            act(actor=scene[who], follow_up=work, note="x")
    with pytest.raises(InvalidInput):
        finish_follow_up(actor=scene["owner"], follow_up=work, note=" ")
    appoint(scene["owner"], Role.VALIDATOR, unit=scene.unit)
    with pytest.raises(Forbidden) as refused:
        drop_follow_up(actor=scene["owner"], follow_up=work, note="Not for us.")
    assert refused.value.code == "sod.same_person"
    assert drop_follow_up(actor=scene["validator"], follow_up=work, note="It was never used.").state == "moot"
    with pytest.raises(Conflict):
        finish_follow_up(actor=scene["owner"], follow_up=work, note="Late.")


def test_it_is_handed_to_somebody_who_may_do_it(scene: Scene) -> None:
    work = opened(scene)
    with pytest.raises(InvalidInput):
        hand_over_follow_up(actor=scene["owner"], follow_up=work, owner=scene["viewer"])
    hand_over_follow_up(actor=scene["owner"], follow_up=work, owner=scene["developer"], reason="You know it.")
    assert work.title in text(scene["developer"], "/")
    assert Notice.objects.filter(people=[scene["developer"].pk]).exists()


WRITTEN = (
    "title = 'nothing'", "due = due + interval '1 year'", "note = 'x'",
    "state = 'done', settled_at = portal_now(), settled_by_id = {deputy}, note = 'x'",
    "state = 'done', settled_at = portal_now(), settled_by_id = {owner}, note = ''",
    "state = 'moot', settled_at = portal_now(), settled_by_id = {owner}, note = 'x'",
)  # fmt: skip


def test_the_database_refuses_what_no_verb_does(scene: Scene) -> None:
    work = opened(scene)
    for fields in WRITTEN:
        values = fields.format(**{name: scene[name].pk for name in ("owner", "deputy")})
        with (
            pytest.raises(Refusal),
            acting(scene["owner"], door=Door.WEB, verb="follow_up.finish"),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE changes_followup SET {values} WHERE id = {work.pk}")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM changes_followup")


@pytest.mark.parametrize(("state", "who"), [("done", "viewer"), ("done", "validator"), ("moot", "developer")])
def test_the_database_lets_nobody_settle_it_who_may_not(scene: Scene, state: str, who: str) -> None:
    work = opened(scene)

    def write() -> None:
        with acting(scene[who], door=Door.COMMAND, verb="follow_up.finish"):
            FollowUp.objects.filter(pk=work.pk).update(
                state=state, settled_at=portal_now(), settled_by=scene[who], note="Nothing to see."
            )
        seal_now()

    with pytest.raises(Forbidden, match="carries changes out"):
        write()


def test_settled_work_stays_as_it_was_settled(scene: Scene) -> None:
    work = finish_follow_up(actor=scene["owner"], follow_up=opened(scene), note="Replaced.")
    with (
        pytest.raises(Refusal) as refused,
        acting(scene["owner"], door=Door.WEB, verb="follow_up.finish"),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE changes_followup SET note = 'Nothing.' WHERE id = %s", [work.pk])
    assert refused.value.code == "frozen"


# Every verb: who, what is sent, where it comes to.
MOVES: dict[str, tuple[str, dict[str, Any], str]] = {
    "hand-over": ("owner", {"owner": "developer"}, "open"),
    "finish": ("owner", {"note": "Replaced by libwords 2."}, "done"),
    "drop": ("validator", {"note": "It was never used."}, "moot"),
}


@pytest.mark.parametrize("verb", MOVES)
def test_both_doors_do_it_for_who_may_and_refuse_others_alike(scene: Scene, verb: str) -> None:
    who, body, end = MOVES[verb]
    work, again = opened(scene), {}
    withdraw_asset(actor=scene["developer"], asset=asset_below(scene, "libnumbers"), reason="Too.")
    again["work"] = FollowUp.objects.exclude(pk=work.pk).get()
    posted = {**body, "owner": scene["developer"].pk} if "owner" in body else body
    address = f"follow-ups/{work.pk}/{verb}/"
    for other, status in (("outsider", 404), ("viewer", 403)):
        problem(Caller(scene[other]).post(address, body), status)
        assert browser(scene[other]).post(f"/{address}", posted).status_code == status
    assert Denial.objects.filter(actor_id=scene["viewer"].pk, verb__startswith="follow_up.").exists()
    assert good(Caller(scene[who]).post(address, body))["state"] == end
    answer = browser(scene[who]).post(f"/follow-ups/{again['work'].pk}/{verb}/", posted)
    assert (answer.status_code, answer["Location"]) == (302, f"/follow-ups/{again['work'].pk}/")
    assert {one.state for one in FollowUp.objects.all()} == {end}
    if end != "open":
        problem(Caller(scene[who]).post(address, body), 409)
        assert browser(scene[who]).post(f"/{address}", posted).status_code == 409


def test_the_page_the_list_my_work_and_the_system_show_it(scene: Scene) -> None:
    work = opened(scene)
    other = upstairs(scene)
    for address in ("/", "/follow-ups/?mine=yes", f"/systems/{scene.system.slug}/"):
        assert f"/follow-ups/{work.pk}/" in text(scene["owner"], address), address
    page = text(scene["owner"], f"/follow-ups/{work.pk}/")
    assert "/assets/libtokens/" in page
    assert f"/systems/{scene.system.slug}/changes/new/" in page
    assert f"/follow-ups/{work.pk}/drop/" not in page

    def shown(query: str, who: str = "viewer") -> set[int]:
        return {int(key) for key in re.findall(r"/follow-ups/(\d+)/", text(scene[who], f"/follow-ups/{query}"))}

    assert shown("?cause=asset&asset=libtokens&system=scorer") == {work.pk}
    assert shown("?state=done") == shown(f"?system={other.slug}") == shown("", "outsider") == set()
    listed = good(Caller(scene["viewer"]).get("follow-ups/?state=open&asset=libtokens&owner=owner"))["results"]
    assert [one["id"] for one in listed] == [work.pk]
    problem(Caller(scene["outsider"]).get(f"follow-ups/{work.pk}/"), 404)
    assert browser(scene["viewer"]).get("/follow-ups/?colour=red").status_code == 400


def test_governance_looks_at_it_in_the_office(scene: Scene) -> None:
    work = opened(scene)
    assert "libtokens" in text(scene["governor"], f"/admin/changes/followup/{work.pk}/change/")
