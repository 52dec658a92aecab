"""The metric catalogue: what can be measured on a release, by id. Data, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure; `direction` says which way is better."""

    id: str
    title: str
    formula: str
    unit: str
    direction: Literal["higher", "lower"]


@cache
def catalogue() -> dict[str, Metric]:
    """Every metric by id, in the order of the file."""
    source = yaml.safe_load((Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8"))
    return {line["id"]: Metric(**line) for line in source["metrics"]}
