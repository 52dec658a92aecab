"""The description of the API as people read it: groups of operations with what they take and answer. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 4
MOST_WORDS = 12
_PREFIX = "/api/v1/"
_PROBLEM = "application/problem+json"

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One value of a body, an answer or an address; `name` holds the whole path of a nested one."""

    name: str
    kind: str
    text: str
    required: bool = False
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """One way a call can end well, or with a document of its own."""

    status: int
    title: str
    text: str
    fields: tuple[Field, ...]
    media: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    key: str
    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[Answer, ...]
    problems: tuple[int, ...]
    example: str


@dataclass(frozen=True)
class Chapter:
    """The operations on one noun."""

    name: str
    operations: tuple[Operation, ...]


def chapters(description: Schema, *, address: str) -> tuple[Chapter, ...]:
    """The whole description by noun, in the order of the alphabet; `address` stands in the examples."""
    found: dict[str, list[Operation]] = {}
    for path, item in sorted(description["paths"].items()):
        for method in METHODS:
            if method in item:
                noun = item[method].get("tags", ["other"])[0]
                found.setdefault(noun, []).append(_operation(description, path, method, item[method], address))
    return tuple(Chapter(noun, tuple(operations)) for noun, operations in sorted(found.items()))


def title(status: int) -> str:
    """What a status is called."""
    return HTTPStatus(status).phrase


def _operation(description: Schema, path: str, method: str, raw: Schema, address: str) -> Operation:
    summary, _, text = str(raw.get("description", "")).partition("\n")
    if raw.get("summary"):
        summary, text = str(raw["summary"]), str(raw.get("description", ""))
    answers, problems = [], []
    for status, answer in sorted(raw["responses"].items()):
        media = answer.get("content", {})
        if set(media) == {_PROBLEM}:
            problems.append(int(status))
            continue
        shape = media.get("application/json", {}).get("schema", {})
        fields = tuple(_fields(description, shape))
        answers.append(Answer(int(status), title(int(status)), answer.get("description", ""), fields, tuple(media)))
    body = raw.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return Operation(
        key=re.sub(r"[^a-z0-9]+", "-", str(raw["operationId"]).lower()),
        method=method.upper(),
        path=path,
        summary=summary.strip(),
        text=text.strip(),
        parameters=tuple(_parameter(description, each) for each in raw.get("parameters", ())),
        body=tuple(_fields(description, body)) if body else (),
        answers=tuple(answers),
        problems=tuple(problems),
        example=_example(description, path, method, raw, body, address),
    )


def _parameter(description: Schema, raw: Schema) -> Field:
    shape = raw.get("schema", {})
    return Field(
        raw["name"], kind(description, shape), str(raw.get("description", "")), bool(raw.get("required")), raw["in"]
    )


def _resolved(description: Schema, shape: Schema) -> Schema:
    while "$ref" in shape or len(shape.get("allOf", ())) == 1:
        if "$ref" in shape:
            shape = description["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        else:
            shape = shape["allOf"][0]
    return shape


def _fields(description: Schema, shape: Schema, above: str = "", depth: int = 0) -> Iterator[Field]:
    """Every value of a document, those of documents within it under their own paths."""
    shape = _resolved(description, _one_of(shape))
    if shape.get("type") == "array":
        yield from _fields(description, shape.get("items", {}), f"{above}[]" if above else above, depth)
        return
    required = set(shape.get("required", ()))
    for name, value in shape.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        yield Field(path, kind(description, value), str(value.get("description", "")), name in required)
        if depth < DEEPEST:
            yield from _fields(description, value, path, depth + 1)


def _one_of(shape: Schema) -> Schema:
    """The part of a value that may also be null which says what it is otherwise."""
    for alternative in (*shape.get("oneOf", ()), *shape.get("anyOf", ())):
        if alternative.get("type") != "null" and ("$ref" in alternative or alternative.get("properties")):
            return dict(alternative)
    return shape


def kind(description: Schema, shape: Schema) -> str:
    """What a value is, in words: type, form, the words it may be."""
    shape = _resolved(description, shape)
    choices = shape.get("oneOf") or shape.get("anyOf")
    if choices:
        return " or ".join(dict.fromkeys(kind(description, choice) for choice in choices))
    if words := shape.get("enum"):
        shown = ", ".join("empty" if word == "" else str(word) for word in words[:MOST_WORDS])
        return f"one of: {shown}{', …' if len(words) > MOST_WORDS else ''}"
    types = shape.get("type", "object" if shape.get("properties") else "any")
    return " or ".join(_named(description, name, shape) for name in ([types] if isinstance(types, str) else types))


def _named(description: Schema, name: str, shape: Schema) -> str:
    if name == "array":
        return f"list of {kind(description, shape.get('items', {}))}"
    if name == "string" and shape.get("format"):
        form = str(shape["format"])
        return {"date-time": "instant", "date": "day", "uri": "address"}.get(form, form)
    limit = f", at most {shape['maxLength']} characters" if name == "string" and "maxLength" in shape else ""
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(name, name) + limit


def _sample(description: Schema, shape: Schema, depth: int = 0) -> Any:
    """A value of the right form, to stand in an example."""
    shape = _resolved(description, _one_of(shape))
    if "default" in shape:
        return shape["default"]
    if words := shape.get("enum"):
        return next((word for word in words if word), words[0])
    if choices := shape.get("oneOf") or shape.get("anyOf"):
        return _sample(description, choices[0], depth)
    name = shape.get("type", "object")
    name = name if isinstance(name, str) else next(each for each in name if each != "null")
    if name == "array":
        return [_sample(description, shape.get("items", {}), depth + 1)] if depth < DEEPEST else []
    if name == "object":
        required = set(shape.get("required", ()))
        wanted = {key: value for key, value in shape.get("properties", {}).items() if key in required or not required}
        return {key: _sample(description, value, depth + 1) for key, value in wanted.items()}
    if name == "string":
        return {"date-time": "2027-03-31T00:00:00Z", "date": "2027-03-31"}.get(shape.get("format", ""), "…")
    return {"integer": 1, "number": 1.0, "boolean": True}.get(name)


def _example(description: Schema, path: str, method: str, raw: Schema, body: Schema | None, address: str) -> str:
    """A command line that makes the call; what stands in capitals is for the reader to fill in."""
    where = address + re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), path)
    asked = [each for each in raw.get("parameters", ()) if each["in"] == "query" and each.get("required")]
    if asked:
        where += "?" + "&".join(f"{each['name']}={each['name'].upper()}" for each in asked)
    lines = [f"curl --fail-with-body{'' if method == 'get' else f' -X {method.upper()}'} '{where}'"]
    lines.append("-H 'Authorization: Bearer TOKEN'")
    headers = (each for each in raw.get("parameters", ()) if each["in"] == "header" and each.get("required"))
    lines += [f"-H '{each['name']}: {each['name'].upper()}'" for each in headers]
    if body is not None:
        lines.append("-H 'Content-Type: application/json'")
        sample = json.dumps(_sample(description, body), indent=2, ensure_ascii=False).replace("'", "’")
        lines.append(f"-d '{sample}'")
    return " \\\n  ".join(lines)
