"""A migration that reshapes a governed table leaves the ledger whole, and blesses nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.models import Value
from django.db.models.functions import Concat

from governance.ledger.models import Event
from governance.ledger.shapes import record_shapes
from governance.ledger.verification import verify
from inventory.models import Unit
from tests.governance.ledger.people import at_work, make_system, make_unit

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
Owner = psycopg.Connection[Any]
MIGRATING = 'SET ledger.acting = \'{"actor_kind":"system","actor_name":"system:migrate","verb":"portal.migrate"}\''


@pytest.fixture
def migrate(owner_connection: Owner) -> Callable[..., None]:
    """Run statements as a migration would, then what follows every migration."""

    def run(*statements: str) -> None:
        with owner_connection.transaction():
            owner_connection.execute(MIGRATING)
            for statement in statements:
                owner_connection.execute(statement)
        record_shapes(connections["owner"])

    return run


def places() -> list[tuple[str, str, str]]:
    """Where verification finds differences."""
    return [(each.table, each.key, each.field) for each in verify().differences]


def test_a_table_whose_shape_is_unchanged_gets_no_schema_event(migrate: Callable[..., None]) -> None:
    count = Event.objects.count()
    migrate()
    assert Event.objects.count() == count


@pytest.mark.parametrize(
    "statements",
    [
        ["ALTER TABLE inventory_unit ADD COLUMN colour text"],
        ["ALTER TABLE inventory_unit ADD COLUMN colour text NOT NULL DEFAULT 'red'"],
        ["ALTER TABLE inventory_unit ADD COLUMN code uuid NOT NULL DEFAULT gen_random_uuid()"],
        ["ALTER TABLE inventory_unit ADD COLUMN colour text", "UPDATE inventory_unit SET colour = 'c' || id"],
        ["ALTER TABLE inventory_unit RENAME COLUMN slug TO label"],
        ["ALTER TABLE inventory_unit DROP COLUMN slug CASCADE"],
        ["ALTER TABLE inventory_externalid ALTER COLUMN value TYPE int USING value::int"],
        [
            "ALTER TABLE inventory_unit RENAME COLUMN slug TO label",
            "ALTER TABLE inventory_unit ADD COLUMN colour text DEFAULT 'red'",
            "UPDATE inventory_unit SET colour = 'blue' WHERE id = (SELECT min(id) FROM inventory_unit)",
        ],
    ],
)
def test_a_reshaped_table_still_verifies(migrate: Callable[..., None], statements: list[str]) -> None:
    system = make_system()
    make_unit()
    with at_work():
        Unit.objects.update(name=Concat("name", Value("!")))
        system.external_ids.create(source="a", value="1")
        system.external_ids.create(source="a", value="22")
    migrate(*statements)
    assert verify().differences == []


def test_rows_written_after_the_migration_verify_too(
    migrate: Callable[..., None], app_connection: Callable[..., Owner]
) -> None:
    unit = make_unit()
    migrate("ALTER TABLE inventory_unit ADD COLUMN colour text NOT NULL DEFAULT 'red'")
    app = app_connection(autocommit=True)
    app.execute("UPDATE inventory_unit SET name = 'Later' WHERE id = %s", [unit.pk])
    app.execute("INSERT INTO inventory_unit (name, slug, colour) VALUES ('New', 'new', 'blue')")
    assert verify().differences == []
    migrate("ALTER TABLE inventory_unit ADD COLUMN size int DEFAULT 3")
    assert verify().differences == []


def test_tampering_before_a_migration_is_not_blessed_by_it(
    migrate: Callable[..., None], owner_connection: Owner
) -> None:
    unit = make_unit("Retail")
    owner_connection.execute("ALTER TABLE inventory_unit DISABLE TRIGGER USER")
    owner_connection.execute("UPDATE inventory_unit SET name = 'Treasury'")
    owner_connection.execute("ALTER TABLE inventory_unit ENABLE TRIGGER USER")
    migrate("ALTER TABLE inventory_unit ADD COLUMN code uuid NOT NULL DEFAULT gen_random_uuid()")
    assert places() == [("inventory_unit", str(unit.pk), "name")]


def test_tampering_with_the_new_column_is_found(migrate: Callable[..., None], owner_connection: Owner) -> None:
    unit = make_unit()
    migrate("ALTER TABLE inventory_unit ADD COLUMN colour text NOT NULL DEFAULT 'red'")
    owner_connection.execute("ALTER TABLE inventory_unit DISABLE TRIGGER USER")
    owner_connection.execute("UPDATE inventory_unit SET colour = 'blue'")
    assert places() == [("inventory_unit", str(unit.pk), "colour")]


def test_a_reshaped_evidence_table_verifies_in_both_shapes(
    migrate: Callable[..., None], owner_connection: Owner, app_connection: Callable[..., Owner]
) -> None:
    app = app_connection(autocommit=True)
    app.execute("SELECT ledger_deny('conflict', 'before', '[]')")
    migrate("ALTER TABLE ledger_denial ADD COLUMN weight int NOT NULL DEFAULT 3")
    app.execute("SELECT ledger_deny('conflict', 'after', '[]')")
    assert verify().differences == []
    owner_connection.execute("ALTER TABLE ledger_denial DISABLE TRIGGER USER")
    owner_connection.execute("UPDATE ledger_denial SET code = 'x' WHERE code = 'before'")
    assert [each[0] for each in places()] == ["ledger_denial"]


def test_without_its_schema_event_a_new_column_is_a_difference(owner_connection: Owner) -> None:
    """The harness can fail: a reshaping nobody recorded is red."""
    unit = make_unit()
    owner_connection.execute("ALTER TABLE inventory_unit ADD COLUMN colour text DEFAULT 'red'")
    assert places() == [("inventory_unit", str(unit.pk), "colour")]
