"""The catalogue of controls: what can be said about the protection of a system or an asset, by id. Data, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Control:
    """One control; `of` says whether systems, assets or both have it."""

    id: str
    title: str
    asks: str
    of: tuple[str, ...]


@cache
def catalogue() -> dict[str, Control]:
    """Every control by id, in the order of the file."""
    source = yaml.safe_load((Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8"))
    return {line["id"]: Control(**{**line, "of": tuple(line["of"])}) for line in source["controls"]}


def controls_of(noun: str) -> list[Control]:
    """The controls a system or an asset has."""
    return [control for control in catalogue().values() if noun in control.of]
