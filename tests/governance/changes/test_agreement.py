"""Owners of what a change reaches are asked, told what comes of it, and heard; who may not see it hears no name."""

from __future__ import annotations

import pytest

from governance.access.rights import NotVisible
from governance.access.vocabulary import Role
from governance.changes.models import Change, Opinion
from governance.changes.services import (
    answer_change,
    approve_change,
    carry_out_emergency,
    finish_follow_up,
    implement_change,
    ratify_change,
    return_change,
    roll_back_change,
    submit_change,
    withdraw_change,
)
from governance.notify.models import Delivery
from governance.notify.reminders import remind
from governance.notify.spreading import about, may_be_told, spread
from inventory.services.assets import withdraw_asset
from inventory.services.dependencies import create_dependency
from tests.governance.access.people import appoint, person
from tests.governance.changes.test_reach import PORTAL, Web, web
from tests.governance.changes.walk import asked
from tests.incidents.test_pages import browser, text
from tests.rest import Caller, good, problem

__all__ = ["web"]
pytestmark = pytest.mark.django_db


def told(web: Web, change: Change, who: str) -> list[tuple[str, str]]:
    """Topic and title of every message about a change that would be sent to somebody now, the oldest first."""
    spread()
    reader = web.scene[who]
    made = Delivery.objects.filter(person=reader, notice__about_model="changes.change")
    rows = made.filter(notice__about_id=change.pk).order_by("notice_id").select_related("notice")
    notices = [one.notice for one in rows if may_be_told(reader, one.notice, about(one.notice))]
    start = f"Change of {web.scene.system}"
    return [(one.topic, one.title.removeprefix(start).split(":")[0]) for one in notices]


def asked_for(web: Web) -> Change:
    """Put up for approval by the developer of the scorer."""
    return submit_change(actor=web.scene["developer"], change=web.change())


def test_an_owner_is_asked_by_message_and_on_my_work_until_they_answer(web: Web) -> None:
    change = asked_for(web)
    assert told(web, change, "neighbour") == [("change.reaches", " is asked for")]
    address = f"/changes/{change.pk}/systems/limits/answer/"
    assert address in text(web.scene["neighbour"], "/")
    answer_change(actor=web.scene["neighbour"], change=change, system=web.systems["limits"], agrees=True)
    assert address not in text(web.scene["neighbour"], "/")
    assert told(web, change, "developer") == [("change.answered", "")]
    assert ("change.answered", "") not in told(web, change, "approver")


def test_a_request_put_up_again_is_asked_again(web: Web) -> None:
    change = asked_for(web)
    answer_change(actor=web.scene["neighbour"], change=change, system=web.systems["limits"], agrees=True)
    change = return_change(actor=web.scene["approver"], change=change, reason="Say more.")
    submit_change(actor=web.scene["developer"], change=change)
    assert f"/changes/{change.pk}/systems/limits/answer/" in text(web.scene["neighbour"], "/")


def test_an_objection_is_told_to_whoever_asked_answers_for_the_system_or_decides(web: Web) -> None:
    change = asked_for(web)
    system = web.systems["limits"]
    answer_change(actor=web.scene["neighbour"], change=change, system=system, agrees=False, comment="We parse tokens.")
    for who in ("developer", "owner", "approver"):
        spread()
        made = Delivery.objects.filter(person=web.scene[who], notice__topic="change.answered")
        (message,) = [one.notice for one in made]
        assert "an owner objects" in message.title
        assert "tokens" not in message.text + message.title.replace("New tokenizer", "")


def test_what_is_decided_planned_done_and_undone_reaches_all_whom_it_concerns(web: Web) -> None:
    change = asked_for(web)
    approve_change(actor=web.scene["approver"], change=change, comment="Go.")
    assert told(web, change, "neighbour") == [("change.reaches", " is approved")]
    message = Delivery.objects.filter(person=web.scene["neighbour"]).latest("pk").notice
    assert message.due == change.planned_from
    assert told(web, change, "owner") == told(web, change, "developer") == [("change.decided", " is approved")]


def test_a_minor_change_is_told_from_the_wish_to_the_roll_back(web: Web) -> None:
    change = submit_change(actor=web.scene["developer"], change=asked(web.scene))
    assert told(web, change, "neighbour") == []  # a change of the code of the scorer reaches nobody else
    create_dependency(actor=PORTAL, source=web.systems["limits"], target=web.scene.system, relation="calls")
    approve_change(actor=web.scene["approver"], change=change)
    implement_change(actor=web.scene["developer"], change=change)
    roll_back_change(actor=web.scene["developer"], change=change, reason="Worse.")
    assert [how for _, how in told(web, change, "neighbour")] == [" is approved", " is carried out", " is rolled back"]
    assert told(web, change, "validator") == []  # what waited for a verification no longer does
    assert told(web, change, "approver")[-1] == ("change.closed", " is rolled back")


def test_an_emergency_tells_who_ratifies_and_what_it_reaches(web: Web) -> None:
    change = asked(web.scene, kind="third-party-version", assets=[web.library], emergency=True)
    carry_out_emergency(actor=web.scene["developer"], change=change, reason="Payments fail.")
    assert told(web, change, "neighbour") == [("change.reaches", " is carried out in an emergency")]
    assert told(web, change, "approver") == [("change.done", " is carried out")]
    assert "Ratify or refuse" in text(web.scene["approver"], "/")
    ratify_change(actor=web.scene["approver"], change=change)
    assert ("change.decided", " is ratified") in told(web, change, "owner")


