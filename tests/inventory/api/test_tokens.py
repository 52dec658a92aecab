"""Machines over REST: a token reaches its scopes on its systems, and nothing else."""

import pytest
from pytest_django import Settings

from governance.access.vocabulary import Scope
from inventory.models import Release
from tests.inventory.scene import SHA, Scene, mint
from tests.rest import Caller, good, problem

GIVEN = {"version": "1.0", "artifacts": [{"name": "weights", "kind": "model", "sha256": SHA}]}


def test_a_token_with_the_scope_describes_a_release_in_its_machines_name(scene: Scene) -> None:
    caller = Caller(token=mint(scene, Scope.RELEASE_WRITE))
    body = good(caller.post("systems/scorer/releases/", GIVEN), 201)
    release = Release.objects.get(pk=body["id"])
    assert release.created_by.kind == "machine"
    assert release.created_by.sponsor == scene.owner
    assert [row["slug"] for row in good(caller.get("systems/"))["results"]] == ["scorer"]
    problem(caller.get("systems/foreign/"), 404)
    problem(caller.post("systems/foreign/releases/", GIVEN), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "systems/"), ("PATCH", "systems/scorer/"), ("POST", "systems/scorer/retire/"), ("GET", "ledger/"),
     ("POST", "systems/scorer/assignments/"), ("POST", "units/"), ("POST", "systems/scorer/documents/")],
)  # fmt: skip
def test_outside_its_scopes_a_token_is_refused_whatever_it_names(scene: Scene, method: str, path: str) -> None:
    caller = Caller(token=mint(scene, Scope.RELEASE_WRITE))
    (reason,) = problem(caller.call(method, path, {}), 403, "scope")["reasons"]
    assert reason == {"code": "scope", "text": "No scope of a token reaches this; a person does it."}
    problem(caller.call(method, path.replace("scorer", "none"), {}), 403, "scope")


def test_a_gate_token_reads_and_writes_nothing_here(scene: Scene) -> None:
    caller = Caller(token=mint(scene, Scope.GATE_CHECK))
    for path in ("systems/", "systems/scorer/", "releases/", "units/", "documents/", "assignments/", "ledger/"):
        problem(caller.get(path), 403, "scope")
    (reason,) = problem(caller.post("systems/scorer/releases/", GIVEN), 403, "scope")["reasons"]
    assert reason["text"] == "This token does not have the scope release:write."
    assert not Release.objects.exists()


@pytest.mark.parametrize("change", ["none", "short", "case", "digest"])
def test_what_is_no_token_is_401_and_a_token_in_the_address_is_none(scene: Scene, change: str) -> None:
    token = mint(scene, Scope.RELEASE_WRITE)
    sent = {"none": "x", "short": token[:-1], "case": token.upper(), "digest": "csn_" + "0" * 72}[change]
    answer = Caller(token=sent).get("systems/")
    problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    problem(Caller().get(f"systems/?token={token}"), 401)


def test_a_tokens_calls_are_counted_apart_from_its_persons(scene: Scene, settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    caller = Caller(token=mint(scene, Scope.RELEASE_WRITE))
    assert [caller.get("systems/").status_code for _ in range(3)] == [200, 200, 429]
    assert Caller(scene.owner).get("systems/").status_code == 200
