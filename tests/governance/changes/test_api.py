"""Changes over REST: asked for, assessed, decided, carried out, verified; and the gate in between."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.changes.models import Change
from governance.ledger.models import Event
from tests.governance.changes.walk import ANSWERS, TEXTS, asked, emergency, in_approval, in_state
from tests.governance.validation.scene import Scene
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
WINDOW = {"planned_from": "2031-01-01T10:00:00Z", "planned_until": "2031-01-01T12:00:00Z"}
REQUEST: dict[str, Any] = {"kind": "code", "title": "New tokenizer", "answers": ANSWERS, **TEXTS, **WINDOW}
MORE, LESS = ({"materiality": word, "reason": "x"} for word in ("material", "none"))
# Every verb: where it works, who, what is sent, where it comes to, a state it does not leave.
MOVES: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "describe": ("draft", "owner", {"what": "More of it."}, "draft", "approved"),
    "submit": ("draft", "owner", {}, "in_approval", "approved"),
    "approve": ("in_approval", "approver", {"comment": "Fine."}, "approved", "draft"),
    "return": ("in_approval", "approver", {"reason": "Say more."}, "draft", "approved"),
    "reject": ("in_approval", "approver", {"reason": "No."}, "rejected", "closed"),
    "withdraw": ("in_approval", "developer", {}, "withdrawn", "approved"),
    "implement": ("approved", "developer", {}, "implemented", "in_approval"),
    "record-results": ("implemented", "developer", {"test_results": "Same."}, "implemented", "draft"),
    "verify": ("implemented", "validator", {"verification": "Seen."}, "closed", "approved"),
    "roll-back": ("implemented", "developer", {"reason": "It fails."}, "rolled_back", "approved"),
    "name-release": ("draft", "developer", {"release": None}, "draft", "closed"),
    "raise-materiality": ("in_approval", "validator", MORE, "in_approval", "closed"),
    "lower-materiality": ("in_approval", "approver", LESS, "in_approval", "closed"),
}  # fmt: skip


def call(person: User) -> Caller:
    return Caller(person)


def test_a_request_answers_with_what_it_comes_to_and_why(scene: Scene) -> None:
    body = {"system": scene.system.slug, **REQUEST, "kind": "third-party-version", "components": ["libtokens 4"]}
    answer = call(scene["developer"]).post("changes/", body)
    shown = good(answer, 201)
    assert answer["Location"] == f"/api/v1/changes/{shown['id']}/"
    assert (shown["key"], shown["state"], shown["components"]) == (f"CHG-{shown['id']}", "draft", ["libtokens 4"])
    assert shown["assessment"]["materiality"] == "material"
    assert shown["assessment"]["rule"] == "high-tier"
    assert "High tier" in shown["assessment"]["explanation"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": "elsewhere"}, {"kind": "weather"}, {"title": " "}, {"title": 3}, {"components": "one"},
        {"planned_until": "2030-01-01T00:00:00Z"}, {"answers": {"mood": "good"}}, {"answers": {"data-permission": "x"}},
        {"rollback_release": 10**9}, {"target_release": 10**9}, {"emergency": "perhaps"}, {"surprise": 1},
    ],
)  # fmt: skip
def test_a_request_that_is_wrong_names_the_field(scene: Scene, wrong: dict[str, Any]) -> None:
    document = problem(call(scene["owner"]).post("changes/", {"system": scene.system.slug, **REQUEST, **wrong}), 400)
    assert {name.split(".")[0] for name in document["errors"]} & set(wrong)
    assert not Change.objects.exists()


def test_who_may_not_ask_is_refused_and_a_stranger_does_not_learn_that_the_system_exists(scene: Scene) -> None:
    body = {"system": scene.system.slug, **REQUEST}
    problem(call(scene["viewer"]).post("changes/", body), 403)
    problem(call(scene["approver"]).post("changes/", body), 403)
    assert set(problem(call(scene["outsider"]).post("changes/", body), 400)["errors"]) == {"system"}
    assert not Change.objects.exists()


@pytest.mark.parametrize("verb", MOVES)
def test_every_verb_works_is_refused_to_others_and_conflicts_elsewhere(scene: Scene, verb: str) -> None:
    start, who, body, end, elsewhere = MOVES[verb]
    change, other = in_state(scene, start), in_state(scene, elsewhere)
    address = f"changes/{change.pk}/{verb}/"
    problem(call(scene["outsider"]).post(address, body), 404)
    problem(call(scene["viewer"]).post(address, body), 403, "forbidden")
    problem(call(scene[who]).post(f"changes/{other.pk}/{verb}/", body), 409)
    assert good(call(scene[who]).post(address, body))["state"] == end
    word = verb.replace("-", "_")
    event = Event.objects.filter(verb=f"change.{word}", table_name="changes_change", door="api").latest("id")
    assert event.actor_name == str(scene[who])


def test_an_emergency_is_carried_out_and_answered_for_afterwards(scene: Scene) -> None:
    change = asked(scene, emergency=True)
    address = f"changes/{change.pk}/"
    problem(call(scene["approver"]).post(f"{address}emergency/", {"reason": "x"}), 403)
    shown = good(call(scene["developer"]).post(f"{address}emergency/", {"reason": "Payments fail."}))
    assert (shown["state"], shown["ratification"]) == ("implemented", "due")
    problem(call(scene["developer"]).post(f"{address}ratify/", {}), 403, "sod.requester")
    assert good(call(scene["approver"]).post(f"{address}ratify/", {}))["ratification"] == "ratified"
    other = emergency(scene)
    shown = good(call(scene["approver"]).post(f"changes/{other.pk}/refuse/", {"reason": "No."}))
    assert shown["ratification"] == "refused"
    problem(call(scene["approver"]).post(f"changes/{other.pk}/ratify/", {}), 409, "state")


def test_a_stale_decision_is_a_conflict(scene: Scene) -> None:
    change = in_approval(scene)
    approver = call(scene["approver"])
    tag = approver.get(f"changes/{change.pk}/")["ETag"]
    body = {"materiality": "material", "reason": "It touches limits."}
    good(call(scene["owner"]).post(f"changes/{change.pk}/raise-materiality/", body))
    problem(approver.post(f"changes/{change.pk}/approve/", {}, If_Match=tag), 412)
    fresh = approver.get(f"changes/{change.pk}/")["ETag"]
    good(approver.post(f"changes/{change.pk}/approve/", {}, If_Match=fresh))


def test_what_stands_in_the_way_is_offered_with_the_same_reasons(scene: Scene) -> None:
    change = in_approval(scene)
    document = problem(call(scene["developer"]).post(f"changes/{change.pk}/approve/", {}), 403, "sod.requester")
    offers = good(call(scene["developer"]).get(f"changes/{change.pk}/"))["available_actions"]
    assert next(one for one in offers if one["verb"] == "approve")["reasons"] == document["reasons"]


def test_a_release_of_another_system_is_not_named(scene: Scene) -> None:
    change = asked(scene)
    problem(call(scene["developer"]).post(f"changes/{change.pk}/name-release/", {"release": 10**9}), 400)
    release = scene.release()
    shown = good(call(scene["developer"]).post(f"changes/{change.pk}/name-release/", {"release": release.pk}))
    assert shown["target_release"] == release.pk
    listed = good(call(scene["viewer"]).get(f"releases/{release.pk}/"))["changes"]
    assert [one["id"] for one in listed] == [change.pk]


def test_the_list_is_filtered_and_shows_what_one_may_see(scene: Scene) -> None:
    first, second = asked(scene), in_state(scene, "withdrawn")

    def listed(who: str, query: str = "") -> list[int]:
        return [one["id"] for one in good(call(scene[who]).get(f"changes/{query}"))["results"]]

    assert listed("viewer") == [second.pk, first.pk]
    assert listed("viewer", "?state=draft&kind=code&materiality=minor&system=scorer") == [first.pk]
    assert listed("outsider") == []
    problem(call(scene["viewer"]).get("changes/?colour=red"), 400)
    problem(call(scene["outsider"]).get(f"changes/{first.pk}/"), 404)
    system = good(call(scene["viewer"]).get("systems/scorer/"))
    assert [one["id"] for one in system["changes"]] == [first.pk]


def test_asking_twice_with_one_key_asks_once(scene: Scene) -> None:
    body = {"system": scene.system.slug, **REQUEST}
    for _ in range(2):
        good(call(scene["owner"]).post("changes/", body, Idempotency_Key="a-change"), 201)
    assert Change.objects.count() == 1


def test_lists_cost_the_same_for_many_as_for_few(scene: Scene) -> None:
    caller = call(scene["approver"])

    def cost() -> tuple[int, ...]:
        found = []
        for ask in (
            lambda: good(caller.get("changes/")),
            lambda: caller.client.get("/changes/"),
            lambda: caller.client.get("/changes/board/"),
            lambda: caller.client.get("/"),
        ):
            with CaptureQueriesContext(connection) as queries:
                ask()
            found.append(len(queries))
        return tuple(found)

    for _ in range(2):
        in_approval(scene)
    cost()
    few = cost()
    for _ in range(6):
        in_approval(scene)
    assert cost() == few
