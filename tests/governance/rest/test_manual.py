"""The manual of the API says everything the description says, as plain pages."""

from __future__ import annotations

import shlex

import pytest

from governance.rest import manual
from governance.rest.description import description
from governance.rest.pages import _EXPLAINED, chapters
from tests.inventory.scene import build
from tests.rest import Caller

METHODS = {"get", "post", "put", "patch", "delete"}


def operations() -> list[manual.Operation]:
    return [operation for chapter in chapters() for operation in chapter.operations]


def test_every_operation_of_the_description_is_in_it_once() -> None:
    told = [(operation.path, operation.method.lower()) for operation in operations()]
    described = [(path, name) for path, item in description()["paths"].items() for name in item if name in METHODS]
    assert sorted(told) == sorted(described)
    keys = [operation.key for operation in operations()]
    assert len(keys) == len(set(keys))


def test_every_operation_says_what_it_does_and_every_problem_is_explained() -> None:
    assert [operation.path for operation in operations() if not operation.summary] == []
    assert {status for operation in operations() for status in operation.problems} <= set(_EXPLAINED)


def test_every_example_is_one_command_a_shell_reads() -> None:
    for operation in operations():
        words = shlex.split(operation.example)
        assert words[0] == "curl"
        assert "Authorization: Bearer TOKEN" in words
        assert ("-d" in words) == bool(operation.body), operation.path


def test_nested_values_stand_under_their_own_paths() -> None:
    described = next(each for each in operations() if each.key == "systems-releases-create-release")
    names = {field.name: field for field in described.body}
    assert {"version", "artifacts", "artifacts[].sha256"} <= set(names)
    assert names["version"].required
    assert names["artifacts"].kind.startswith("list of")


def test_a_description_that_refers_to_itself_comes_to_an_end() -> None:
    node = {"type": "object", "properties": {"below": {"$ref": "#/components/schemas/Node"}}}
    answers = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}}
    raw = {"operationId": "nodes", "tags": ["nodes"], "responses": answers}
    found = manual.chapters(
        {"paths": {"/nodes/": {"get": raw}}, "components": {"schemas": {"Node": node}}}, address="http://here"
    )
    assert found[0].operations[0].answers[0].fields[-1].name == ".".join(["below"] * (manual.DEEPEST + 1))


@pytest.mark.django_db
def test_its_pages_need_a_person_and_no_script() -> None:
    developer = Caller(build().developer)
    assert Caller().get("/api/docs/").status_code == 302
    for path in ("/api/docs/", *(f"/api/docs/{chapter.name}/" for chapter in chapters())):
        page = developer.get(path, Accept="text/html")
        assert page.status_code == 200, path
        assert "unsafe-inline" not in page["Content-Security-Policy"]
        assert b"<script>" not in page.content
        assert b" style=" not in page.content
    assert developer.get("/api/docs/nothing/", Accept="text/html").status_code == 404


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"type": ["string", "null"], "format": "date-time"}, "instant or null"),
        ({"type": "array", "items": {"type": "integer"}}, "list of whole number"),
        ({"enum": ["", "a"]}, "one of: empty, a"),
        ({"oneOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]}, "text, at most 3 characters or null"),
    ],
)
def test_kinds_are_said_in_words(shape: manual.Schema, words: str) -> None:
    assert manual.kind({}, shape) == words
