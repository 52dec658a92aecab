"""Pages of changes: asked for, decided, carried out and looked at in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from governance.changes.models import Change
from governance.changes.services import raise_materiality, submit_change
from governance.ledger.models import Denial, Event
from tests.governance.changes.walk import ANSWERS, TEXTS, asked, emergency, in_approval, in_state
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text

pytestmark = pytest.mark.django_db
REQUEST: dict[str, Any] = {
    "title": "New tokenizer", "kind": "retraining", "planned_from": "2031-01-01T10:00",
    "planned_until": "2031-01-01T12:00", "components": "tokenizer\nscoring API", **TEXTS,
    **{f"answer_{name}": answer for name, answer in ANSWERS.items()},
}  # fmt: skip
MORE, LESS = ({"materiality": word, "reason": "x"} for word in ("material", "none"))
# Every verb: where it works, who, what is posted, where it comes to, a state it does not leave.
MOVES: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "submit": ("draft", "owner", {}, "in_approval", "approved"),
    "approve": ("in_approval", "approver", {"comment": "Fine."}, "approved", "draft"),
    "return": ("in_approval", "approver", {"reason": "Say more."}, "draft", "approved"),
    "reject": ("in_approval", "approver", {"reason": "No."}, "rejected", "closed"),
    "withdraw": ("in_approval", "developer", {}, "withdrawn", "approved"),
    "implement": ("approved", "developer", {}, "implemented", "in_approval"),
    "results": ("implemented", "developer", {"test_results": "Same."}, "implemented", "draft"),
    "verify": ("implemented", "validator", {"verification": "Seen."}, "closed", "approved"),
    "roll-back": ("implemented", "developer", {"reason": "It fails."}, "rolled_back", "approved"),
    "release": ("draft", "developer", {"release": ""}, "draft", "closed"),
    "raise-materiality": ("in_approval", "validator", MORE, "in_approval", "closed"),
    "lower-materiality": ("in_approval", "approver", LESS, "in_approval", "closed"),
}  # fmt: skip
SEEN = {"approve", "return", "reject", "verify", "ratify", "refuse"}


def press(scene: Scene, who: str, change: Change, verb: str, **fields: Any) -> Any:
    """Open the form of a verb as its page does, and post it."""
    client, address = browser(scene[who]), f"/changes/{change.pk}/{verb}/"
    if verb in SEEN and "seen" not in fields:
        found = re.search(r'name="seen" value="([^"]+)"', client.get(address).content.decode())
        fields["seen"] = found[1] if found else "x"
    return client.post(address, fields)


def test_a_change_is_asked_for_on_the_page_of_its_system(scene: Scene) -> None:
    address = f"/systems/{scene.system.slug}/changes/new/"
    assert address in text(scene["owner"], f"/systems/{scene.system.slug}/")
    assert address not in text(scene["viewer"], f"/systems/{scene.system.slug}/")
    release = scene.release()
    answer = browser(scene["owner"]).post(address, {**REQUEST, "target_release": release.pk})
    change = Change.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/changes/{change.pk}/")
    assert (change.materiality, change.components, change.answers, change.target_release) == (
        "material", ["tokenizer", "scoring API"], ANSWERS, release,
    )  # fmt: skip
    page = text(scene["viewer"], f"/changes/{change.pk}/")
    assert "“High tier” makes it material" in page
    assert "Is all data used with permission?" in page
    assert f"/changes/{change.pk}/" in text(scene["viewer"], f"/releases/{release.pk}/")
    event = Event.objects.filter(verb="change.create", table_name="changes_change").get()
    assert (event.actor_name, event.door) == (str(scene["owner"]), "web")


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("approver", 403), ("outsider", 404)])
def test_who_may_not_ask_is_turned_away(scene: Scene, who: str, status: int) -> None:
    answer = browser(scene[who]).post(f"/systems/{scene.system.slug}/changes/new/", REQUEST)
    assert answer.status_code == status
    assert not Change.objects.exists()
    assert Denial.objects.filter(verb="change.create").exists() == (status == 403)


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"kind": "weather"}, {"planned_until": "2030-01-01T10:00"}, {"x": "y"}]
)
def test_a_request_that_is_wrong_saves_nothing(scene: Scene, wrong: dict[str, str]) -> None:
    answer = browser(scene["owner"]).post(f"/systems/{scene.system.slug}/changes/new/", {**REQUEST, **wrong})
    assert answer.status_code == 400
    assert not Change.objects.exists()


@pytest.mark.parametrize("verb", MOVES)
def test_every_verb_works_for_who_may_and_the_ledger_says_so(scene: Scene, verb: str) -> None:
    start, who, fields, end, _ = MOVES[verb]
    change = in_state(scene, start)
    answer = press(scene, who, change, verb, **fields)
    assert (answer.status_code, answer["Location"]) == (302, f"/changes/{change.pk}/")
    change.refresh_from_db()
    assert change.state == end
    event = Event.objects.filter(table_name="changes_change", key=str(change.pk)).latest("id")
    assert (event.actor_name, event.door) == (str(scene[who]), "web")


@pytest.mark.parametrize("verb", MOVES)
def test_no_verb_works_for_others_or_from_elsewhere(scene: Scene, verb: str) -> None:
    start, who, fields, _, elsewhere = MOVES[verb]
    change, other = in_state(scene, start), in_state(scene, elsewhere)
    assert press(scene, "outsider", change, verb, **fields).status_code == 404
    assert press(scene, "viewer", change, verb, **fields).status_code == 403
    assert Denial.objects.filter(actor_id=scene["viewer"].pk).exists()
    assert press(scene, who, other, verb, **fields).status_code == 409
    change.refresh_from_db()
    assert change.state == start


def test_the_decision_box_says_beforehand_why_this_person_may_not(scene: Scene) -> None:
    change = in_approval(scene)
    page = text(scene["developer"], f"/changes/{change.pk}/")
    assert "This waits for somebody else" in page
    assert "You asked for this change or described it; another person decides." in page
    answer = press(scene, "developer", change, "approve")
    assert answer.status_code == 403
    assert "You asked for this change or described it" in answer.content.decode()
    approver = text(scene["approver"], f"/changes/{change.pk}/")
    assert f"/changes/{change.pk}/approve/?seen=" in approver
    assert "This waits for somebody else" not in approver


def test_a_stale_request_is_not_approved(scene: Scene) -> None:
    change = in_approval(scene)
    page = text(scene["approver"], f"/changes/{change.pk}/")
    seen = re.search(r"approve/\?seen=([0-9a-f]+)", page)
    assert seen is not None
    raise_materiality(actor=scene["owner"], change=change, materiality="material", reason="It touches limits.")
    form = browser(scene["approver"]).get(f"/changes/{change.pk}/approve/?seen={seen[1]}").content.decode()
    assert f'value="{seen[1]}"' in form
    answer = press(scene, "approver", change, "approve", seen=seen[1])
    assert answer.status_code == 409
    assert "is not the one you read" in answer.content.decode()


def test_what_a_request_lacks_is_said_before_it_is_put_up(scene: Scene) -> None:
    browser(scene["owner"]).post(f"/systems/{scene.system.slug}/changes/new/", {"title": "x", "kind": "code"})
    change = Change.objects.get()
    assert "Still missing: what changes; why; the roll-back plan" in text(scene["owner"], f"/changes/{change.pk}/")
    assert press(scene, "owner", change, "submit").status_code == 409


def test_a_draft_is_described_anew_in_the_form_it_was_written_in(scene: Scene) -> None:
    change = asked(scene)
    form = text(scene["owner"], f"/changes/{change.pk}/describe/")
    assert TEXTS["what"] in form
    answer = browser(scene["owner"]).post(f"/changes/{change.pk}/describe/", {**REQUEST, "kind": "feature"})
    assert answer.status_code == 302
    change.refresh_from_db()
    assert (change.kind, change.materiality) == ("feature", "material")


def test_an_emergency_is_carried_out_first_and_ratified_afterwards(scene: Scene) -> None:
    change = asked(scene, emergency=True)
    assert press(scene, "developer", change, "emergency", reason="Payments fail.").status_code == 302
    assert "Ratify or refuse" in text(scene["approver"], "/")
    page = text(scene["approver"], f"/changes/{change.pk}/")
    assert "afterwards the gate closes" in page
    assert press(scene, "developer", change, "ratify").status_code == 403
    assert press(scene, "approver", change, "ratify", comment="Yes.").status_code == 302
    other = emergency(scene)
    assert press(scene, "approver", other, "refuse", reason="No.").status_code == 302
    assert "Roll it back" in text(scene["developer"], "/")


def test_work_waits_for_those_who_may_do_it(scene: Scene) -> None:
    change = asked(scene)
    assert str(change) in text(scene["developer"], "/")
    submit_change(actor=scene["developer"], change=change)
    assert "Decide" in text(scene["approver"], "/")
    assert str(change) not in text(scene["validator"], "/")
    press(scene, "approver", change, "approve")
    assert str(change) not in text(scene["approver"], "/")
    assert "Carry it out" in text(scene["owner"], "/")
    press(scene, "developer", change, "implement")
    assert str(change) in text(scene["validator"], "/")
    press(scene, "validator", change, "verify", verification="Seen.")
    assert str(change) not in text(scene["validator"], "/")


def test_the_list_and_the_board_show_what_one_may_see_and_filter_it(scene: Scene) -> None:
    draft, over = asked(scene), in_state(scene, "withdrawn")
    closed = in_state(scene, "closed")

    def shown(who: str, address: str) -> set[int]:
        return {int(key) for key in re.findall(r"/changes/(\d+)/", text(scene[who], address))}

    assert shown("viewer", "/changes/") == {draft.pk}
    assert shown("viewer", "/changes/?state=all") == {draft.pk, over.pk, closed.pk}
    assert shown("viewer", "/changes/?state=withdrawn&kind=code&materiality=minor") == {over.pk}
    assert shown("viewer", "/changes/?system=elsewhere") == set()
    assert shown("viewer", "/changes/board/") == {draft.pk, closed.pk}
    assert shown("outsider", "/changes/?state=all") == set()
    assert browser(scene["viewer"]).get("/changes/?colour=red").status_code == 400


def test_the_tab_of_a_system_shows_its_changes_of_every_state(scene: Scene) -> None:
    here = f"/systems/{scene.system.slug}/"
    assert "No changes yet" in text(scene["viewer"], f"{here}?tab=changes")
    made = [in_state(scene, state) for state in ("draft", "closed", "withdrawn")]
    page = text(scene["viewer"], f"{here}?tab=changes")
    tab = page[page.index('id="tab"') :]
    assert {f"CHG-{change.pk}" for change in made} <= set(re.findall(r"CHG-\d+", tab))
    assert 'href="?tab=changes"' in text(scene["viewer"], here)


def test_every_form_opens_for_who_may_send_it(scene: Scene) -> None:
    change = asked(scene)
    for verb in (*MOVES, "describe", "emergency", "ratify", "refuse"):
        opened = {who: browser(scene[who]).get(f"/changes/{change.pk}/{verb}/") for who in ("developer", "approver")}
        statuses = {answer.status_code for answer in opened.values()}
        assert statuses <= {200, 403, 409}, verb
        assert statuses != {403}, verb  # somebody may, now or in another state
        assert browser(scene["outsider"]).get(f"/changes/{change.pk}/{verb}/").status_code == 404
    for state in ("approved", "rejected", "implemented", "rolled_back", "closed"):
        text(scene["viewer"], f"/changes/{in_state(scene, state).pk}/")


def test_governance_looks_at_changes_in_the_office_and_changes_nothing_there(scene: Scene) -> None:
    change = asked(scene)
    scene["governor"].is_staff = True
    assert "New tokenizer" in text(scene["governor"], f"/admin/changes/change/{change.pk}/change/")
    answer = browser(scene["governor"]).post(f"/admin/changes/change/{change.pk}/change/", {"title": "x"})
    assert answer.status_code == 403
