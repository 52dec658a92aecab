"""Every transition of every machine stands on one page written by hand, and nothing stands there that is not code."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

from django.apps import apps

from governance.lifecycle import Machine

Table = dict[str, dict[str, dict[str, set[str]]]]


def machines() -> list[Machine[object]]:
    """Every machine that a `lifecycle` module of an application holds, each once."""
    found: dict[str, Machine[object]] = {}
    for config in apps.get_app_configs():
        if not config.name.startswith(("governance", "inventory", "incidents")):
            continue
        if not (Path(config.path) / "lifecycle.py").exists():
            continue
        module = importlib.import_module(f"{config.name}.lifecycle")
        found |= {m.noun: m for m in vars(module).values() if isinstance(m, Machine)}
    return list(found.values())


def written() -> Table:
    page = tomllib.loads((Path(__file__).parent / "transitions.toml").read_text())
    return {
        noun: {verb: {source: set(targets) for source, targets in row.items()} for verb, row in verbs.items()}
        for noun, verbs in page.items()
    }


def test_the_machines_and_the_page_agree() -> None:
    coded: Table = {
        machine.noun: {
            verb: {str(source): {str(target) for target in transition.targets} for source in transition.sources}
            for verb, transition in machine.transitions.items()
        }
        for machine in machines()
    }
    assert coded == written()
