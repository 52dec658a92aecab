"""A password that is set leaves an event without the secret, whoever sets it and however."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from governance.access.models import User
from governance.ledger.acting import seal_now
from governance.ledger.models import Event
from tests.clocks import Clock
from tests.governance.access.people import PASSWORD, person
from tests.loosening import loosen

pytestmark = pytest.mark.django_db
NEW = "another battery staple"
PROVEN = r"^access_user\.access_password_proven$"
PLANT = "UPDATE access_user SET password = %s WHERE username = 'ada'"


@pytest.fixture
def ada(db: None) -> User:
    """Somebody with a password."""
    return person("ada")


def sign_in(client: Client, password: str) -> bool:
    """Try it at the page."""
    return client.post("/accounts/login/", {"login": "ada", "password": password}).status_code == 302


def changes() -> list[Event]:
    """Events of changed accounts, each without a word of a password."""
    found = list(Event.objects.filter(table_name="access_user", op="U").order_by("id"))
    kept = User.objects.values_list("password", flat=True)
    assert not [event for event in found if any(word in str([event.before, event.after]) for word in (*kept, NEW))]
    return found


def act_as(who: User | None) -> None:
    """Claim to be somebody, or nobody, in SQL."""
    acting = json.dumps(
        {"actor_id": who.pk, "actor_kind": "human", "actor_name": who.name, "door": "web", "verb": "person.change"}
        if who
        else {}
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.acting', %s, true)", [acting])


def plant(password: str = NEW) -> None:
    """Write a hash of one's own over somebody's, past the portal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLANT, [make_password(password)])
        seal_now()


def refused(work: Callable[[], object]) -> str:
    """The constraint that refuses; nothing of it remains."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        work()
    assert isinstance(caught.value.__cause__, psycopg.Error)
    return caught.value.__cause__.diag.constraint_name or ""


def execute(statement: str, *values: str) -> None:
    """Run SQL as the runtime role, past the portal."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


COPY = """
UPDATE access_user a SET password = m.password, password_key = m.password_key, password_proof = m.password_proof {}
FROM access_user m WHERE a.username = 'ada' AND m.username = 'mallory'
"""
RANDOM = "UPDATE access_user SET password = %s, password_proof = repeat('5', 64) WHERE username = 'ada'"
INSERT = """
INSERT INTO access_user (username, name, email, kind, theme, salt, password, is_superuser, is_staff, is_active,
    date_joined, closed_reason, session_version, password_key, password_proof)
SELECT 'eve', 'Eve', '', 'human', 'light', gen_random_uuid(), password, false, false, true, now(), '', 0, password_key,
    password_proof FROM access_user WHERE username = 'mallory'
"""


def test_nobody_makes_himself_a_way_to_sign_in_as_somebody_else(client: Client, ada: User) -> None:
    act_as(person("mallory"))
    assert refused(plant) == "password_unproven"
    assert refused(lambda: execute(RANDOM, make_password(NEW))) == "password_unproven"
    assert refused(lambda: execute(COPY.format(""))) == "password_unproven"
    assert refused(lambda: execute(COPY.format(", salt = m.salt"))) == "user_salt_kept"
    assert refused(lambda: execute(INSERT)) == "password_unproven"
    assert sign_in(client, PASSWORD)
    assert not sign_in(Client(), NEW)


def test_a_password_may_be_made_unusable_by_whoever_names_themselves(client: Client, ada: User) -> None:
    act_as(person("mallory"))
    execute("UPDATE access_user SET password = '!' WHERE username = 'ada'")
    seal_now()
    assert not sign_in(client, PASSWORD)
    assert [event.actor_name for event in changes()] == ["Mallory"]


def test_without_that_trigger_a_planted_hash_would_open_but_stand_in_the_ledger(client: Client, ada: User) -> None:
    before = ada.password_changed_at
    loosen(PROVEN)
    act_as(person("mallory"))
    plant()
    (event,) = changes()
    assert (event.actor_name, event.key, event.verb) == ("Mallory", str(ada.pk), "person.change")
    ada.refresh_from_db()
    assert ada.password_changed_at != before
    assert event.before is not None
    assert event.after is not None
    changed = {name for name in event.after if event.before[name] != event.after[name]}
    assert changed == {"password_changed_at"}
    assert sign_in(client, NEW)


def test_without_both_triggers_a_planted_hash_would_be_unnoticed(client: Client, ada: User) -> None:
    loosen(PROVEN, r"^access_user\.access_password_dated$")
    act_as(None)
    plant()
    assert changes() == []
    assert sign_in(client, NEW)


def test_nobody_unnamed_sets_a_password(ada: User) -> None:
    loosen(PROVEN)
    act_as(None)
    assert refused(plant) == "ledger_actor"


def test_when_it_was_set_is_nobodys_to_write_and_moves_while_the_clock_stands(ada: User, clock: Clock) -> None:
    clock.freeze()
    loosen(PROVEN)
    act_as(ada)
    instants = []
    for password in ("one and two three", "two and three four"):
        plant(password)
        ada.refresh_from_db()
        instants.append(ada.password_changed_at)
    assert None not in instants
    assert instants == sorted(set(instants), key=str)
    User.objects.filter(pk=ada.pk).update(password_changed_at=clock.now())
    ada.refresh_from_db()
    assert ada.password_changed_at == instants[1]
    assert len(changes()) == 2


def test_changing_ones_own_leaves_an_event_in_ones_own_name(client: Client, ada: User) -> None:
    assert sign_in(client, PASSWORD)
    given = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", given).status_code == 302
    (event,) = changes()
    assert (event.actor_id, event.door, event.verb) == (ada.pk, "web", "person.set_password")


def test_setting_one_by_a_link_leaves_an_event(client: Client, ada: User, mailoutbox: list[Any]) -> None:
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get(link[link.index("/accounts/") :], follow=True)
    assert client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW}).status_code == 302
    (event,) = changes()
    assert (event.actor_id, event.verb) == (ada.pk, "person.set_password")
    assert sign_in(Client(), NEW)


def test_a_hash_of_an_older_kind_is_renewed_at_sign_in_and_that_leaves_an_event(
    client: Client, ada: User, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert sign_in(client, PASSWORD)
    (event,) = changes()
    assert (event.actor_id, event.verb) == (ada.pk, "person.rehash_password")
    ada.refresh_from_db()
    assert ada.password.startswith("pbkdf2_")
    assert client.get("/accounts/password/change/").status_code == 200
    assert sign_in(Client(), PASSWORD)
    assert len(changes()) == 1


def test_the_command_that_sets_one_leaves_an_event(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt="": NEW)
    call_command("changepassword", "ada", verbosity=0)
    (event,) = changes()
    assert (event.actor_name, event.verb) == ("system:changepassword", "person.set_password")


def test_signing_in_alone_is_no_event(client: Client, ada: User) -> None:
    assert sign_in(client, PASSWORD)
    assert changes() == []
