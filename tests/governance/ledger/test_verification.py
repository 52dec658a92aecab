"""A clean ledger is clean; whatever else is changed is found and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from governance.ledger.acting import Command, Door, acting
from governance.ledger.checkpoints import newest, parse
from governance.ledger.differences import Unverifiable
from governance.ledger.models import Block, Event, Head
from governance.ledger.verification import verify, verify_through
from governance.lifecycle import Conflict, Reason
from inventory.models import Unit
from tests.governance.ledger.people import at_work, make_person, make_system, make_unit

pytestmark = pytest.mark.django_db(transaction=True)
Owner = psycopg.Connection[Any]


def history() -> None:
    """A little of everything: creations, changes, removals, a denial, several events in a block."""
    person, system = make_person(), make_system()
    with at_work():
        group = Group.objects.get(name="examiner")
        person.groups.add(group)
        Unit.objects.update(name="Renamed")
        type(system).objects.update(purpose="Ünïcode \n and \\ and \u202e", links=[1, 2.50, {"a": None}])
    with at_work():
        person.groups.remove(group)
    with pytest.raises(Conflict), acting(Command("x"), door=Door.JOB, verb="unit.create"):
        raise Conflict(Reason("stale", "Too late."))


@contextmanager
def disarmed(owner: Owner, *tables: str) -> Iterator[None]:
    """The table owner's worst: triggers off, and on again so that nothing shows."""
    for table in tables:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        asleep = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        for (name,) in owner.execute(asleep, [table]).fetchall():
            owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def found() -> list[tuple[str, str, str]]:
    """Places of the differences."""
    return [(each.table, each.key, each.field) for each in verify().differences]


def test_a_clean_ledger_is_clean() -> None:
    history()
    report = verify()
    assert report.differences == []
    assert (report.blocks, report.events) == (Block.objects.count(), Event.objects.count())
    assert report.height == Head.objects.get().height > 5


