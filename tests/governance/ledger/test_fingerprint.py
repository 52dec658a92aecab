"""What the owner of the tables changes about the schema's defence is named, unless a migration put it on record."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections

from governance.ledger.fingerprint import PARTS, differences, digest, objects, record_fingerprint, recorded
from governance.ledger.models import Event
from governance.ledger.verification import defences, verify

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
Owner = psycopg.Connection[Any]

APP = "countersign_app"
LATE = "CREATE OR REPLACE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now() - $$9d$$::interval'"
QUIET = "CREATE OR REPLACE FUNCTION {} LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS 'BEGIN {} END'"
BLOWS = [
    (LATE, "function public.portal_now()"),
    (QUIET.format("ledger_check_signoff_without_signer(tx xid8) RETURNS void", "RETURN;"),
     "function public.ledger_check_signoff_without_signer(xid8)"),
    (QUIET.format("access_proven(fingerprint text, message bytea, proof text) RETURNS boolean", "RETURN true;"),
     "function public.access_proven(text,bytea,text)"),
    (QUIET.format("validation_signoff_opens() RETURNS trigger", "RETURN NEW;"),
     "function public.validation_signoff_opens()"),
    (f"GRANT EXECUTE ON FUNCTION access_hmac TO {APP}", "function public.access_hmac(bytea,bytea)"),
    ("ALTER FUNCTION ledger_seal() RESET search_path", "function public.ledger_seal()"),
    ("CREATE FUNCTION door() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "function public.door()"),
    ("DROP TRIGGER access_password_dated ON access_user", "trigger access_password_dated on access_user"),
    ("ALTER TABLE validation_signoff DISABLE TRIGGER validation_opens",
     "trigger validation_opens on validation_signoff"),
    ("CREATE TRIGGER extra BEFORE INSERT ON ledger_event FOR EACH ROW EXECUTE FUNCTION ledger_refuse('x', 'y')",
     "trigger extra on ledger_event"),
    ("DELETE FROM ledger_sealcheck WHERE name = 'signoff_by_owner'", "check of the seal signoff_by_owner"),
    ("UPDATE ledger_sealcheck SET tables = '[]' WHERE name = 'review_agrees'", "check of the seal review_agrees"),
    ("ALTER TABLE validation_signoff DROP CONSTRAINT signoff_one_per_person",
     "constraint signoff_one_per_person on validation_signoff"),
    ("ALTER TABLE validation_signoff DROP CONSTRAINT signoff_has_meaning",
     "constraint signoff_has_meaning on validation_signoff"),
    ("DROP INDEX user_username_once", "index user_username_once"),
    (f"GRANT SELECT ON access_proofsecret TO {APP}", "relation access_proofsecret"),
    (f"GRANT UPDATE (hash) ON ledger_block TO {APP}", "relation ledger_block"),
    ("ALTER TABLE validation_signoff ALTER COLUMN person_id DROP NOT NULL", "relation validation_signoff"),
    ("ALTER TABLE inventory_release ALTER COLUMN state SET DEFAULT 'approved'", "relation inventory_release"),
    ("CREATE RULE quiet AS ON INSERT TO ledger_event WHERE NEW.actor_id = 7 DO INSTEAD NOTHING",
     "rule quiet on ledger_event"),
    ("ALTER TABLE validation_finding ENABLE ROW LEVEL SECURITY", "relation validation_finding"),
    ("CREATE POLICY blind ON validation_finding USING (false)", "policy blind on validation_finding"),
    ("CREATE OR REPLACE VIEW access_usabletoken AS SELECT t.id, t.digest, t.user_id, t.scopes FROM access_token t",
     "view access_usabletoken"),
    ("INSERT INTO access_rolepermission (role, permission_id) SELECT 'owner', id FROM auth_permission "
     "WHERE codename = 'hold.lift' OR codename = 'release.reinstate' LIMIT 1", "permission of a role owner: "),
]  # fmt: skip


@pytest.mark.parametrize(("blow", "named"), BLOWS, ids=[named for _, named in BLOWS])
def test_what_the_owner_changes_past_the_migrations_is_named(owner_connection: Owner, blow: str, named: str) -> None:
    assert list(differences(connection)) == []
    owner_connection.execute(blow)
    found = list(differences(connection))
    assert [each.key for each in found if each.key.startswith(named)], found
    assert {each.field for each in found} == {"definition"}
    assert all(each.block is not None for each in found)
    assert found[0] in defences()


def test_put_back_it_is_as_it_was(owner_connection: Owner) -> None:
    owner_connection.execute("ALTER TABLE validation_signoff DISABLE TRIGGER validation_opens")
    owner_connection.execute("ALTER TABLE validation_signoff ENABLE ALWAYS TRIGGER validation_opens")
    assert defences() == []


def test_a_migration_puts_on_record_what_it_changed_and_no_more(owner_connection: Owner) -> None:
    count = Event.objects.count()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    assert Event.objects.count() == count
    owner_connection.execute("CREATE VIEW answer AS SELECT 42 AS answer")
    owner_connection.execute("DROP TRIGGER access_password_dated ON access_user")
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    event = Event.objects.latest("id")
    assert (event.table_name, event.op, event.actor_name) == ("catalogue", "S", "system:migrate")
    assert event.after is not None
    assert set(event.after["objects"]) == {
        "view answer", "relation answer", "trigger access_password_dated on access_user",
    }  # fmt: skip
    assert event.after["objects"]["trigger access_password_dated on access_user"] is None
    assert event.after["digest"] == digest(objects(connection))
    assert list(differences(connection)) == []
    assert verify().differences == []


def test_the_same_is_found_in_either_role_and_by_whatever_search_path() -> None:
    found = objects(connection)
    assert found == objects(connections["owner"]) == recorded(connection)[1]
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = public, pg_catalog")
    assert objects(connection) == found
    assert len({name.split(" ", 1)[0] for name in found}) >= 7


def test_a_ledger_that_never_recorded_a_fingerprint_does_not_pass(owner_connection: Owner) -> None:
    owner_connection.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
    owner_connection.execute("DELETE FROM ledger_event WHERE table_name = 'catalogue'")
    (found,) = differences(connection)
    assert (found.block, found.expected, found.found) == (None, "a recorded fingerprint", None)


def test_a_recording_that_leaves_an_object_out_misses_its_change(
    owner_connection: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PARTS, "trigger", "SELECT ''::text, to_jsonb(true) WHERE false")
    record_fingerprint(connections["owner"])
    owner_connection.execute("DROP TRIGGER access_password_dated ON access_user")
    assert list(differences(connection)) == []
