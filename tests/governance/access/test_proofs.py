"""Keys of proofs: what the database makes of them, who may read them, and a process whose key does not count."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.checks import Error
from django.db import connection

from governance.access import keys, proofs
from governance.access.models import ProofKey
from governance.database import health
from governance.database.checks import database_is_fit
from governance.ledger.models import Event
from governance.ledger.verification import verify

App = Callable[..., psycopg.Connection[Any]]

# RFC 4231, test cases 1, 2, 3, 6 and 7 (keys shorter and longer than a block): key, data, HMAC-SHA-256.
VECTORS = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
        b"hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]


@pytest.mark.django_db(transaction=True)
def test_the_database_makes_the_proofs_that_python_makes(owner_connection: psycopg.Connection[Any]) -> None:
    made = "SELECT encode(access_hmac(%s, %s), 'hex')"
    for key, data, expected in VECTORS:
        assert hmac.new(key, data, hashlib.sha256).hexdigest() == expected
        assert owner_connection.execute(made, [key, data]).fetchone() == (expected,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM access_proofsecret",
        "SELECT count(*) FROM access_proofsecret",
        "COPY access_proofsecret TO STDOUT",
        "INSERT INTO access_proofsecret SELECT 'x', sha256('x')",
        "UPDATE access_proofsecret SET key = sha256('x')",
        "DELETE FROM access_proofsecret",
        "TRUNCATE access_proofsecret",
        "BEGIN; LOCK access_proofsecret",
        "INSERT INTO access_proofkey (fingerprint, since) VALUES ('x', now())",
        "UPDATE access_proofkey SET fingerprint = 'x'",
        "DELETE FROM access_proofkey",
        "SELECT access_hmac('k', 'm')",
        "SELECT access_proven('f', 'm', 'p')",
        "CREATE FUNCTION pg_temp.read() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
        "CREATE TRIGGER t BEFORE INSERT ON access_proofsecret EXECUTE FUNCTION pg_temp.read()",
    ],
)
def test_the_runtime_role_gets_at_no_key(statement: str, app_connection: App) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection(autocommit=True).execute(statement)


@pytest.mark.django_db
def test_the_key_of_this_installation_counts_and_the_ledger_knows_it_by_its_fingerprint_only() -> None:
    key = keys.current()
    assert proofs.faults() == ""
    assert ProofKey.objects.get().fingerprint == key.fingerprint
    events = Event.objects.filter(table_name="access_proofkey", op="I")
    assert [event.after and event.after["fingerprint"] for event in events] == [key.fingerprint]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_event e WHERE e::text LIKE %s", [f"%{key.secret.hex()}%"])
        assert cursor.fetchone() == (0,)
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


@pytest.mark.django_db
def test_a_process_with_another_key_is_not_ready_and_says_so(settings: Any) -> None:
    settings.PROOF_KEY = "quite another secret"
    (signing,) = [each for each in health.standing() if each.name == "signing"]
    assert "Nothing can be signed" in signing.fault
    assert "migrate" in signing.fault
    found = [each for each in database_is_fit(None) if isinstance(each, Error)]
    assert [each.msg for each in found] == [signing.fault]


@pytest.mark.django_db(transaction=True)
def test_a_runtime_role_that_could_read_a_key_is_told(owner_connection: psycopg.Connection[Any]) -> None:
    role = connection.settings_dict["USER"]
    for right in (
        "SELECT ON access_proofsecret",
        "SELECT (key) ON access_proofsecret",
        "EXECUTE ON FUNCTION access_hmac",
        "EXECUTE ON FUNCTION access_proven",
        "INSERT ON access_proofkey",
    ):
        owner_connection.execute(f"GRANT {right} TO {role}")
        assert "can read or make" in proofs.faults(), right
        owner_connection.execute(f"REVOKE {right} FROM {role}")
    assert proofs.faults() == ""


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_migrating_with_another_key_ends_the_one_before_and_back_again(
    settings: Any, owner_connection: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    first, own = keys.current(), settings.PROOF_KEY
    settings.PROOF_KEY = "another secret of at least fifty random characters"
    second = keys.current()
    assert second.fingerprint != first.fingerprint
    with caplog.at_level(logging.DEBUG):
        proofs.provision(using="owner")
        proofs.provision(using="owner")
    assert proofs.faults() == ""
    told = caplog.text + str(connection.queries_log)
    assert second.secret.hex() not in told
    assert repr(second.secret) not in told
    settings.PROOF_KEY = own
    assert "Nothing can be signed" in proofs.faults()
    proofs.provision(using="owner")
    counted = [first.fingerprint, second.fingerprint, first.fingerprint]
    assert list(ProofKey.objects.order_by("id").values_list("fingerprint", flat=True)) == counted
    assert owner_connection.execute("SELECT count(*) FROM access_proofsecret").fetchone() == (2,)
    assert verify().differences == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_key_lost_with_a_backup_is_put_back_by_migrate(owner_connection: psycopg.Connection[Any]) -> None:
    owner_connection.execute("DELETE FROM access_proofsecret")
    proofs.provision(using="owner")
    kept = owner_connection.execute("SELECT fingerprint, key FROM access_proofsecret").fetchall()
    assert kept == [(keys.current().fingerprint, keys.current().secret)]
    assert ProofKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_under_the_name_of_another_is_refused(owner_connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        owner_connection.execute("UPDATE access_proofsecret SET key = sha256('mine')")
    with pytest.raises(psycopg.errors.CheckViolation):
        owner_connection.execute("UPDATE access_proofkey SET since = now() - interval '1 year'")
