"""The mappings a person may choose, checked against the words our systems know."""

from __future__ import annotations

from inventory.imports.schema import MappingDocument, MappingFault, load, names
from inventory.models import System

CHOICES: dict[str, frozenset[str]] = {
    "phase": frozenset(System.Phase.values),
    "origin": frozenset(System.Origin.values),
    "impact": frozenset(System.Impact.values),
    "own_role": frozenset(System.OwnRole.values),
    "personal_data": frozenset(System.Known.values),
}


def chosen(name: str) -> MappingDocument:
    """The mapping of that name. Raises MappingFault when there is none, or it maps to a word no system has."""
    mapping = load(name)
    if strangers := mapping.strangers(CHOICES):
        raise MappingFault(name, [f"no such word: {stranger}" for stranger in strangers])
    return mapping


def offered() -> list[MappingDocument]:
    """Every mapping, for a list to choose from."""
    return [chosen(name) for name in names()]
