"""COPY writes what `save()` would: every sign, every default, nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from governance.database.clock import portal_now
from governance.database.copying import Lines, copy_in
from governance.ledger.acting import Command, Door, acting
from inventory.models import System, Unit

pytestmark = pytest.mark.django_db

HARD = 'a\tb\nc\rd\\e \\N "quoted" \\t é 𝔘 \u2028 \x0b'


@pytest.fixture
def shared() -> dict[str, Any]:
    now = portal_now()
    with acting(Command("test"), door=Door.COMMAND, verb="inventory.import"):
        unit = Unit.objects.create(name="Office", slug="office")
    return {"unit_id": unit.pk, "created_at": now, "updated_at": now}


def copied(columns: tuple[str, ...], rows: list[tuple[object, ...]], shared: dict[str, Any]) -> list[System]:
    with acting(Command("test"), door=Door.COMMAND, verb="inventory.import"):
        keys = copy_in(System, columns, rows, len(rows), shared=shared)
    found = System.objects.in_bulk(keys)
    return [found[key] for key in keys]


def test_every_sign_arrives_as_it_was(shared: dict[str, Any]) -> None:
    texts = {HARD: HARD, "\t": "\\", "\\.": "\n"}
    said = {"regimes": [{"clause": HARD, "n": [1, None, True]}], "links": (HARD,), "responsibilities": texts}
    (system,) = copied(("slug", "name", *said), [("hard", HARD, *said.values())], shared)
    assert system.name == HARD
    assert (system.regimes, system.links, system.responsibilities) == (said["regimes"], [HARD], texts)


def test_what_a_row_leaves_out_gets_the_default_of_the_field(shared: dict[str, Any]) -> None:
    (copy,) = copied(("slug", "name", "phase"), [("copied", "One", System.Phase.PILOT)], shared)
    with acting(Command("test"), door=Door.COMMAND, verb="inventory.import"):
        saved = System.objects.create(slug="saved", name="One", phase=System.Phase.PILOT, **shared)
    saved.refresh_from_db()
    same = [field.attname for field in System._meta.concrete_fields if field.attname not in ("id", "slug", "search")]
    assert [getattr(copy, name) for name in same] == [getattr(saved, name) for name in same]


def test_keys_come_in_the_order_of_the_rows_however_many_statements_it_takes(
    shared: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.database.copying.PART", 3)
    monkeypatch.setattr("governance.database.copying._BLOCK", 2)
    found = copied(("slug", "name"), [(f"s{n}", f"S{n}") for n in range(8)], shared)
    assert [system.name for system in found] == [f"S{n}" for n in range(8)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_event WHERE table_name = 'inventory_system' AND op = 'I'")
        assert cursor.fetchone() == (8,)


def test_a_column_nobody_has_and_a_value_nobody_can_write_are_refused() -> None:
    with pytest.raises(KeyError):
        Lines(System, ("colour",), {})
    with pytest.raises(KeyError):
        Lines(System, ("name",), {"colour": "red"})
    with pytest.raises(TypeError):
        list(Lines(System, ("name",), {"slug": "s", "unit_id": 1}).of([(1, (b"bytes",))]))
