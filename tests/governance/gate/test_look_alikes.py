"""An approved release is allowed under its own name and with its own bytes only."""

from __future__ import annotations

import pytest

from tests.governance.gate.asking import Pipeline, token
from tests.governance.policy import records

pytestmark = pytest.mark.django_db
QUESTION = {"system": "fraud-scorer", "release": "1.0", "environment": "production"}


@pytest.fixture
def pipeline() -> Pipeline:
    """A pipeline whose release is approved."""
    records.pack()
    person = records.person("olga")
    of = records.system(owner=person)
    release = records.release(of, person)
    records.submission(release, person, state="approved")
    return Pipeline(token(person, of))


def test_the_harness_gets_an_allow(pipeline: Pipeline) -> None:
    assert pipeline.post(QUESTION).status_code == 200
    assert pipeline.post({**QUESTION, "sha256": ["sha256:" + records.SHA]}).status_code == 200


@pytest.mark.parametrize(
    "difference",
    [
        {"system": "Fraud-Scorer"},
        {"system": "fraud‐scorer"},
        {"release": "１.0"},
        {"release": "01.0"},
        {"environment": "Production"},
        {"environment": "prоduction"},
        {"sha256": [records.SHA, records.OTHER_SHA]},
        {"sha256": [records.SHA, "sha256:" + records.OTHER_SHA]},
        {"sha256": ["sha256:sha256:" + records.SHA]},
        {"sha256": [records.SHA.upper()]},
        {"sha256": [records.SHA, None]},
        {"sha256": {"0": records.SHA}},
    ],
)
def test_what_only_looks_alike_is_not_allowed(pipeline: Pipeline, difference: dict[str, object]) -> None:
    answer = pipeline.post({**QUESTION, **difference})
    assert answer.status_code in {400, 404, 409}, answer.content
    assert b'"allow"' not in answer.content


@pytest.mark.parametrize(
    "body",
    [
        '{"system": "fraud-scorer", "release": "9", "release": "1.0", "environment": "production"}',
        '{"system": "fraud-scorer", "release": "1.0", "environment": "production", "sha256": ["%s"], "sha256": []}',
        '{"system": "fraud-scorer", "release": "1.0", "environment": "staging", "environment": "production"}',
    ],
)
def test_a_question_that_says_something_twice_is_not_allowed(pipeline: Pipeline, body: str) -> None:
    assert pipeline.post(body.replace("%s", records.OTHER_SHA)).status_code == 400
