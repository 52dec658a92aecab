"""Evaluation results read: the newest of each kind, beside the last approved release, and out of a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.inputs import InvalidInput, unreadable
from inventory import queries
from inventory.metrics import Metric, catalogue
from inventory.models import Evaluation, Release
from inventory.services.evaluations import FIELDS, MOST

LARGEST_FILE = 1_000_000


def newest_of(release: Release) -> tuple[Evaluation, ...]:
    """The newest result of each metric, slice and method, in the order of the catalogue."""
    rows = (
        Evaluation.objects.filter(release=release)
        .order_by("metric", "slice", "method", "-id")
        .distinct("metric", "slice", "method")
    )
    order = {name: place for place, name in enumerate(catalogue())}
    return tuple(sorted(rows, key=lambda row: (order.get(row.metric, len(order)), row.slice, row.method)))


@dataclass(frozen=True, slots=True)
class Compared:
    """A result beside that of the last approved release: `change` is better, worse, same or empty."""

    result: Evaluation
    metric: Metric | None
    before: Evaluation | None

    @property
    def change(self) -> str:
        """Which way it went, by the direction of the metric."""
        if self.before is None:
            return ""
        if self.result.value == self.before.value:
            return "same"
        up = self.result.value > self.before.value
        return "better" if up == (self.result.direction == "higher") else "worse"


def compared(release: Release) -> tuple[list[Compared], Release | None]:
    """Every newest result of a release, each with the same one of the release approved before it."""
    earlier = queries.last_approved_before(release)
    before = {(row.metric, row.slice, row.method): row for row in newest_of(earlier)} if earlier else {}
    metrics = catalogue()
    rows = [
        Compared(row, metrics.get(row.metric), before.get((row.metric, row.slice, row.method)))
        for row in newest_of(release)
    ]
    return rows, earlier


def from_file(text: str) -> list[Mapping[str, Any]]:
    """The results of a JSON list or of a CSV file with a header. Raises InvalidInput `results` naming the line."""
    if len(text) > LARGEST_FILE:
        raise InvalidInput({"results": [f"Is larger than {LARGEST_FILE:,} characters."]})
    text = text.removeprefix("\ufeff")
    if sentence := unreadable(text, lines=True):
        raise InvalidInput({"results": [sentence]})
    return _from_json(text) if text.lstrip()[:1] in {"[", "{"} else _from_csv(text)


def _from_json(text: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput({"results": [f"Is no JSON: {str(error)[:200]}"]}) from error
    if isinstance(found, dict) and set(found) == {"results"}:
        found = found["results"]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise InvalidInput({"results": ["Must be a list of objects."]})
    return found


def _from_csv(text: str) -> list[Mapping[str, Any]]:
    lines = csv.reader(io.StringIO(text), strict=True)
    rows: list[Mapping[str, Any]] = []
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        unknown = sorted({name[:60] or "(empty)" for name in header} - set(FIELDS))
        if not header or unknown or len(set(header)) != len(header):
            known = ", ".join(FIELDS)
            what = f"does not know {', '.join(unknown)}" if unknown else "is missing or names a column twice"
            raise InvalidInput({"results": [f"Line 1: the header {what}; known are {known}."]})
        for row in lines:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise InvalidInput(
                    {"results": [f"Line {lines.line_num}: has {len(row)} cells, the header {len(header)}."]}
                )
            rows.append({name: cell.strip() for name, cell in zip(header, row, strict=True)})
            if len(rows) > MOST:
                raise InvalidInput({"results": [f"Holds more than {MOST} results."]})
    except csv.Error as error:
        raise InvalidInput({"results": [f"Line {lines.line_num}: {error}."]}) from error
    return rows
