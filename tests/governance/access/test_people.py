"""People: added, changed, closed, given organisation-wide roles; the portal set up once."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.access import rights
from governance.access.models import User
from governance.access.services.people import (
    change_person,
    close_account,
    create_person,
    end_organisation_role,
    grant_organisation_role,
)
from governance.access.vocabulary import OrganisationRole, Permission
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from governance.policy.models import Pack
from tests.governance.access.people import PASSWORD, join, person

pytestmark = pytest.mark.django_db
TWO = ["--governance", "ruth:Ruth Feldman:ruth@example.com", "--governance", "dan:Daniel Osei:dan@example.com"]


@pytest.fixture
def governor() -> User:
    return join(person("governor"), OrganisationRole.GOVERNANCE)


def test_governance_adds_and_changes_people(governor: User) -> None:
    added = create_person(actor=governor, username="ada", name="Ada", email="ada@example.com")
    assert not added.has_usable_password()
    changed = change_person(actor=governor, person=added, name="Ada Lovelace", email="lovelace@example.com")
    assert (changed.name, changed.email) == ("Ada Lovelace", "lovelace@example.com")


@pytest.mark.parametrize("kind", ["outsider", "examiner", "superuser"])
def test_nobody_else_touches_people(kind: str) -> None:
    actor = person(kind, is_superuser=kind == "superuser")
    if kind == "examiner":
        join(actor, OrganisationRole.EXAMINER)
    other = person("other")
    for attempt in (
        lambda: create_person(actor=actor, username="ada", name="Ada", email="ada@example.com"),
        lambda: change_person(actor=actor, person=other, name="X"),
        lambda: close_account(actor=actor, person=other, reason="X"),
        lambda: grant_organisation_role(actor=actor, person=other, role=OrganisationRole.EXAMINER),
    ):
        with pytest.raises(Forbidden):
            attempt()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("username", {"username": "ada lovelace"}),
        ("username", {"username": "ada@example.com"}),
        ("username", {"username": ""}),
        ("name", {"name": " "}),
        ("email", {"email": "not an address"}),
        ("password", {"password": "short"}),
    ],
)
def test_what_a_person_must_say(governor: User, field: str, values: dict[str, str]) -> None:
    given = {"username": "ada", "name": "Ada", "email": "ada@example.com", **values}
    with pytest.raises(InvalidInput) as refusal:
        create_person(actor=governor, **given)  # type: ignore[arg-type]
    assert set(refusal.value.errors) == {field}


@pytest.mark.parametrize("taken", [{"username": "GOVERNOR"}, {"email": "Governor@Example.com"}])
def test_names_and_addresses_are_taken_once_whatever_their_case(governor: User, taken: dict[str, str]) -> None:
    given = {"username": "ada", "name": "Ada", "email": "ada@example.com", **taken}
    with pytest.raises(Conflict) as refusal:
        create_person(actor=governor, **given)  # type: ignore[arg-type]
    assert refusal.value.code == "duplicate"


def test_an_organisation_role_is_given_and_taken_by_somebody_else(governor: User) -> None:
    other = person("other")
    grant_organisation_role(actor=governor, person=other, role=OrganisationRole.EXAMINER)
    assert rights.can(other, Permission.LEDGER_VIEW)
    with pytest.raises(Conflict):
        grant_organisation_role(actor=governor, person=other, role=OrganisationRole.EXAMINER)
    end_organisation_role(actor=governor, person=other, role=OrganisationRole.EXAMINER)
    assert not rights.can(other, Permission.LEDGER_VIEW)
    with pytest.raises(Forbidden) as refusal:
        grant_organisation_role(actor=governor, person=governor, role=OrganisationRole.EXAMINER)
    assert refusal.value.code == "sod.self"


def test_governance_is_never_left_to_one_person(governor: User) -> None:
    second = join(person("second"), OrganisationRole.GOVERNANCE)
    with pytest.raises(Conflict) as refusal:
        end_organisation_role(actor=governor, person=second, role=OrganisationRole.GOVERNANCE)
    assert refusal.value.code == "last"
    with pytest.raises(Conflict) as refusal:
        close_account(actor=governor, person=second, reason="Left.")
    assert refusal.value.code == "last"
    join(person("third"), OrganisationRole.GOVERNANCE)
    close_account(actor=governor, person=second, reason="Left.")


def test_nobody_closes_themselves(governor: User) -> None:
    with pytest.raises(Forbidden):
        close_account(actor=governor, person=governor, reason="Enough.")


def test_nobody_is_deleted(governor: User) -> None:
    with pytest.raises(Conflict, match="ever deleted"), acting(governor, door=Door.ADMIN, verb="person.close"):
        User.objects.filter(pk=governor.pk)._raw_delete("default")


def test_nobody_raises_their_own_account(governor: User) -> None:
    with pytest.raises(Forbidden), acting(governor, door=Door.ADMIN, verb="person.change"):
        User.objects.filter(pk=governor.pk).update(is_superuser=True)


def test_names_and_addresses_enter_the_ledger_as_digests_only(governor: User) -> None:
    create_person(actor=governor, username="ada", name="Canary Name", email="canary@example.com", password=PASSWORD)
    images = json.dumps(list(Event.objects.values("before", "after")))
    assert "Canary" not in images
    assert "canary@" not in images
    assert "md5$" not in images


def test_bootstrap_names_two_people_and_the_pack_once() -> None:
    out = StringIO()
    call_command("bootstrap", *TWO, "--json", stdout=out)
    answer = json.loads(out.getvalue())
    for row in answer["governance"]:
        founder = User.objects.get(username=row["username"])
        assert founder.check_password(row["password"])
        assert rights.can(founder, Permission.PERSON_CHANGE)
        assert founder.is_staff
    assert Pack.objects.get(state="adopted").name == "baseline"
    assert (
        Event.objects.filter(verb="portal.bootstrap").exists()
        or Event.objects.filter(actor_name="system:bootstrap").exists()
    )
    with pytest.raises(CommandError, match="bootstrapped"):
        call_command("bootstrap", "--governance", "eve:Eve:eve@example.com", *TWO, stdout=StringIO())
    assert not User.objects.filter(username="eve").exists()


def test_bootstrap_takes_passwords_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTSTRAP_PASSWORD", PASSWORD)
    out = StringIO()
    call_command("bootstrap", *TWO, "--pack", "baseline-small", stdout=out)
    assert PASSWORD not in out.getvalue()
    assert User.objects.get(username="ruth").check_password(PASSWORD)


@pytest.mark.parametrize(
    "arguments", [TWO[:2], [*TWO[:2], *TWO[:2]], [*TWO, "--pack", "no-such-pack"], ["--governance", "ruth"]]
)
def test_bootstrap_that_is_refused_leaves_nothing(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("bootstrap", *arguments, stdout=StringIO())
    assert not User.objects.exists()
    assert not Pack.objects.exists()


def test_an_operator_is_added_under_the_ledger_and_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", "--noinput", "--username", "op", "--email", "op@example.com", "--name", "Operator",
        stdout=StringIO(),
    )  # fmt: skip
    operator = User.objects.get(username="op")
    assert rights.permissions_of(operator) == {Permission.SYSTEM_VIEW, Permission.LEDGER_VIEW}
    assert Event.objects.filter(table_name="access_user", actor_name="system:createsuperuser").count() == 1
