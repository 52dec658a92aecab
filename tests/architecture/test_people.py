"""Whoever names a person in a table says what becomes of it when their account closes: nothing is left to nobody."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import ForeignKey

from governance.access.models import User
from governance.web.handing_over import LEGACIES

OURS = ("governance", "inventory", "incidents")
HANDED_OVER = "handed over: "


def columns() -> Iterator[str]:
    """Every column of a table of ours that names a person."""
    for model in apps.get_models(include_auto_created=True):
        if not (model._meta.managed and model.__module__.startswith(OURS)):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, ForeignKey) and issubclass(User, field.related_model):
                yield f"{model._meta.label}.{field.name}"


def declared() -> dict[str, str]:
    page = tomllib.loads((Path(__file__).parent / "people.toml").read_text())
    return {
        f"{app}.{model}.{field}": said
        for app, models in page.items() for model, fields in models.items() for field, said in fields.items()
    }  # fmt: skip


def test_every_column_that_names_a_person_says_what_becomes_of_it() -> None:
    found = set(columns())
    assert len(found) > 100
    assert found - set(declared()) == set(), "say in people.toml what becomes of it when the account closes"
    assert set(declared()) - found == set()


def test_what_is_said_is_one_of_three_things() -> None:
    kinds = {legacy.key for legacy in LEGACIES if legacy.give}
    for column, said in declared().items():
        assert said in ("history", "own") or said.removeprefix(HANDED_OVER) in kinds, column


def test_every_kind_that_finds_a_successor_is_of_some_column() -> None:
    of_columns = {said.removeprefix(HANDED_OVER) for said in declared().values() if said.startswith(HANDED_OVER)}
    kinds = {legacy.key for legacy in LEGACIES if legacy.give}
    assert kinds - of_columns == {"systems"}, "systems are of the same column as roles: their owner's assignment"
