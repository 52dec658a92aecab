"""Machines' tokens: who mints which, what they reach, when they stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from governance.access import rights
from governance.access.authentication import usable_token
from governance.access.models import Token, User
from governance.access.roles import SCOPE_PERMISSIONS
from governance.access.tokens import digest_of, fresh_token
from governance.access.vocabulary import OrganisationRole, Permission, Role, Scope
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from inventory.models import System, TokenReach
from inventory.services.assignments import end_assignment
from inventory.services.people import close_person
from inventory.services.tokens import MintedToken, mint_token, revoke_token
from tests.clocks import Clock
from tests.governance.access.people import appoint, join, person, system, unit

pytestmark = pytest.mark.django_db
API = "/api/v1/systems/"


@pytest.fixture
def owner() -> User:
    return person("owner")


@pytest.fixture
def scorer(owner: User) -> System:
    scorer = system("scorer")
    appoint(owner, Role.OWNER, system=scorer)
    return scorer


def mint(who: User, *places: Any, scopes: tuple[str, ...] = (Scope.GATE_CHECK,), **more: Any) -> MintedToken:
    more.setdefault("expiry", portal_now() + timedelta(days=30))
    more.setdefault("systems", [place for place in places if isinstance(place, System)])
    more.setdefault("units", [place for place in places if not isinstance(place, System)])
    return mint_token(actor=who, person=who, name="ci", scopes=scopes, **more)


def ask(text: str, path: str = API) -> int:
    return Client().get(path, headers={"Authorization": f"Bearer {text}"}).status_code


def test_a_token_gives_exactly_its_scopes_on_exactly_its_systems(owner: User, scorer: System) -> None:
    other = system("other")
    appoint(owner, Role.DEVELOPER, system=other)
    minted = mint(owner, scorer, scopes=(Scope.RELEASE_WRITE,))
    token = usable_token(minted.text)
    assert token is not None
    machine = token.user
    assert machine.kind == User.Kind.MACHINE
    assert machine.sponsor == owner
    assert rights.permissions_of(machine, scorer) == SCOPE_PERMISSIONS[Scope.RELEASE_WRITE]
    assert rights.permissions_of(machine, other) == frozenset()
    assert list(rights.visible(machine, System.objects.all())) == [scorer]
    assert rights.permissions_of(machine) == frozenset()


def test_a_token_for_a_unit_reaches_what_is_below_it_and_what_comes_later(owner: User) -> None:
    bank = unit("bank")
    cards = unit("cards", bank)
    appoint(owner, Role.DEPUTY_OWNER, unit=bank)
    minted = mint(owner, bank)
    later = system("later", cards)
    token = usable_token(minted.text)
    assert token is not None
    assert rights.can(token.user, Permission.GATE_CHECK, later)


@pytest.mark.parametrize("role", [Role.VALIDATOR, Role.APPROVER, Role.VIEWER])
def test_who_may_not_mint_mints_nothing(scorer: System, role: Role) -> None:
    holder = person("holder")
    appoint(holder, role, system=scorer)
    with pytest.raises(Forbidden):
        mint(holder, scorer)
    with pytest.raises(rights.NotVisible):
        mint(person("outsider"), scorer)


def test_no_token_is_wider_than_its_minter(scorer: System) -> None:
    governor = join(person("governor"), OrganisationRole.GOVERNANCE)
    assert mint(governor, scorer).token.pk
    with pytest.raises(Forbidden, match=r"never wider"):
        mint(governor, scorer, scopes=(Scope.RELEASE_WRITE,))


def test_one_place_without_the_right_refuses_the_whole_token(owner: User, scorer: System) -> None:
    with pytest.raises(rights.NotVisible):
        mint(owner, scorer, system("foreign"))
    assert not Token.objects.exists()


def test_nobody_mints_in_anothers_name(owner: User, scorer: System) -> None:
    other = person("other")
    appoint(other, Role.DEVELOPER, system=scorer)
    with pytest.raises(Forbidden):
        mint_token(
            actor=other, person=owner, name="ci", scopes=[Scope.GATE_CHECK], systems=[scorer],
            expiry=portal_now() + timedelta(days=1),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("expires", {"days": 91}),
        ("expires", {"days": 0}),
        ("scopes", {"scopes": ()}),
        ("scopes", {"scopes": ("gate:open",)}),
        ("systems", {"systems": []}),
    ],
)
def test_what_a_token_must_say(owner: User, scorer: System, field: str, more: dict[str, Any]) -> None:
    days = more.pop("days", 30)
    with pytest.raises(InvalidInput) as refusal:
        mint(owner, scorer, expiry=portal_now() + timedelta(days=days), **more)
    assert set(refusal.value.errors) == {field}


def test_the_database_keeps_no_token_longer_than_ninety_days(owner: User, scorer: System) -> None:
    token = mint(owner, scorer).token
    with pytest.raises(DatabaseError), transaction.atomic():
        Token.objects.filter(pk=token.pk).update(expiry=token.created + timedelta(days=89))
    with pytest.raises(DatabaseError), transaction.atomic():
        Token.objects.filter(pk=token.pk).update(scopes=["release:write"])


def test_the_text_is_kept_nowhere(owner: User, scorer: System) -> None:
    minted = mint(owner, scorer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM access_token t")
        stored = cursor.fetchone()[0]
    events = json.dumps(list(Event.objects.values("before", "after", "key")), default=str)
    for place in (stored, events, repr(minted), str(minted.token)):
        assert minted.text not in place
        assert minted.text[20:60] not in place
    assert minted.token.digest not in events


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1],
        lambda text: text.upper(),
        lambda text: text.replace("csn_", ""),
        lambda text: f"{text} ",
        lambda text: f"{text}0",
        lambda text: fresh_token().text,
        lambda text: digest_of(text),
        lambda text: "",
        lambda text: "\x00",
    ],
)
def test_anything_but_the_token_itself_is_refused(owner: User, scorer: System, spoil: Callable[[str], str]) -> None:
    assert usable_token(spoil(mint(owner, scorer).text)) is None


def test_an_accepted_token_is_accepted_in_the_header_only(owner: User, scorer: System) -> None:
    text = mint(owner, scorer, scopes=(Scope.RELEASE_WRITE,)).text
    assert ask(text) == 200
    assert Client().get(f"{API}?token={text}").status_code in {400, 401}
    assert Client().get(API, headers={"Authorization": f"Token {text}"}).status_code == 401
    assert ask(text[:-1]) == 401


def test_a_token_stops_at_its_end(owner: User, scorer: System, clock: Clock) -> None:
    end = clock.freeze() + timedelta(days=1)
    text = mint(owner, scorer, expiry=end).text
    clock.move(timedelta(days=1) - timedelta(microseconds=1))
    assert usable_token(text) is not None
    clock.move(timedelta(microseconds=1))
    assert usable_token(text) is None
    assert not TokenReach.objects.exists()


def test_a_revoked_token_stops_at_once_and_stays_revoked(owner: User, scorer: System) -> None:
    minted = mint(owner, scorer)
    stranger = person("stranger")
    with pytest.raises(rights.NotVisible):
        revoke_token(actor=stranger, token=minted.token)
    revoke_token(actor=owner, token=minted.token)
    assert usable_token(minted.text) is None
    assert not TokenReach.objects.exists()
    with pytest.raises(Conflict):
        revoke_token(actor=owner, token=minted.token)
    with pytest.raises(DatabaseError), transaction.atomic():
        Token.objects.filter(pk=minted.token.pk).update(revoked_at=None)


@pytest.mark.parametrize("who", ["user", "minted_by"])
def test_a_token_stops_with_whoever_stands_behind_it(owner: User, scorer: System, who: str) -> None:
    minted = mint(owner, scorer)
    User.objects.filter(pk=getattr(minted.token, who).pk).update(is_active=False)
    assert usable_token(minted.text) is None
    assert not TokenReach.objects.exists()


def test_a_role_its_minter_loses_takes_nothing_from_a_token_and_gives_no_new_one(owner: User, scorer: System) -> None:
    minted = mint(owner, scorer, scopes=(Scope.RELEASE_WRITE,))
    (role,) = owner.assignments.all()
    end_assignment(actor=join(person("gov"), OrganisationRole.GOVERNANCE), assignment=role, reason="Left the team.")
    assert ask(minted.text) == 200
    assert TokenReach.objects.filter(token=minted.token, system=scorer).exists()
    with pytest.raises(rights.NotVisible):
        mint(owner, scorer)
    revoke_token(actor=owner, token=minted.token)
    assert ask(minted.text) == 401


def test_closing_a_person_ends_their_tokens_roles_and_organisation_roles(owner: User, scorer: System) -> None:
    governor = join(person("governor"), OrganisationRole.GOVERNANCE)
    minted = mint(owner, scorer)
    close_person(actor=governor, person=owner, reason="Left the bank.")
    minted.token.refresh_from_db()
    owner.refresh_from_db()
    assert minted.token.revoked_by == governor
    assert usable_token(minted.text) is None
    assert [a.ended_by for a in owner.assignments.all()] == [governor]
    assert rights.permissions_of(owner, scorer) == frozenset()
    with pytest.raises(Conflict):
        close_person(actor=governor, person=owner, reason="Again.")


def test_repeated_failures_are_answered_429_and_good_tokens_from_there_still_work(owner: User, scorer: System) -> None:
    good = mint(owner, scorer, scopes=(Scope.RELEASE_WRITE,)).text
    answers = [ask(fresh_token().text) for _ in range(6)]
    assert answers == [401, 401, 401, 401, 429, 429]
    assert ask(good) == 200


def test_the_last_use_is_noted_to_the_minute(owner: User, scorer: System, clock: Clock) -> None:
    clock.freeze()
    minted = mint(owner, scorer)
    usable_token(minted.text)
    first = Token.objects.get(pk=minted.token.pk).last_used
    clock.move(timedelta(seconds=30))
    usable_token(minted.text)
    assert Token.objects.get(pk=minted.token.pk).last_used == first
    clock.move(timedelta(seconds=30))
    usable_token(minted.text)
    assert Token.objects.get(pk=minted.token.pk).last_used == clock.now()


def test_the_command_prints_the_token_once_and_the_owner_answers(owner: User, scorer: System) -> None:
    out = StringIO()
    call_command(
        "create_token", "--name", "ci", "--system", "scorer", "--scope", "gate:check", "--expires", "30d", stdout=out,
        stderr=StringIO(),
    )  # fmt: skip
    token = usable_token(out.getvalue().strip())
    assert token is not None
    assert (token.user.sponsor, token.minted_by, token.scopes) == (owner, owner, ["gate:check"])


def test_the_command_answers_as_json_in_somebodys_name(owner: User, scorer: System) -> None:
    governor = join(person("governor"), OrganisationRole.GOVERNANCE)
    out = StringIO()
    call_command(
        "create_token", "--name", "ci", "--unit", "home", "--scope", "gate:check", "--as", "governor", "--json",
        stdout=out,
    )  # fmt: skip
    answer = json.loads(out.getvalue())
    assert usable_token(answer["token"]) is not None
    assert answer["sponsor"] == governor.username


@pytest.mark.parametrize(
    "arguments",
    [
        ["--system", "nowhere", "--scope", "gate:check"],
        ["--system", "scorer", "--scope", "gate:check", "--expires", "91d"],
        ["--system", "scorer", "--scope", "gate:check", "--as", "nobody"],
        ["--scope", "gate:check"],
        ["--system", "scorer", "--scope", "gate:open"],
        ["--system", "scorer", "--scope", "gate:check", "--expires", "soon"],
    ],
)
def test_the_command_says_what_is_wrong(owner: User, scorer: System, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", "--name", "ci", *arguments, stdout=StringIO(), stderr=StringIO())
    assert not Token.objects.exists()


def test_a_machines_act_names_its_token_minter_and_sponsor_in_the_ledger(owner: User, scorer: System) -> None:
    minted = mint(owner, scorer, scopes=(Scope.RELEASE_WRITE,))
    token = usable_token(minted.text)
    assert token is not None
    with acting(token.user, door=Door.API, verb="system.change"):
        System.objects.filter(pk=scorer.pk).update(purpose="Written by a machine.")
    event = Event.objects.filter(table_name="inventory_system", key=str(scorer.pk)).latest("id")
    assert (event.actor_id, event.sponsor_id, event.minter_id) == (token.user.pk, owner.pk, owner.pk)
    assert event.token_id == str(token.pk)


def test_the_portal_may_close_a_machine_of_its_own_accord(owner: User, scorer: System) -> None:
    minted = mint(owner, scorer)
    close_person(actor=Command("close_person"), person=minted.token.user, reason="Job is gone.")
    assert usable_token(minted.text) is None
