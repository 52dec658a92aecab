"""The pages of machines' tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.access.authentication import usable_token
from governance.access.models import Token, User
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.ledger.models import Denial
from inventory.models import System
from inventory.services.tokens import MintedToken, mint_token
from tests.governance.access.people import PASSWORD, appoint, join, person, system

pytestmark = pytest.mark.django_db
FORM = {"name": "ci", "systems": "scorer", "scopes": ["gate:check"], "days": "30"}


def signed_in(who: User) -> Client:
    client = Client()
    assert client.post("/accounts/login/", {"login": who.username, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def scorer() -> System:
    return system("scorer")


@pytest.fixture
def owner(scorer: System) -> User:
    owner = person("owner")
    appoint(owner, Role.OWNER, system=scorer)
    return owner


def minted(owner: User, scorer: System) -> MintedToken:
    return mint_token(
        actor=owner, person=owner, name="ci", scopes=["gate:check"], systems=[scorer],
        expiry=portal_now() + timedelta(days=30),
    )  # fmt: skip


def test_a_token_is_shown_once_and_then_only_its_beginning(owner: User) -> None:
    client = signed_in(owner)
    answer = client.post("/tokens/new/", FORM)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = Token.objects.get()
    text = answer.context["text"]
    assert text in answer.content.decode()
    assert usable_token(text) == token
    listed = client.get("/tokens/").content.decode()
    assert token.token_key in listed
    assert text not in listed
    assert token.digest not in listed


def test_others_see_and_revoke_nothing_of_it(owner: User, scorer: System) -> None:
    token = minted(owner, scorer).token
    stranger = signed_in(person("stranger"))
    assert token.token_key not in stranger.get("/tokens/").content.decode()
    unknown = stranger.post("/tokens/999999/revoke/")
    known = stranger.post(f"/tokens/{token.pk}/revoke/")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.status_code == 404
    assert Client().get("/tokens/").status_code == 302


def test_a_token_is_revoked_in_one_click_and_by_post_only(owner: User, scorer: System) -> None:
    fresh = minted(owner, scorer)
    client = signed_in(owner)
    assert client.get(f"/tokens/{fresh.token.pk}/revoke/").status_code == 405
    assert client.post(f"/tokens/{fresh.token.pk}/revoke/").status_code == 302
    assert usable_token(fresh.text) is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"systems": "hidden"}, 400),
        ({"systems": "no-such-system"}, 400),
        ({"systems": ""}, 400),
        ({"days": "91"}, 400),
        ({"days": "0"}, 400),
        ({"scopes": ["gate:open"]}, 400),
        ({"scopes": []}, 400),
        ({"minted_by": "1"}, 400),
    ],
)
def test_what_cannot_be_minted_says_why(owner: User, change: dict[str, object], status: int) -> None:
    system("hidden")
    answer = signed_in(owner).post("/tokens/new/", {**FORM, **change})
    assert answer.status_code == status
    assert not Token.objects.exists()


def test_a_hidden_system_reads_like_an_unknown_one(owner: User) -> None:
    system("hidden")
    client = signed_in(owner)
    pages = [
        client.post("/tokens/new/", {**FORM, "systems": slug}).content.decode().replace(slug, "…")
        for slug in ("hidden", "nosuch")
    ]
    assert pages[0].count("nothing of this address") == pages[1].count("nothing of this address") > 0


def test_a_wider_scope_than_ones_own_is_forbidden_and_recorded(scorer: System) -> None:
    governor = join(person("governor"), OrganisationRole.GOVERNANCE)
    answer = signed_in(governor).post("/tokens/new/", {**FORM, "scopes": ["release:write"]})
    assert answer.status_code == 403
    assert Denial.objects.filter(verb="token.create").count() == 1
    assert not Token.objects.exists()
