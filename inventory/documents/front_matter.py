"""The YAML above a model card: read without trusting it. Pure; every error is named, memory and time are bounded."""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.events import AliasEvent

FRONT_MATTER = "front-matter"
LONGEST = 50_000
DEEPEST = 12
MOST_EVENTS = 20_000


class FrontMatterError(ValueError):
    """What is wrong with it, with the line where that is known."""


class _Loader(yaml.SafeLoader):
    """Plain data only; a key that stands twice is refused, dates stay text."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are texts and differ."""
        seen = set[object]()
        for where, _ in node.value:
            key = self.construct_object(where, deep=True)
            if not isinstance(key, str | int | float | bool):
                raise ConstructorError(None, None, "a key that is no word", where.start_mark)
            if key in seen:
                raise ConstructorError(None, None, f"“{key}” stands twice", where.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


# Norwegian is “no”, not false; dates stay as they are written.
_PLAIN = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"}
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, expression) for tag, expression in resolvers if tag not in _PLAIN]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read(text: str) -> dict[str, Any]:
    """The front matter as data. Raises FrontMatterError."""
    if len(text) > LONGEST:
        raise FrontMatterError(f"The front matter is longer than {LONGEST} characters.")
    if not text.strip():
        return {}
    try:
        _bounded(text)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader with more refusals
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"Line {mark.line + 1} of the front matter" if mark else "The front matter"
        raise FrontMatterError(f"{line} is no YAML: {getattr(error, 'problem', None) or 'unreadable'}.") from error
    except FrontMatterError:
        raise
    except (ValueError, RecursionError, LookupError, AttributeError, TypeError) as error:  # a tag unlike its value
        raise FrontMatterError("The front matter holds a value that cannot be read.") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise FrontMatterError(f"The front matter is a {_kind(data)}, not names with values.")
    return {str(key): value for key, value in data.items()}


def problem_of(text: str) -> str:
    """The sentence about what is wrong, empty when nothing is."""
    try:
        read(text)
    except FrontMatterError as error:
        return str(error)
    return ""


def _bounded(text: str) -> None:
    """Refuse aliases, which can blow up, and nesting nobody writes."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        if isinstance(event, AliasEvent):
            raise FrontMatterError("The front matter uses an alias, which is not followed here.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or count > MOST_EVENTS:
            raise FrontMatterError("The front matter is nested too deeply or has too many values.")


def _kind(data: object) -> str:
    return "list" if isinstance(data, list) else "single value"
