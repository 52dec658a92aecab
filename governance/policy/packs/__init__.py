"""Reading packs: YAML to a typed document, every error with its line; and the shipped packs beside this file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from governance import canonical
from governance.policy.consistency import Place, problems
from governance.policy.decide import Rules
from governance.policy.schema import SWITCHABLE, PackDocument

FOLDER = Path(__file__).parent
OVERLAYS = FOLDER / "overlays"
LARGEST = 1_000_000
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class PackError:
    """One thing wrong with a pack: the line of the file (1 is the first), the place in words, what is wrong."""

    line: int
    place: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}"
        return f"{where}: {self.place}: {self.message}" if self.place else f"{where}: {self.message}"


class PackInvalid(ValueError):  # noqa: N818  an answer to the author
    """A pack that cannot be read; `errors` says everything that is wrong."""

    def __init__(self, *errors: PackError) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def shipped(name: str) -> str:
    """The YAML of a shipped pack. Raises FileNotFoundError for a name we do not ship."""
    if name not in shipped_names():
        raise FileNotFoundError(f"no shipped pack is called {name!r}; there are: {', '.join(shipped_names())}")
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def shipped_names() -> tuple[str, ...]:
    """The packs that come with the portal."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def overlay_names() -> tuple[str, ...]:
    """The overlays that come with the portal; a pack states one by its name alone."""
    return tuple(sorted(path.stem for path in OVERLAYS.glob("*.yaml")))


def _laid_over(stated: object, lines: Mapping[Place, int]) -> object:
    """What a pack states as overlays, each name put in full: what is stored never changes with the portal's files."""
    if not isinstance(stated, list):
        return stated
    unknown = [
        (number, name) for number, name in enumerate(stated) if isinstance(name, str) and name not in overlay_names()
    ]
    if unknown:
        known = ", ".join(overlay_names())
        wrong = (
            _located(lines, ("overlays", at), f"there is no overlay “{name}”; known: {known}") for at, name in unknown
        )
        raise PackInvalid(*wrong)
    return [_overlay(each) if isinstance(each, str) else each for each in stated]


@cache
def _overlay(name: str) -> object:
    return _read((OVERLAYS / f"{name}.yaml").read_text(encoding="utf-8"))[0]


def parse(source: str) -> PackDocument:
    """Read a pack. Raises PackInvalid with the line of every error."""
    if len(source) > LARGEST:
        raise PackInvalid(PackError(1, "", f"a pack has at most {LARGEST} characters"))
    tree, lines = _read(source)
    if isinstance(tree, dict):
        tree = {key: None if key in SWITCHABLE and value is False else value for key, value in tree.items()}
        if "overlays" in tree:
            tree["overlays"] = _laid_over(tree["overlays"], lines)
    text = json.dumps(tree)
    try:
        document = PackDocument.model_validate_json(text)
    except ValidationError as error:
        raise PackInvalid(*(_located(lines, tuple(item["loc"]), item["msg"]) for item in error.errors())) from error
    wrong = problems(document)
    if wrong:
        raise PackInvalid(*(_located(lines, place, message) for place, message in wrong))
    return document


def stored(document: PackDocument) -> dict[str, Any]:
    """The document as it is stored and hashed: what its author wrote, without later defaults."""
    written: dict[str, Any] = document.model_dump(mode="json", exclude_unset=True)
    return written


def digest(document: PackDocument) -> str:
    """`sha256:` and the hash of the stored form."""
    return canonical.digest(stored(document))


_RULES: dict[str, Rules] = {}


def rules_of(expected: str, written: Mapping[str, object]) -> Rules:
    """The rules of a stored pack, parsed once per digest.

    Raises PackInvalid when the stored document does not have that digest or does not fit the schema.
    """
    known = _RULES.get(expected)
    if known is not None:
        return known
    if canonical.digest(written) != expected:
        raise PackInvalid(PackError(1, "", "the stored pack differs from its digest"))
    try:
        document = PackDocument.model_validate_json(json.dumps(written))
    except ValidationError as error:
        raise PackInvalid(*(_located({}, tuple(item["loc"]), item["msg"]) for item in error.errors())) from error
    wrong = problems(document)
    if wrong:
        raise PackInvalid(*(_located({}, place, message) for place, message in wrong))
    _RULES[expected] = Rules(document, expected)
    return _RULES[expected]


def known_rules(expected: str) -> Rules | None:
    """The rules of that digest if this process has parsed them already."""
    return _RULES.get(expected)


def _located(lines: Mapping[Place, int], place: Place, message: str) -> PackError:
    """The error at the nearest line known for its place."""
    known = place
    while known and known not in lines:
        known = known[:-1]
    words = ".".join(str(step) for step in place)
    return PackError(lines.get(known, 1), words, message)


def _read(source: str) -> tuple[object, dict[Place, int]]:
    """The YAML as plain values, with the line each place begins at. Aliases and repeated keys are refused."""
    lines: dict[Place, int] = {}
    try:
        _refuse_tricks(source)
        node = yaml.compose(source, Loader=yaml.SafeLoader)
        if node is None:
            raise PackInvalid(PackError(1, "", "the file is empty"))
        return _value(node, (), lines), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PackInvalid(PackError(mark.line + 1 if mark else 1, "", error.problem or str(error))) from error
    except yaml.YAMLError as error:
        raise PackInvalid(PackError(1, "", str(error))) from error


def _refuse_tricks(source: str) -> None:
    """Refuse aliases (a small file could name a huge value) and nesting nobody can read."""
    depth = 0
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PackInvalid(PackError(line, "", "write values out instead of aliases"))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise PackInvalid(PackError(line, "", "nested too deeply"))


def _value(node: yaml.Node, place: Place, lines: dict[Place, int]) -> object:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, number), lines) for number, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _scalar(key_node)
        if not isinstance(key, str):
            raise PackInvalid(PackError(line, "", f"the key {key!r} is no text; put it in quotes"))
        if key in values:
            raise PackInvalid(PackError(line, "", f"the key “{key}” stands twice"))
        lines[(*place, key)] = line
        values[key] = _value(value_node, (*place, key), lines)
    return values


def _scalar(node: yaml.Node) -> object:
    """A single value; dates and instants in the one form JSON has for them, fractions refused."""
    line = node.start_mark.line + 1
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_object(node)
    except ValueError as error:
        raise PackInvalid(PackError(line, "", str(error))) from error
    except (LookupError, AttributeError, TypeError) as error:
        raise PackInvalid(PackError(line, "", "a value that does not fit its tag")) from error
    finally:
        loader.dispose()
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return value
    raise PackInvalid(PackError(line, "", f"{type(value).__name__} values have no place in a pack"))