def test_the_command_says_it_as_one_json_object() -> None:
    history()
    out = StringIO()
    call_command("verify_ledger", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert said == {"ok": True, "blocks": said["blocks"], "events": said["events"], "differences": []}


def test_a_changed_business_row_is_named_with_block_table_key_field_expected_and_found(owner_connection: Owner) -> None:
    unit = make_unit("Retail")
    with disarmed(owner_connection, "inventory_unit"):
        owner_connection.execute("UPDATE inventory_unit SET name = 'Treasury' WHERE id = %s", [unit.pk])
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", "--json", stdout=out)
    assert ended.value.code == 1
    block = Event.objects.get(table_name="inventory_unit", op="I").link.block_id
    assert json.loads(out.getvalue())["differences"] == [
        {
            "block": block, "table": "inventory_unit", "key": str(unit.pk), "field": "name",
            "expected": "Retail", "found": "Treasury",
        }
    ]  # fmt: skip


def test_a_row_slipped_in_or_taken_away_is_named(owner_connection: Owner) -> None:
    unit = make_unit()
    with disarmed(owner_connection, "inventory_unit", "inventory_unitclosure"):
        owner_connection.execute("INSERT INTO inventory_unit (id, name, slug) VALUES (77, 'Ghost', 'ghost')")
        owner_connection.execute("DELETE FROM inventory_unitclosure")
        owner_connection.execute("DELETE FROM inventory_unit WHERE id = %s", [unit.pk])
    assert sorted(found()) == sorted([("inventory_unit", "77", ""), ("inventory_unit", str(unit.pk), "")])


def test_a_personal_field_is_compared_by_its_digest(owner_connection: Owner) -> None:
    person = make_person()
    with disarmed(owner_connection, "access_user"):
        owner_connection.execute("UPDATE access_user SET email = 'other@example.org' WHERE id = %s", [person.pk])
    assert found() == [("access_user", str(person.pk), "email")]


BLOWS = [
    (
        "UPDATE ledger_event SET actor_name = 'other' WHERE id = {event}",
        ("ledger_event", "{event}", "digest"),
    ),
    (
        "UPDATE ledger_event SET at = at + interval '1 day' WHERE id = {event}",
        ("ledger_event", "{event}", "digest"),
    ),
    ("DELETE FROM ledger_event WHERE id = {event}", ("ledger_event", "{event}", "")),
    ("DELETE FROM ledger_link WHERE event_id = {event}", ("ledger_event", "{event}", "block")),
    ("UPDATE ledger_link SET digest = sha256('x') WHERE event_id = {event}", ("ledger_event", "{event}", "digest")),
    ("UPDATE ledger_link SET block_id = block_id - 1 WHERE event_id = {event}", ("ledger_block", "{block}", "n")),
    (
        "UPDATE ledger_block SET at = at - interval '1 h' WHERE height = {block}",
        ("ledger_block", "{block}", "hash"),
    ),
    ("UPDATE ledger_block SET xid = '1' WHERE height = {block}", ("ledger_block", "{block}", "hash")),
    ("UPDATE ledger_block SET n = 5 WHERE height = {block}", ("ledger_block", "{block}", "n")),
    ("UPDATE ledger_block SET hash = sha256('x') WHERE height = {block}", ("ledger_block", "{block}", "hash")),
    ("UPDATE ledger_block SET height = -5 WHERE height = {block}", ("ledger_block", "-5", "height")),
    ("DELETE FROM ledger_block WHERE height = {block}", ("ledger_link", "{event}", "block_id")),
    ("UPDATE ledger_head SET height = height + 1", ("ledger_head", "1", "height")),
    ("DELETE FROM ledger_head", ("ledger_head", "", "")),
    (
        "INSERT INTO ledger_event SELECT (e.r).* FROM (SELECT jsonb_populate_record(x, '{{\"id\": 99999}}') AS r "
        "FROM ledger_event x WHERE id = {event}) e",
        ("ledger_event", "99999", "block"),
    ),
    ("INSERT INTO ledger_pending VALUES ('5', false)", ("ledger_pending", "5", "")),
    ("UPDATE ledger_denial SET code = 'fine'", ("ledger_denial", "{denial}", "sha256")),
    ("DELETE FROM ledger_denial", ("ledger_denial", "{denial}", "rows")),
    (
        "INSERT INTO ledger_denial SELECT (d.r).* FROM (SELECT jsonb_populate_record(x, '{{\"id\": 99999}}') AS r "
        "FROM ledger_denial x) d",
        ("ledger_denial", "99999", ""),
    ),
]


def test_every_blow_at_the_ledger_is_named(owner_connection: Owner) -> None:
    history()
    event = Event.objects.get(table_name="inventory_unit", op="I")
    denial = Event.objects.get(table_name="ledger_denial", op="B")
    names = {"event": event.pk, "block": event.link.block_id, "denial": denial.key}
    ledger = ("ledger_event", "ledger_link", "ledger_block", "ledger_head", "ledger_pending", "ledger_denial")
    for blow, place in BLOWS:
        with owner_connection.transaction(force_rollback=True):
            with disarmed(owner_connection, *ledger):
                owner_connection.execute(blow.format(**names))
            found = verify_through(owner_connection).differences
        expected = tuple(part.format(**names) for part in place)
        assert expected in [(each.table, each.key, each.field) for each in found], blow
    assert verify().ok


def test_two_events_that_changed_places_are_both_named(owner_connection: Owner) -> None:
    history()
    first, second = Event.objects.order_by("id")[:2]
    with disarmed(owner_connection, "ledger_event"):
        owner_connection.execute("UPDATE ledger_event SET id = -1 WHERE id = %s", [first.pk])
        owner_connection.execute("UPDATE ledger_event SET id = %s WHERE id = %s", [first.pk, second.pk])
        owner_connection.execute("UPDATE ledger_event SET id = %s WHERE id = -1", [second.pk])
    assert {("ledger_event", str(first.pk), "digest"), ("ledger_event", str(second.pk), "digest")} <= set(found())


def test_a_checkpoint_proves_that_history_was_not_written_anew(owner_connection: Owner) -> None:
    history()
    line = newest().signed()
    assert verify(parse(line)).ok
    make_unit()
    assert verify(parse(line)).ok
    with pytest.raises(Unverifiable):
        parse(line[:-1] + ("A" if line[-1] != "A" else "B"))


def test_history_written_anew_is_found_by_the_checkpoint_alone(owner_connection: Owner) -> None:
    history()
    checkpoint = newest()
    make_unit()
    height = Head.objects.get().height
    with disarmed(owner_connection, "ledger_event", "ledger_link", "ledger_block", "ledger_head"):
        owner_connection.execute(
            "DELETE FROM ledger_event WHERE id IN (SELECT event_id FROM ledger_link WHERE block_id >= %s)",
            [checkpoint.height],
        )
        owner_connection.execute("DELETE FROM ledger_link WHERE block_id >= %s", [checkpoint.height])
        owner_connection.execute("DELETE FROM ledger_block WHERE height >= %s", [checkpoint.height])
        owner_connection.execute(
            "UPDATE ledger_head SET (height, hash, at) = (SELECT height, hash, at FROM ledger_block "
            "ORDER BY height DESC LIMIT 1)"
        )
    assert height > checkpoint.height
    places = [(each.block, each.table, each.field) for each in verify(checkpoint).differences]
    assert (checkpoint.height, "ledger_block", "hash") in places
    assert (checkpoint.height, "ledger_block", "hash") not in [
        (each.block, each.table, each.field) for each in verify().differences
    ]


def test_an_empty_ledger_is_no_clean_one(owner_connection: Owner, capsys: pytest.CaptureFixture[str]) -> None:
    with disarmed(owner_connection, "ledger_event", "ledger_link", "ledger_block"):
        owner_connection.execute("TRUNCATE ledger_event, ledger_link, ledger_block")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger")
    assert ended.value.code == 2
