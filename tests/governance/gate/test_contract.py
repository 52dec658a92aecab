"""What the gate answers to every kind of wrong question, and to whom it answers at all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from governance.access.models import Token, User
from governance.database.clock import portal_now
from governance.gate import services
from governance.gate.models import GateCheck
from governance.rest.description import description
from inventory.models import Assignment
from tests.clocks import Clock
from tests.governance.gate.asking import Pipeline, token
from tests.governance.policy import records
from tests.rest import problem

pytestmark = pytest.mark.django_db
QUESTION = {"system": "fraud-scorer", "release": "1.0", "environment": "production"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def owner() -> User:
    records.pack()
    person = records.person("olga")
    records.release(records.system(owner=person), person)
    return person


@pytest.fixture
def pipeline(owner: User) -> Pipeline:
    return Pipeline(token(owner, owner.assignments.get().system))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"environment": "production"},
        {"environment": "production", "release": "1.0"},
        {"environment": "production", "system": "fraud-scorer"},
        {"system": "fraud-scorer", "release": "1.0"},
        {**QUESTION, "environment": ""},
        {**QUESTION, "environment": "moon"},
        {**QUESTION, "at": "2026-01-01T00:00:00Z"},
        {**QUESTION, "purpose": "please"},
        {**QUESTION, "sha256": "AB" * 32},
        {**QUESTION, "sha256": "ab" * 31},
        {**QUESTION, "sha256": "md5:" + "ab" * 32},
        {**QUESTION, "sha256": f"{records.SHA}\n"},
        {**QUESTION, "sha256": "a" * 1_000},
        {**QUESTION, "nonce": "two words"},
        {**QUESTION, "nonce": ""},
        {**QUESTION, "nonce": "n" * 201},
        {**QUESTION, "enviroment": "production"},
        {**QUESTION, "release": "1.0\0"},
    ],
)
def test_a_malformed_question_is_refused_the_same_way_by_get_and_post(
    pipeline: Pipeline, question: dict[str, str]
) -> None:
    told = problem(pipeline.get(question), 400)
    asked = problem(pipeline.post(question), 400)
    assert set(told["errors"]) == set(asked["errors"]) != set()


def test_an_unknown_environment_is_told_the_names(pipeline: Pipeline) -> None:
    errors = problem(pipeline.get({**QUESTION, "environment": "moon"}), 400)["errors"]
    assert errors == {"environment": ["Must be one of: development, staging, canary, production."]}


@pytest.mark.parametrize(
    "body",
    [
        "{", "[]", "null", '"x"', "{}", '{"environment": NaN}', '{"environment": 1}', "[" * 100_000,
        '{"environment": "production", "environment": "canary"}', b"\xff\xfe", '{"nonce": "\\ud800"}',
        json.dumps({**QUESTION, "sha256": 7}), json.dumps({**QUESTION, "sha256": [records.SHA, None]}),
        json.dumps({**QUESTION, "sha256": ["ab" * 32] * 101}), json.dumps({**QUESTION, "pipeline": "x"}),
        json.dumps({**QUESTION, "pipeline": {"ulr": "x"}}), json.dumps({**QUESTION, "pipeline": {"url": 3}}),
        json.dumps({**QUESTION, "pipeline": {"url": "x" * 3000}}), json.dumps({**QUESTION, "release": True}),
        json.dumps({**QUESTION, "release": {"a": 1}}), json.dumps({**QUESTION, "nonce": 1.5}),
    ],
)  # fmt: skip
def test_a_body_that_is_no_question_is_refused(pipeline: Pipeline, body: str | bytes) -> None:
    problem(pipeline.post(body), 400)


def test_a_parameter_given_twice_is_refused(pipeline: Pipeline) -> None:
    twice = "/api/v1/gate/?system=fraud-scorer&release=1.0&release=2.0&environment=production"
    problem(pipeline.client.get(twice, headers=pipeline.headers), 400)  # type: ignore[arg-type]


def test_a_post_says_everything_in_its_body(pipeline: Pipeline) -> None:
    response = pipeline.client.post(
        "/api/v1/gate/?environment=canary", json.dumps(QUESTION), content_type="application/json",
        headers=pipeline.headers,
    )  # fmt: skip
    problem(response, 400)  # type: ignore[arg-type]


def test_an_idempotency_key_is_refused(pipeline: Pipeline) -> None:
    assert "Idempotency-Key" in problem(pipeline.post(QUESTION, Idempotency_Key="k"), 400)["errors"]


def test_other_types_and_sizes_are_refused(pipeline: Pipeline) -> None:
    problem(pipeline.post("a=b", content_type="application/x-www-form-urlencoded"), 415)
    problem(pipeline.post(json.dumps(QUESTION), content_type="text/plain"), 415)
    problem(pipeline.post(json.dumps({**QUESTION, "nonce": "x" * 2_000_000})), 413)
    problem(pipeline.get(QUESTION, Accept="image/png"), 406)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(pipeline: Pipeline, method: str) -> None:
    response = getattr(pipeline.client, method)("/api/v1/gate/", headers=pipeline.headers)
    assert response["Allow"] == "GET, POST"
    problem(response, 405)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic b2xnYTpwdw==", "Token abc", "Bearer csn_" + "0" * 72]
)
def test_without_an_accepted_token_there_is_only_401(owner: User, header: str | None) -> None:
    client = Pipeline(None)
    client.headers = {} if header is None else {"Authorization": header}
    for response in (client.get(QUESTION), client.post(QUESTION), client.get({"nonsense": "1"}), client.post("{")):
        problem(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_in_the_address_is_no_token(owner: User) -> None:
    text = token(owner, owner.assignments.get().system)  # type: ignore[arg-type]
    problem(Pipeline(None).get({**QUESTION, "token": text}), 401)


def test_an_ended_token_is_refused_at_its_instant(owner: User, clock: Clock) -> None:
    pipeline = Pipeline(token(owner, owner.assignments.get().system, days=5))  # type: ignore[arg-type]
    expiry = Token.objects.get().expiry
    clock.freeze(expiry - timedelta(microseconds=1))
    assert pipeline.get(QUESTION).status_code == 200
    clock.freeze(expiry)
    problem(pipeline.get(QUESTION), 401)


def test_a_revoked_token_and_one_whose_sponsor_left_are_refused(owner: User) -> None:
    system = owner.assignments.get().system
    assert system is not None
    other = records.person("vera")
    revoked, left = Pipeline(token(owner, system)), Pipeline(token(other, system))
    assert [revoked.get(QUESTION).status_code, left.get(QUESTION).status_code] == [200, 200]
    with records.write():
        Token.objects.filter(minted_by=owner).update(revoked_at=portal_now())
        User.objects.filter(pk=other.pk).update(is_active=False, closed_at=portal_now())
    for pipeline in (revoked, left):
        problem(pipeline.get(QUESTION), 401)
        problem(pipeline.post(QUESTION), 401)


def test_a_system_out_of_reach_answers_like_one_that_does_not_exist(owner: User, pipeline: Pipeline) -> None:
    records.release(records.system("hidden", owner=owner), owner)
    hidden = pipeline.get({**QUESTION, "system": "hidden"})
    unknown = pipeline.get({**QUESTION, "system": "nothing"})
    problem(hidden, 404)
    assert hidden.content == unknown.content
    assert pipeline.post({**QUESTION, "system": "hidden"}).content == unknown.content


def test_a_token_for_a_unit_reaches_the_systems_below_it(owner: User) -> None:
    system = owner.assignments.get().system
    assert system is not None
    assert Pipeline(token(owner, system.unit)).get(QUESTION).status_code == 200


def test_a_token_that_reaches_the_system_for_something_else_is_forbidden(owner: User) -> None:
    system = owner.assignments.get().system
    assert system is not None
    pipeline = Pipeline(token(owner, system, scopes=("release:write",)))
    assert problem(pipeline.get(QUESTION), 403)["code"] == "scope"
    assert problem(pipeline.post(QUESTION), 403)["code"] == "scope"


def test_a_signed_in_person_may_ask_with_the_right_and_the_csrf_token(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend=BACKEND)
    person = Pipeline(None, client)
    assert person.get(QUESTION).status_code == 200
    assert problem(person.post(QUESTION), 403)["code"] == "csrf"
    client.get(f"/releases/{owner.assignments.get().system.releases.get().pk}/")  # type: ignore[union-attr]
    csrf = client.cookies["csrftoken"].value
    assert person.post(QUESTION, X_CSRFToken=csrf).status_code == 409
    assert GateCheck.objects.get().asked_by == owner


def test_people_without_the_right_get_403_where_they_see_and_404_where_they_do_not(owner: User) -> None:
    viewer, outsider = records.person("vic"), records.person("otto")
    with records.write():
        Assignment.objects.create(
            person=viewer, role="viewer", system=owner.assignments.get().system, since=portal_now()
        )
    for person, status in ((viewer, 403), (outsider, 404)):
        client = Client()
        client.force_login(person, backend=BACKEND)
        problem(Pipeline(None, client).get(QUESTION), status)


def test_a_person_finds_by_digest_only_what_the_person_may_ask_for(owner: User) -> None:
    outsider = records.person("otto")
    for person, known in ((owner, True), (outsider, False)):
        client = Client()
        client.force_login(person, backend=BACKEND)
        document = Pipeline(None, client).get({"environment": "production", "sha256": records.SHA}).json()
        assert (document["release"] == "1.0") is known


def test_a_check_that_enforces_is_kept_and_a_report_is_not(pipeline: Pipeline) -> None:
    pipeline.get(QUESTION)
    assert GateCheck.objects.count() == 0
    run = {"url": "https://ci.example/7", "revision": "abc", "actor": "dev"}
    assert pipeline.post({**QUESTION, "sha256": records.SHA, "nonce": "n", "pipeline": run}).status_code == 409
    kept = GateCheck.objects.get()
    assert (kept.decision, kept.enforced, kept.environment, kept.purpose) == ("deny", True, "production", "deploy")
    assert (kept.sha256, kept.nonce, kept.pipeline, kept.asked_for) == ([records.SHA], "n", run, "fraud-scorer 1.0")
    assert "release-approval" in kept.unmet
    assert kept.token == Token.objects.get()
    assert kept.release is not None
    assert kept.pack is not None


def test_the_nonce_comes_back(pipeline: Pipeline) -> None:
    assert pipeline.get({**QUESTION, "nonce": "abc-123"}).json()["nonce"] == "abc-123"
    assert pipeline.get(QUESTION).json()["nonce"] is None


def test_text_begins_with_the_decision_and_has_a_line_for_each_obstacle(pipeline: Pipeline) -> None:
    response = pipeline.get(QUESTION, Accept="text/plain")
    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert lines[0] == "DENY fraud-scorer 1.0 to production"
    assert any(line.startswith("approval-current: The release is draft, not approved.") for line in lines[1:])
    assert pipeline.post(QUESTION, Accept="text/plain").status_code == 409


def test_whatever_breaks_is_no_allow(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(services, "answer", broken)
    for response in (pipeline.get(QUESTION), pipeline.post(QUESTION)):
        problem(response, 503)
        assert b"boom" not in response.content


def test_too_many_questions_are_refused_for_a_while(pipeline: Pipeline, settings: object) -> None:
    settings.GATE_CALLS_PER_MINUTE = 60  # type: ignore[attr-defined]
    statuses = [pipeline.get(QUESTION).status_code for _ in range(62)]
    assert statuses[:60] == [200] * 60
    assert statuses[60:] == [429, 429]
    assert int(pipeline.get(QUESTION)["Retry-After"]) >= 1


def test_answers_are_never_kept_by_caches(pipeline: Pipeline) -> None:
    assert pipeline.get(QUESTION)["Cache-Control"] == "no-store"


def test_the_description_says_what_the_gate_takes_and_gives(pipeline: Pipeline) -> None:
    api = description()
    address = api["paths"]["/api/v1/gate/"]
    assert set(address) == {"get", "post"}
    assert set(address["post"]["responses"]) >= {"200", "409", "400", "401", "403", "404", "413", "415", "429"}
    shape = api["components"]["schemas"]["GateAnswer"]["properties"]
    answer = pipeline.get(QUESTION).json()
    assert set(shape) == set(answer)
    assert set(api["components"]["schemas"]["GateRequirement"]["properties"]) == set(answer["requirements"][0])
