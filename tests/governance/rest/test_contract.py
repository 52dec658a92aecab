"""The answer contract of the API: one form and one status for each kind of refusal, whatever the address."""

import json
import re

import pytest
from django.db import DataError, InterfaceError, InternalError, OperationalError, connection
from pytest_django import Settings

from governance.rest import problems
from governance.rest.checks import addresses, undeclared
from governance.rest.description import description
from inventory.models import Release, System
from tests.inventory.scene import Scene, build
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
GIVEN = {"version": "1.0"}
WHERE = "systems/scorer/releases/"


@pytest.fixture
def scene() -> Scene:
    return build()


@pytest.fixture
def developer(scene: Scene) -> Caller:
    return Caller(scene.developer)


def test_every_address_below_api_declares_its_rights() -> None:
    assert undeclared() == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["systems/", "systems/scorer/", "releases/1/", "schema/", "nowhere/", "systems"])
def test_a_stranger_is_asked_to_sign_in(scene: Scene, method: str, path: str) -> None:
    answer = Caller().call(method, path, {})
    problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_what_is_not_there_is_404_in_the_same_bytes_everywhere(scene: Scene) -> None:
    caller = Caller(scene.stranger)
    paths = ["systems/scorer/", "systems/none/", "releases/1/", "nowhere/", "units/bank/", "systems/A_b/", "../v2/"]
    assert len({caller.get(path).content for path in paths}) == 1
    assert "request_id" not in problem(caller.get("systems/none/"), 404, "not_found")


def test_an_unknown_method_is_405_and_says_which_are_known(developer: Caller) -> None:
    answer = developer.call("DELETE", "systems/scorer/")
    problem(answer, 405, "method")
    assert set(answer["Allow"].replace(" ", "").split(",")) >= {"GET", "PATCH"}
    problem(developer.call("OPTIONS", "systems/scorer/"), 405, "method")
    problem(developer.call("POST", "systems/scorer/", {}, X_HTTP_Method_Override="PATCH"), 405)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
def test_another_type_of_body_is_415(developer: Caller, kind: str) -> None:
    problem(developer.call("POST", WHERE, json.dumps(GIVEN), content_type=kind), 415, "media_type")


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"text"', "7", "null", "", "{} {}", '{"version": "1", "version": "2"}', '{"notes": NaN}',
     '{"notes": -Infinity}', '{"lineage": {"n": 1e999}}', "[" * 100_000, '{"a":' * 50_000, '{"version": "\\ud800"}',
     '{"version": "a\\u0000"}', '{"lineage": {"\\u0000": 1}}', b"\xff\xfe{}", b'{"version": "\xff"}', "\ufeff{}",
     '{"lineage": {"n": ' + "9" * 5000 + "}}", '{"version": "1", "lineage": {"a": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}}'],
    ids=lambda body: repr(body)[:24],
)  # fmt: skip
def test_a_body_that_cannot_be_read_exactly_is_400_and_changes_nothing(developer: Caller, body: str | bytes) -> None:
    assert problem(developer.call("POST", WHERE, body), 400, "invalid")["errors"]
    assert not Release.objects.exists()


def test_a_body_that_is_too_large_is_413(developer: Caller) -> None:
    problem(developer.call("POST", WHERE, '{"notes": "' + "x" * 1_100_000 + '"}'), 413, "too_large")


@pytest.mark.parametrize(
    "text", ["'; --", "{{7*7}}", "{% debug %}", "${7*7}", "‮", "😀" * 9, "é" + "\u0301" * 500], ids=ascii
)
def test_strange_text_is_kept_as_text(developer: Caller, text: str) -> None:
    good(developer.post(WHERE, {"version": "1", "notes": text}), 201)
    assert Release.objects.get().notes == text


def test_only_json_is_offered(developer: Caller) -> None:
    problem(developer.get("systems/", Accept="text/html"), 406, "not_acceptable")
    assert developer.get("systems/")["Cache-Control"] == "no-store"


def test_a_change_from_another_site_is_refused(scene: Scene) -> None:
    caller = Caller(scene.developer, csrf=True)
    problem(caller.post(WHERE, GIVEN), 403, "csrf")
    assert caller.get("systems/").status_code == 200


def test_too_many_calls_are_told_when_to_come_back(scene: Scene, settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    caller = Caller(scene.developer)
    codes = [caller.get("systems/").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    answer = caller.get("systems/")
    problem(answer, 429, "too_many")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert Caller(scene.viewer).get("systems/").status_code == 200


@pytest.fixture(params=[OperationalError, InterfaceError, InternalError])
def broken_store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise request.param("the server closed the connection")

    monkeypatch.setattr("governance.rest.views.count_call", fail)


def test_without_the_store_the_answer_is_503(developer: Caller, broken_store: None) -> None:
    answer = developer.get("systems/")
    assert "closed the connection" not in json.dumps(problem(answer, 503, "unavailable"))
    assert answer["Retry-After"]


@pytest.mark.django_db(transaction=True)
def test_while_the_store_takes_no_writes_reading_goes_on() -> None:
    developer = Caller(build().developer)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        assert developer.get("systems/").status_code == 200
        problem(developer.post(WHERE, GIVEN), 503, "unavailable")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")


def test_a_value_the_database_refuses_is_the_callers_error() -> None:
    assert problems.answer(DataError("out of range")).status_code == 400  # type: ignore[union-attr]


def test_an_address_without_its_last_slash_is_not_there(developer: Caller) -> None:
    problem(developer.get("systems"), 404)


def test_the_schema_is_complete_and_without_a_warning(developer: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    schema = good(developer.get("schema/"))
    assert schema["openapi"].startswith("3.1")
    assert {"/api/v1/systems/{slug}/assignments/", "/api/v1/releases/{id}/"} <= set(schema["paths"])
    assert "arning" not in capsys.readouterr().err


def test_reading_changes_nothing(scene: Scene, developer: Caller) -> None:
    before = list(System.objects.values())
    for path in ("systems/", "systems/scorer/", "releases/", "units/", "documents/", "assignments/", "schema/"):
        assert developer.get(path).status_code == 200
        assert developer.call("HEAD", path).status_code == 200
    assert list(System.objects.values()) == before


def test_every_address_below_the_api_stands_in_the_schema() -> None:
    described = {re.sub(r"\{\w+\}", "*", where) for where in description()["paths"]}
    hung_up = {
        "/"
        + re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|<[^>]+>", "*", where)
        .replace("^", "")
        .rstrip("$")
        .replace(r"\Z", "")
        for where, _ in addresses()
        if where.startswith("api/v1/")
    }
    assert hung_up == described


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
)
@pytest.mark.parametrize("path", ["reviews/", "ledger/", "schema/", "policy/current/", "assignments/"])
def test_an_address_that_only_reads_says_so_whatever_is_sent_to_it(scene: Scene, path: str, content_type: str) -> None:
    caller = Caller(scene.governor, csrf=True)
    caller.client.get("/")
    csrf = caller.client.cookies["csrftoken"].value
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        problem(caller.call(method, path, "a=b", content_type=content_type, X_CSRFToken=csrf), 405, "method")
    problem(caller.call("POST", "systems/", "a=b", content_type=content_type, X_CSRFToken=csrf), 415, "media_type")
