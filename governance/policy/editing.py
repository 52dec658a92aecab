"""The values of a pack that change most, found in its YAML and put there anew: comments and order stay. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from governance.policy.schema import PackDocument

Place = tuple[str | int, ...]
Value = int | bool
VERSION: Place = ("version",)


@dataclass(frozen=True, slots=True)
class Setting:
    """One value a pack states: the name it is called by, where it stands, what it is about and what it says."""

    name: str
    place: Place
    title: str
    value: Value


def settings(document: PackDocument, source: str) -> tuple[Setting, ...]:
    """What may be edited without touching the YAML: only what is written there, for nothing is put in between."""
    written = dict(_scalars(_composed(source)))
    return tuple(setting for setting in _known(document) if setting.place in written)


def rewritten(source: str, values: Mapping[Place, str | Value]) -> str:
    """The YAML with other values at these places; every other character stays as it is. Raises KeyError."""
    written = dict(_scalars(_composed(source)))
    marked = sorted(((written[place], value) for place, value in values.items()), key=_begin, reverse=True)
    for node, value in marked:
        source = f"{source[: node.start_mark.index]}{json.dumps(value)}{source[node.end_mark.index :]}"
    return source


def _known(document: PackDocument) -> Iterator[Setting]:
    for tier in document.tiers.order:
        if (days := document.approvals.validity_days.get(tier.id)) is not None:
            name, place = f"approvals.validity_days.{tier.id}", ("approvals", "validity_days", tier.id)
            yield Setting(name, place, f"An approval lasts, in days: {tier.title}", days)
    for number, severity in enumerate(document.findings.severities if document.findings else ()):
        name, line = f"findings.severities.{severity.id}", ("findings", "severities", number)
        told = f"{severity.title} finding"
        yield Setting(f"{name}.due_days", (*line, "due_days"), f"{told}: answered within, in days", severity.due_days)
        yield Setting(f"{name}.blocking", (*line, "blocking"), f"{told}: closes the gate while open", severity.blocking)
        yield Setting(
            f"{name}.blocking_when_overdue", (*line, "blocking_when_overdue"),
            f"{told}: closes the gate when overdue", severity.blocking_when_overdue,
        )  # fmt: skip
    if document.access:
        days = document.access.deputy_days
        yield Setting("access.deputy_days", ("access", "deputy_days"), "A deputy stands in for, in days", days)
    if document.cover and document.cover.delegation_days is not None:
        days = document.cover.delegation_days
        yield Setting(
            "cover.delegation_days", ("cover", "delegation_days"), "A role is lent for at most, in days", days
        )
    for number, limit in enumerate(document.cover.longest_open if document.cover else ()):
        where = " and ".join((*limit.stages, *(f"tier {tier}" for tier in limit.tiers))) or "everywhere else"
        yield Setting(
            f"cover.longest_open.{number + 1}.days", ("cover", "longest_open", number, "days"),
            f"A review may sit open, in days: {where}", limit.days,
        )  # fmt: skip


def _begin(marked: tuple[yaml.Node, str | Value]) -> int:
    return int(marked[0].start_mark.index)


def _composed(source: str) -> yaml.Node:
    node = yaml.compose(source, Loader=yaml.SafeLoader)
    if node is None:
        raise ValueError("an empty pack")
    return node


def _scalars(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, (*place, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _scalars(item, (*place, number))
    else:
        yield place, node
