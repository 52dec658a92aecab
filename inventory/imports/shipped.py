"""The mappings a person may choose, checked against the words our systems know."""

from __future__ import annotations

from pathlib import Path

from inventory.imports.schema import MappingDocument, MappingFault, load, names, parse
from inventory.models import System

LARGEST_MAPPING = 256 * 1024
CHOICES: dict[str, frozenset[str]] = {
    "phase": frozenset(System.Phase.values),
    "origin": frozenset(System.Origin.values),
    "impact": frozenset(System.Impact.values),
    "own_role": frozenset(System.OwnRole.values),
    "personal_data": frozenset(System.Known.values),
}


def chosen(name: str) -> MappingDocument:
    """The mapping of that name. Raises MappingFault when there is none, or it maps to a word no system has."""
    return _known(load(name), name)


def own(path: Path) -> MappingDocument:
    """The mapping in a file of the user's own. Raises MappingFault as `chosen` does, also for a file out of reach."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_MAPPING + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise MappingFault(path.name, [f"line 1: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MappingFault(path.name, [f"line {line}: is no UTF-8"]) from error
    if len(content) > LARGEST_MAPPING:
        raise MappingFault(path.name, [f"line 1: has more than {LARGEST_MAPPING:,} bytes"])
    return _known(parse(text, name=path.name), path.name)


def _known(mapping: MappingDocument, name: str) -> MappingDocument:
    if strangers := mapping.strangers(CHOICES):
        raise MappingFault(name, [f"no such word: {stranger}" for stranger in strangers])
    return mapping


def offered() -> list[MappingDocument]:
    """Every mapping, for a list to choose from."""
    return [chosen(name) for name in names()]