def told_below(web: Web, who: str, system: str) -> list[tuple[str, str]]:
    """Title and page of every message about a system of somebody that would be sent to them now."""
    spread()
    reader = web.scene[who]
    made = Delivery.objects.filter(person=reader, notice__about_model="inventory.system")
    rows = made.filter(notice__about_id=web.systems[system].pk).order_by("notice_id").select_related("notice")
    return [(one.notice.title, one.notice.href) for one in rows if may_be_told(reader, one.notice, about(one.notice))]


def hide(web: Web) -> None:
    """Somebody who owns a system that stands on the scorer's and may not see the scorer."""
    web.scene.people["hidden"] = person("hidden")
    appoint(web.scene["hidden"], Role.OWNER, system=web.systems["alerts"])


def test_who_may_not_see_the_change_is_told_of_their_own_system_and_no_name(web: Web) -> None:
    hide(web)
    change = asked_for(web)
    assert told(web, change, "hidden") == []
    page = f"/systems/alerts/reached/{change.pk}/"
    assert told_below(web, "hidden", "alerts") == [(f"Change below Alerts is asked for: CHG-{change.pk}", page)]
    work = text(web.scene["hidden"], "/")
    assert page in work
    form = text(web.scene["hidden"], page)
    for shown in (work, form):
        assert "tokenizer" not in shown
        assert str(web.scene.system) not in shown
    assert browser(web.scene["hidden"]).get(f"/changes/{change.pk}/").status_code == 404
    seen = text(web.scene["approver"], f"/changes/{change.pk}/")
    assert "is asked without its name" in seen
    assert "Nobody to ask: the system has no owner." in seen  # reports


def test_they_answer_on_the_page_of_their_own_system_and_over_rest(web: Web) -> None:
    hide(web)
    change = asked_for(web)
    caller, system = Caller(web.scene["hidden"]), "alerts"
    (question,) = good(caller.get("change-questions/"))["questions"]
    assert (question["change"], question["system"], question["title"]) == (change.pk, system, "")
    sent = {"change": change.pk, "system": system, "agrees": False}
    assert set(problem(caller.post("change-questions/", sent), 400)["errors"]) == {"comment"}
    assert good(caller.post("change-questions/", {**sent, "comment": "We parse it."}), 201)["comment"] == "We parse it."
    assert good(caller.get("change-questions/"))["questions"] == []
    answer = browser(web.scene["hidden"]).post(f"/systems/{system}/reached/{change.pk}/", {"agrees": "yes"})
    assert (answer.status_code, answer["Location"]) == (302, f"/systems/{system}/")
    assert [one.agrees for one in Opinion.objects.order_by("pk")] == [False, True]
    withdraw_change(actor=web.scene["developer"], change=change)
    problem(caller.post("change-questions/", {**sent, "agrees": True}), 409, "state")


def test_what_does_not_reach_their_system_is_not_there(web: Web) -> None:
    hide(web)
    draft, elsewhere = web.change(), submit_change(actor=web.scene["developer"], change=asked(web.scene))
    caller = Caller(web.scene["hidden"])
    for change in (draft, elsewhere):
        body = {"change": change.pk, "system": "alerts", "agrees": True}
        problem(caller.post("change-questions/", body), 404)
        assert browser(web.scene["hidden"]).get(f"/systems/alerts/reached/{change.pk}/").status_code == 404
        with pytest.raises(NotVisible):
            answer_change(actor=web.scene["hidden"], change=change, system=web.systems["alerts"], agrees=True)
    problem(caller.post("change-questions/", {"change": 999_999, "system": "alerts", "agrees": True}), 404)
    problem(Caller(web.scene["viewer"]).post("change-questions/", {"change": 1, "system": "x", "agrees": True}), 403)
    assert not Opinion.objects.exists()


def test_who_asked_is_not_asked_and_what_is_withdrawn_asks_nobody(web: Web) -> None:
    appoint(web.scene["neighbour"], Role.DEVELOPER, system=web.scene.system)
    mine = submit_change(
        actor=web.scene["neighbour"],
        change=asked(web.scene, by="neighbour", kind="third-party-version", assets=[web.library]),
    )
    theirs = asked_for(web)
    page = text(web.scene["neighbour"], "/")
    assert f"/changes/{mine.pk}/systems/" not in page
    assert f"/changes/{theirs.pk}/systems/limits/answer/" in page
    withdraw_change(actor=web.scene["developer"], change=theirs)
    assert f"/changes/{theirs.pk}/systems/" not in text(web.scene["neighbour"], "/")


def test_my_work_reminds_of_windows_and_ratifications(web: Web) -> None:
    change = asked_for(web)
    approve_change(actor=web.scene["approver"], change=change)
    emergency = carry_out_emergency(
        actor=web.scene["developer"], change=asked(web.scene, emergency=True), reason="Payments fail."
    )
    remind()
    spread()
    reminders = Delivery.objects.filter(notice__topic="other.due")
    told_of = set(reminders.values_list("person__username", "notice__title"))
    assert ("owner", f"Carry it out: {change}") in told_of
    assert ("approver", f"Ratify or refuse: {emergency}") in told_of


def test_a_stopped_asset_stands_once_on_my_work(web: Web) -> None:
    withdraw_asset(actor=web.scene["developer"], asset=web.library, reason="Its licence ended.")
    page = text(web.scene["owner"], "/")
    assert "Follow it up" in page
    assert "Replace it" not in page
    finish_follow_up(actor=web.scene["owner"], follow_up=web.scene.system.follow_ups.get(), note="Ordered anew.")
    assert "Replace it" in text(web.scene["owner"], "/")  # it still stands on it
