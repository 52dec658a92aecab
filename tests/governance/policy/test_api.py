"""The pack in force over REST."""

from __future__ import annotations

import pytest

from tests.governance.policy import records
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def test_anybody_signed_in_reads_the_pack_in_force_with_its_questionnaire() -> None:
    pack = records.pack()
    body = good(Caller(records.person("olga")).get("policy/current/"))
    assert (body["pack"], body["version"], body["digest"]) == ("baseline", "2026.1", pack.digest)
    assert {question["id"] for question in body["questionnaire"]} == set(records.ANSWERS)
    assert {"value", "label", "level"} == set(body["questionnaire"][0]["options"][0])
    assert [stage["id"] for stage in body["stages"]] == [
        "technical-validation", "process-audit", "ethics-review", "release-approval",
    ]  # fmt: skip


def test_strangers_read_nothing() -> None:
    problem(Caller().get("policy/current/"), 401)


def test_before_a_pack_is_in_force_there_is_nothing() -> None:
    problem(Caller(records.person("olga")).get("policy/current/"), 404)


def test_a_parameter_is_refused() -> None:
    records.pack()
    problem(Caller(records.person("olga")).get("policy/current/?at=2020"), 400)
