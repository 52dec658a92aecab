"""Releases over REST: described, changed in draft, shown with what may be done."""

import pytest

from inventory.models import Release
from tests.inventory.scene import SHA, Scene, put_in_state
from tests.rest import Caller, good, problem

LINE = {"name": "weights", "kind": "model", "version": "3", "uri": "s3://models/3", "sha256": f"sha256:{SHA}"}
GIVEN = {"version": "1.0", "notes": "First.", "artifacts": [LINE]}


def described(scene: Scene, **changes: object) -> dict[str, object]:
    answer = Caller(scene.developer).post("systems/scorer/releases/", {**GIVEN, **changes})
    body: dict[str, object] = good(answer, 201)
    assert answer["Location"] == f"/api/v1/releases/{body['id']}/"
    return body


def test_a_release_is_described_and_found_again(scene: Scene) -> None:
    body = described(scene)
    shown = good(Caller(scene.viewer).get(f"releases/{body['id']}/"))
    assert shown["artifacts"][0]["sha256"] == SHA
    assert (shown["state"], shown["system"], shown["created_by"]["username"]) == ("draft", "scorer", "developer")
    assert [row["id"] for row in good(Caller(scene.viewer).get("systems/scorer/releases/"))["results"]] == [body["id"]]
    assert [row["id"] for row in good(Caller(scene.viewer).get("releases/?system=scorer&state=draft"))["results"]]


def test_each_wrong_line_and_each_unknown_field_is_named(scene: Scene) -> None:
    lines = [
        {**LINE, "sha256": "ABC"},
        {**LINE, "kind": "x"},
        {"name": "n", "kind": "service"},
        {**LINE, "state": 1},
        7,
    ]
    body = problem(Caller(scene.developer).post("systems/scorer/releases/", {**GIVEN, "artifacts": lines}), 400)
    assert {name.split(".")[1] for name in body["errors"]} >= {"1", "3", "4"}
    body = problem(Caller(scene.developer).post("systems/scorer/releases/", {**GIVEN, "artifacts": lines[:1]}), 400)
    assert list(body["errors"]) == ["artifacts.0.sha256"]


@pytest.mark.parametrize("field", ["state", "digest", "created_by", "system", "id", "approved_by", "suspended_by"])
def test_fields_the_portal_sets_are_no_input(scene: Scene, field: str) -> None:
    body = described(scene)
    for answer in (
        Caller(scene.developer).patch(f"releases/{body['id']}/", {field: "foreign"}),
        Caller(scene.developer).post("systems/scorer/releases/", {**GIVEN, "version": "2", field: "approved"}),
    ):
        assert list(problem(answer, 400)["errors"]) == [field]
    assert Release.objects.get().state == "draft"


def test_a_draft_changes_and_anything_later_is_frozen(scene: Scene) -> None:
    body = described(scene)
    caller = Caller(scene.developer)
    changed = good(caller.patch(f"releases/{body['id']}/", {"notes": "More.", "artifacts": []}))
    assert (changed["notes"], changed["artifacts"]) == ("More.", [])
    put_in_state(Release.objects.get(), "in_review")
    problem(caller.patch(f"releases/{body['id']}/", {"notes": "Again."}), 409, "frozen")


def test_a_version_stands_once(scene: Scene) -> None:
    described(scene)
    problem(Caller(scene.developer).post("systems/scorer/releases/", GIVEN), 409, "duplicate")


def test_seen_but_not_allowed_is_403_and_unseen_is_404_in_the_same_bytes_as_unknown(scene: Scene) -> None:
    body = described(scene)
    problem(Caller(scene.viewer).post(f"releases/{body['id']}/discard/"), 403)
    problem(Caller(scene.viewer).patch(f"releases/{body['id']}/", {"notes": "x"}, If_Match='"x"'), 403)
    stranger = Caller(scene.stranger)
    for path in ("releases/{}/", "releases/{}/discard/", "releases/{}/retire/"):
        for method in ("GET", "POST", "PATCH", "DELETE"):
            hidden = stranger.call(method, path.format(body["id"]), {})
            unknown = stranger.call(method, path.format(10**9), {})
            assert hidden.status_code == unknown.status_code
            assert hidden.status_code == 405 or (hidden.status_code == 404 and hidden.content == unknown.content)
            assert set(hidden.headers) == set(unknown.headers)


@pytest.mark.parametrize("key", ["0", "-1", "1e3", "%EF%BC%91", str(2**63), str(2**64), "9" * 30, "x", "%00", "1.0"])
def test_what_is_no_id_is_unknown(scene: Scene, key: str) -> None:
    body = described(scene)
    for path in (f"releases/{key}/", f"releases/{key}/discard/"):
        assert Caller(scene.developer).get(f"releases/{body['id']}/").status_code == 200
        assert Caller(scene.developer).call("PATCH", path, {}).status_code in {404, 405}
        problem(Caller(scene.developer).get(f"releases/{key}/"), 404, "not_found")


def test_a_predecessor_of_another_system_is_as_unknown_as_none(scene: Scene) -> None:
    body = described(scene)
    for key in (10**9, body["id"]):
        answer = Caller(scene.developer).patch(f"releases/{body['id']}/", {"predecessor": key})
        assert list(problem(answer, 400)["errors"]) == ["predecessor"]


def test_verbs_move_it_and_say_why_not(scene: Scene) -> None:
    body = described(scene)
    caller = Caller(scene.developer)
    assert good(caller.post(f"releases/{body['id']}/discard/"))["state"] == "discarded"
    again = problem(caller.post(f"releases/{body['id']}/discard/"), 409, "state")
    assert again["reasons"][0]["text"]
    problem(caller.post(f"releases/{body['id']}/discard/", {}, If_Match='"old"'), 412, "stale")
