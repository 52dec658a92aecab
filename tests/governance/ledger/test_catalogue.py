"""Declarations against the database: every table has a class, every defence stands as declared."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection

from governance.ledger.catalogue import faults
from governance.ledger.verification import defences


@pytest.mark.django_db
def test_every_table_has_a_class_and_every_defence_stands_as_declared() -> None:
    assert faults(connection) == []


BLOWS = [
    ("CREATE TABLE stray (id int)", "The table stray has no class."),
    ("ALTER TABLE inventory_unit DISABLE TRIGGER ledger_update", "not always enabled"),
    ("ALTER TABLE inventory_unit ENABLE TRIGGER ledger_update", "not always enabled"),
    ("ALTER TABLE validation_submission DISABLE TRIGGER validation_dated", "validation_dated on validation_submission"),
    ("ALTER TABLE policy_pack ENABLE TRIGGER policy_kept", "policy_kept on policy_pack is not always enabled"),
    ("DELETE FROM ledger_sealcheck WHERE name = 'package_agrees'", "ledger_check_package_agrees is not declared"),
    ("DROP TRIGGER ledger_truncate ON ledger_event", "ledger_truncate on ledger_event is missing"),
    ("DROP TRIGGER ledger_moves_state ON inventory_release", "ledger_moves_state on inventory_release is missing"),
    (
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = pg_catalog AS 'BEGIN RETURN NULL; END'",
        "The body of the function ledger_refuse is not the declared one.",
    ),
    ("ALTER FUNCTION ledger_seal() SECURITY INVOKER", "ledger_seal does not run as the owner"),
    ("GRANT UPDATE ON ledger_event TO PUBLIC", "A role may UPDATE on ledger_event."),
    (
        "CREATE TRIGGER ledger_extra AFTER INSERT ON inventory_unit FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
        "The trigger ledger_extra on inventory_unit is not declared.",
    ),
]


@pytest.mark.django_db(transaction=True)
def test_a_defence_taken_away_is_named(owner_connection: psycopg.Connection[Any]) -> None:
    for blow, told in BLOWS:
        with owner_connection.transaction(force_rollback=True):
            owner_connection.execute(blow)
            assert any(told in fault for fault in faults(owner_connection)), blow
    assert faults(owner_connection) == []


@pytest.mark.django_db(transaction=True)
def test_verification_names_a_defence_taken_away(owner_connection: psycopg.Connection[Any]) -> None:
    owner_connection.execute("ALTER TABLE inventory_unit DISABLE TRIGGER ledger_update")
    declared, recorded = defences()
    assert declared.found == "The trigger ledger_update on inventory_unit is not always enabled."
    assert recorded.key == "trigger ledger_update on inventory_unit"
