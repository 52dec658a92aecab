"""Whatever the runtime role does, every committed change has its event, and every event its block."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from governance.ledger.models import Block, Event, Head, Pending
from governance.ledger.sealing import OWN_TABLES
from governance.ledger.verification import verify
from tests.governance.ledger.people import make_system, make_unit

pytestmark = pytest.mark.django_db(transaction=True)
Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]

WRITE = "INSERT INTO inventory_unit (name, slug) VALUES ('Unit {0}', 'unit-x{0}')"


def assert_whole(units: int) -> None:
    """Every unit has its event, every event its block, and the ledger verifies."""
    assert Event.objects.filter(table_name="inventory_unit", op="I").count() == units
    assert not Event.objects.filter(link=None).exists()
    assert not Pending.objects.exists()
    assert verify().differences == []


TRICKS = [
    ["SET CONSTRAINTS ALL IMMEDIATE", "{write}", "{write}"],
    ["{write}", "SET CONSTRAINTS ALL IMMEDIATE", "{write}"],
    ["{write}", "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED", "{write}"],
    ["SET CONSTRAINTS ledger_arm IMMEDIATE", "{write}", "{write}"],
    ["{write}", "SET CONSTRAINTS ledger_seal IMMEDIATE", "{write}", "SET CONSTRAINTS ledger_arm IMMEDIATE", "{write}"],
    ["SAVEPOINT a", "{write}", "SET CONSTRAINTS ALL IMMEDIATE", "RELEASE a", "{write}"],
    ["RESET ROLE", "{write}"],
    ["RESET SESSION AUTHORIZATION", "{write}"],
    ["SET LOCAL \"TimeZone\" = 'Pacific/Apia'", "SET LOCAL \"DateStyle\" = 'SQL, DMY'", "{write}"],
    ["SET LOCAL \"IntervalStyle\" = 'iso_8601'", "SET LOCAL extra_float_digits = -15", "{write}"],
    ["SET LOCAL bytea_output = 'escape'", "SET LOCAL standard_conforming_strings = off", "{write}"],
    ["SET LOCAL check_function_bodies = off", "SET LOCAL row_security = off", "{write}"],
    [
        "CREATE TEMP TABLE ledger_event (id int) ON COMMIT DROP",
        "CREATE TEMP TABLE ledger_pending (xid xid8) ON COMMIT DROP",
        "CREATE TEMP TABLE ledger_head (id int) ON COMMIT DROP",
        "SET LOCAL search_path = pg_temp, public",
        "{write}",
    ],
    ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "{write}"],
    ["SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "{write}", "SET CONSTRAINTS ALL IMMEDIATE"],
    ["DECLARE held CURSOR WITH HOLD FOR SELECT 1", "{write}"],
    ["DO $$ BEGIN BEGIN {write}; EXCEPTION WHEN OTHERS THEN NULL; END; END $$"],
]


def test_no_trick_of_a_session_leaves_an_event_unsealed(app_connection: Connect) -> None:
    connection, units = app_connection(), 0
    for trick in TRICKS:
        with connection.transaction():
            for step in trick:
                if "{write}" in step:
                    units += 1
                connection.execute(step.replace("{write}", WRITE.format(units)))
        connection.execute("DISCARD TEMP")
        connection.commit()
        assert not Event.objects.filter(link=None).exists(), trick
    assert_whole(units)


def test_a_rollback_leaves_nothing_and_a_savepoint_only_what_was_kept(app_connection: Connect) -> None:
    connection = app_connection()
    blocks = Block.objects.count()
    connection.execute(WRITE.format(1))
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    connection.rollback()
    assert Block.objects.count() == blocks
    with connection.transaction():
        connection.execute("SAVEPOINT a")
        connection.execute(WRITE.format(2))
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.execute("ROLLBACK TO a")
        connection.execute(WRITE.format(3))
    assert_whole(1)


WAYS = [
    ("INSERT INTO inventory_unit (name, slug) SELECT 'U' || g, 'u' || g FROM generate_series(1, 5) g", 5),
    ("UPDATE inventory_unit SET name = name || '!'", 5),
    ("UPDATE inventory_unit SET name = name", 0),
    (
        "INSERT INTO inventory_unit (name, slug) VALUES ('new', 'u1'), ('newer', 'u9') "
        "ON CONFLICT (slug) DO UPDATE SET name = EXCLUDED.name",
        2,
    ),
    (
        "MERGE INTO inventory_unit u USING (VALUES ('u2', 'm'), ('u10', 'n')) v(slug, name) ON u.slug = v.slug "
        "WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT (slug, name) VALUES (v.slug, v.name)",
        2,
    ),
    ("WITH x AS (UPDATE inventory_unit SET name = 'cte' WHERE slug = 'u3' RETURNING 1) SELECT * FROM x", 1),
    ("DO $$ BEGIN PERFORM 1; INSERT INTO inventory_unit (name, slug) VALUES ('do', 'do'); END $$", 1),
]


def test_however_a_row_is_written_it_has_exactly_one_event(app_connection: Connect) -> None:
    connection = app_connection(autocommit=True)
    for statement, rows in WAYS:
        before = Event.objects.count()
        connection.execute(statement)
        assert Event.objects.count() - before == rows, statement
    with connection.cursor() as cursor, cursor.copy("COPY inventory_unit (name, slug) FROM STDIN") as copy:
        copy.write_row(("copied", "copied"))
    assert Event.objects.filter(op="I", after__slug="copied").exists()
    assert verify().ok


FORGED = ["", "{}", '{"actor_name":""}', '{"actor_name":"x"}', "[]", "nonsense", '"x"']


def test_a_forged_or_missing_name_refuses_the_write(app_connection: Connect) -> None:
    connection = app_connection(autocommit=True)
    for acting in FORGED:
        connection.execute("SELECT set_config('ledger.acting', %s, false)", [acting])
        with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.DataError)):
            connection.execute(WRITE.format(1))


FORBIDDEN = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "INSERT INTO {table} SELECT * FROM {table}",
    "COPY {table} FROM STDIN",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TABLE {table}",
    "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    "CREATE TRIGGER mine AFTER INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
]
COLUMNS = {"event": "verb", "block": "n", "link": "digest", "head": "height", "pending": "armed", "denial": "code"}


def test_the_runtime_role_may_only_read_the_ledger(app_connection: Connect) -> None:
    make_unit()
    connection = app_connection(autocommit=True)
    for table in OWN_TABLES:
        names = {"table": f"ledger_{table}", "column": COLUMNS.get(table, "name")}
        connection.execute(f"SELECT * FROM ledger_{table}").fetchall()
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.format(**names))
    assert verify().ok


OTHER = [
    "SELECT ledger_seal()",
    "SELECT ledger_arm()",
    "SELECT setval('ledger_event_id_seq', 1)",
    "ALTER TABLE inventory_unit DISABLE TRIGGER ledger_insert",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION ledger_seal() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER FUNCTION ledger_seal() SECURITY INVOKER",
    "ALTER FUNCTION ledger_record_inventory_unit() SET search_path = public",
    "CREATE TEMP TABLE t (id int); CREATE TRIGGER mine AFTER INSERT ON t REFERENCING NEW TABLE AS new_rows "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_record_inventory_unit()",
    "CREATE TEMP TABLE t2 (xid xid8); CREATE TRIGGER mine AFTER INSERT ON t2 FOR EACH ROW "
    "EXECUTE FUNCTION ledger_seal()",
]


def test_the_runtime_role_reaches_none_of_the_ledgers_functions(app_connection: Connect) -> None:
    connection = app_connection(autocommit=True)
    for statement in OTHER:
        with pytest.raises(psycopg.errors.Error) as refused:
            connection.execute(statement)
        assert refused.type in (
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.DuplicateFunction,
        ), statement


def test_even_the_owner_is_refused_by_trigger(owner_connection: Connection) -> None:
    owner_connection.execute('SET ledger.acting = \'{"actor_name":"o","verb":"v"}\'')
    owner_connection.execute("SELECT ledger_deny('conflict', 'x', '[]')")
    for table in ("event", "block", "link", "denial"):
        for statement in ("UPDATE ledger_{0} SET {1} = {1}", "DELETE FROM ledger_{0}", "TRUNCATE ledger_{0} CASCADE"):
            with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
                owner_connection.execute(statement.format(table, COLUMNS[table]))


GOVERNED = [
    "DELETE FROM inventory_system",
    "UPDATE inventory_system SET id = id + 1000",
    "UPDATE inventory_unit SET id = id + 1000",
    "INSERT INTO inventory_unit (id, name, slug) SELECT id, name, slug FROM inventory_unit "
    "ON CONFLICT (id) DO UPDATE SET id = inventory_unit.id + 1000",
]


def test_the_runtime_role_deletes_and_renumbers_nothing_governed(app_connection: Connect) -> None:
    make_system()
    connection = app_connection(autocommit=True)
    for statement in GOVERNED:
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("TRUNCATE inventory_unit CASCADE")
    assert verify().ok


def _race(workers: int, work: Callable[[int, threading.Barrier], None]) -> list[BaseException]:
    """Run the same work in so many threads at once; what went wrong."""
    barrier, wrong = threading.Barrier(workers, timeout=60), []

    def run(number: int) -> None:
        try:
            work(number, barrier)
        except BaseException as error:  # noqa: BLE001  the test looks at every error
            wrong.append(error)
            barrier.abort()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_twenty_writers_with_foreign_keys_against_row_locks_never_deadlock(
    app_connection: Connect, race_count: int
) -> None:
    unit = make_unit()
    systems = [make_system(unit).pk for _ in range(2)]
    connections = [app_connection() for _ in range(20)]
    rounds = max(2, race_count // 20)

    def work(number: int, barrier: threading.Barrier) -> None:
        connection = connections[number]
        for turn in range(rounds):
            barrier.wait()
            with connection.transaction():
                if number % 2:
                    connection.execute("SELECT FROM inventory_system WHERE id = %s FOR UPDATE", [systems[0]])
                    connection.execute(
                        "UPDATE inventory_system SET purpose = %s WHERE id = %s", [str(turn), systems[0]]
                    )
                else:
                    connection.execute(
                        "UPDATE inventory_unit SET name = %s WHERE id = %s", [f"n{number}.{turn}", unit.pk]
                    )
                    connection.execute(
                        "INSERT INTO inventory_externalid (system_id, source, value) VALUES (%s, 'x', %s)",
                        [systems[0], f"{number}.{turn}"],
                    )

    assert _race(20, work) == []
    heights = list(Block.objects.order_by("height").values_list("height", flat=True))
    assert heights == list(range(1, Head.objects.get().height + 1))
    assert Event.objects.filter(table_name="inventory_externalid", op="I").count() == 10 * rounds
    assert verify().ok


def test_without_the_second_stage_an_event_stays_unsealed(
    owner_connection: Connection, app_connection: Connect
) -> None:
    """The harness can fail: take the seal away and verification sees red."""
    owner_connection.execute("ALTER TABLE ledger_pending DISABLE TRIGGER ledger_seal")
    connection = app_connection(autocommit=True)
    connection.execute(WRITE.format(1))
    assert [(each.table, each.field) for each in verify().differences] == [
        ("ledger_event", "block"),
        ("ledger_pending", ""),
    ]
