"""Single sign-on against a real OpenID provider: who gets in, as whom, with which roles, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.request import Request

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from governance.access import openid, single_sign_on
from governance.access.models import Identity, User
from governance.access.rights import can, recusal
from governance.access.services.identities import end_identity, link_identity
from governance.access.visits import Visits
from governance.access.vocabulary import OrganisationRole, Permission, Role
from governance.ledger.acting import Door, acting
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Assignment
from tests.governance.access.people import PASSWORD, TEST, appoint, join, linked, person, system, unit
from tests.governance.access.provider import Provider, asked, provider

pytestmark = [pytest.mark.django_db, pytest.mark.sso]
LEAVE, BACK, LOGIN = "/accounts/sso/", "/accounts/sso/callback/", "/accounts/login/"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as found:
        yield found


@pytest.fixture
def idp(running: Provider, settings: Any) -> Provider:
    settings.SSO_ISSUER, settings.SSO_CLIENT_ID, settings.SSO_CLIENT_SECRET = running.issuer, "countersign", "secret"
    settings.PORTAL_URL = "http://testserver"
    return running


@pytest.fixture
def ada() -> User:
    return person("ada")


def sign_in(client: Client, idp: Provider, subject: str, path: str = LEAVE) -> HttpResponse:
    left = client.get(path)
    assert left.status_code == 302
    return client.get(idp.approve(left.headers["Location"], subject))  # type: ignore[return-value]


def user_of(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


def test_a_linked_person_signs_in_and_returns_where_they_wanted_to_go(client: Client, idp: Provider, ada: User) -> None:
    linked(ada, "sub-1")
    answer = sign_in(client, idp, "sub-1", f"{LEAVE}?next=/systems/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/systems/")
    assert user_of(client) == str(ada.pk)


def test_the_provider_is_asked_with_state_nonce_and_a_proof_of_possession(client: Client, idp: Provider) -> None:
    question = asked(client.get(f"{LEAVE}?auth_params=nonce%3Dchosen&max_age=9&scope=all").headers["Location"])
    assert question["code_challenge_method"] == "S256"
    assert len(question["nonce"]) > 40
    assert len(question["state"]) > 40
    assert question["scope"] == "openid profile email"
    assert "max_age" not in question


def test_an_address_never_signs_anybody_in(client: Client, idp: Provider, ada: User) -> None:
    idp.knows("stranger", email=ada.email, email_verified=True, preferred_username="ada", name="Ada")
    assert sign_in(client, idp, "stranger").status_code == 403
    assert not user_of(client)
    assert Denial.objects.filter(verb="person.link_identity", code="sso").exists()


def test_a_subject_of_another_issuer_is_somebody_else(client: Client, idp: Provider, ada: User, settings: Any) -> None:
    settings.SSO_ISSUER = "https://elsewhere.example"
    linked(ada, "sub-1")
    settings.SSO_ISSUER = idp.issuer
    assert sign_in(client, idp, "sub-1").status_code == 403


def test_a_stranger_gets_an_account_without_any_right_where_that_is_set(
    client: Client, idp: Provider, ada: User, settings: Any
) -> None:
    settings.SSO_CREATE_PEOPLE = True
    idp.knows("new", email=ada.email, preferred_username="ada", name="Ada Impostor")
    assert sign_in(client, idp, "new").status_code == 302
    made = Identity.objects.get(subject="new").person
    assert made.pk != ada.pk
    assert (made.username.startswith("ada-"), made.email, made.is_staff) == (True, "", False)
    assert not made.groups.exists()
    assert not made.assignments.exists()
    assert not made.has_usable_password()
    sign_in(Client(), idp, "new")
    assert User.objects.filter(username__startswith="ada-").count() == 1


def test_what_the_provider_says_of_a_newcomer_is_kept_only_as_far_as_it_can_be_read(
    client: Client, idp: Provider, settings: Any
) -> None:
    settings.SSO_CREATE_PEOPLE = True
    idp.knows("odd", email="no address", preferred_username="new\u202ename", name=" Eve\u202e\n\u200bAdams\t ")
    assert sign_in(client, idp, "odd").status_code == 302
    made = Identity.objects.get(subject="odd").person
    assert (made.username, made.name, made.email) == ("newname", "Eve Adams", "")


def test_closed_accounts_and_ended_links_sign_nobody_in(client: Client, idp: Provider, ada: User) -> None:
    linked(ada, "sub-1")
    end_identity(actor=TEST, identity=ada.identities.get(), door=Door.COMMAND)
    assert sign_in(client, idp, "sub-1").status_code == 403
    linked(person("clo", is_active=False), "sub-2")
    assert sign_in(client, idp, "sub-2").status_code == 403


def test_an_answer_counts_once_and_in_the_session_that_asked(client: Client, idp: Provider, ada: User) -> None:
    linked(ada, "sub-1")
    left = client.get(LEAVE)
    back = idp.approve(left.headers["Location"], "sub-1")
    assert Client().get(back).status_code == 403
    assert client.get(back).status_code == 302
    client.logout()
    assert client.get(back).status_code == 403
    assert client.get(f"{BACK}?code=x&state=y").status_code == 403


def test_what_the_provider_publishes_is_read_once_and_a_source_sets_out_so_often_in_a_minute(
    client: Client, idp: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid, "_published", {})
    asked_for: list[str] = []
    ask = openid._ask

    def noted(request: Request) -> Mapping[str, Any]:
        asked_for.append(request.full_url)
        return ask(request)

    monkeypatch.setattr(openid, "_ask", noted)
    settings.SSO_VISITS_PER_MINUTE = 3
    monkeypatch.setattr(single_sign_on, "VISITS", Visits())
    answers = [Client().get(LEAVE, REMOTE_ADDR="192.0.2.7") for _ in range(5)]
    assert [answer.status_code for answer in answers][:3] == [302, 302, 302]
    assert answers[-1].status_code in {302, 429}  # a minute may have ended in between
    assert len(asked_for) == 1
    settings.SSO_ISSUER = "http://127.0.0.1:9"
    for source in ("192.0.2.8", "192.0.2.9"):
        assert client.get(LEAVE, REMOTE_ADDR=source).status_code == 409
    assert len(asked_for) == 2


def test_an_answer_to_another_nonce_is_refused(client: Client, idp: Provider, ada: User) -> None:
    linked(ada, "sub-1")
    asked_for = client.get(LEAVE).headers["Location"]
    other = asked_for.replace(asked(asked_for)["nonce"], "somebody-elses")
    answer = client.get(idp.approve(other, "sub-1"))
    assert answer.status_code == 403
    assert not user_of(client)


def test_a_provider_that_names_itself_otherwise_or_is_not_there_signs_nobody_in(
    client: Client, idp: Provider, settings: Any
) -> None:
    settings.SSO_ISSUER = idp.issuer.replace("127.0.0.1", "localhost")
    assert client.get(LEAVE).status_code in {302, 403}
    settings.SSO_ISSUER = "http://127.0.0.1:9"
    assert client.get(LEAVE).status_code == 409
    settings.SSO_ISSUER = "http://provider.example"
    assert client.get(LEAVE).status_code == 403
    settings.SSO_ISSUER = ""
    assert client.get(LEAVE).status_code == 404


MAP = {
    "validators": [{"role": "validator", "unit": "home"}],
    "builders": [{"role": "developer", "unit": "home"}],
    "examiners": [{"role": "examiner"}],
}


def roles(who: User) -> set[str]:
    return set(Assignment.objects.current().filter(person=who).values_list("role", flat=True))


def test_roles_follow_the_groups_and_end_with_them(client: Client, idp: Provider, ada: User, settings: Any) -> None:
    settings.SSO_GROUPS = MAP
    unit("home")
    linked(ada, "sub-1")
    idp.knows("sub-1", groups=["validators", "examiners", "others"])
    sign_in(client, idp, "sub-1")
    assert roles(ada) == {"validator"}
    assert set(ada.groups.values_list("name", flat=True)) == {OrganisationRole.EXAMINER}
    assert Event.objects.filter(table_name="inventory_assignment", actor_name="system:single_sign_on").count() == 1
    idp.knows("sub-1", groups=["others"])
    sign_in(Client(), idp, "sub-1")
    assert roles(ada) == set()
    assert not ada.groups.exists()
    assert Event.objects.filter(table_name="inventory_assignment", actor_name="system:single_sign_on").count() == 2


def test_a_role_somebody_gave_by_hand_is_not_ended_by_groups(
    client: Client, idp: Provider, ada: User, settings: Any
) -> None:
    settings.SSO_GROUPS = MAP
    appoint(ada, Role.VALIDATOR, unit=unit("home"))
    linked(ada, "sub-1")
    idp.knows("sub-1", groups=[])
    sign_in(client, idp, "sub-1")
    assert roles(ada) == {"validator"}


def test_groups_do_not_make_a_reviewer_of_who_builds_a_system(
    client: Client, idp: Provider, ada: User, settings: Any
) -> None:
    settings.SSO_GROUPS = MAP
    built = system("scorer")
    appoint(ada, Role.OWNER, system=built)
    linked(ada, "sub-1")
    idp.knows("sub-1", groups=["validators"])
    sign_in(client, idp, "sub-1")
    page = client.get(f"/systems/{built.slug}/")
    assert page.status_code == 200
    assert not can(ada, Permission.SIGN_VALIDATION, built)
    assert recusal(ada, built)


def test_nobody_links_their_own_account_nor_one_that_is_taken(idp: Provider, ada: User) -> None:
    gov = join(person("gov"), OrganisationRole.GOVERNANCE)
    with pytest.raises(Forbidden):
        link_identity(actor=ada, person=gov, subject="s")
    with pytest.raises(Forbidden) as own:
        link_identity(actor=gov, person=gov, subject="s")
    assert own.value.code == "sod.self"
    link_identity(actor=gov, person=ada, subject="s")
    with pytest.raises(Conflict):
        link_identity(actor=gov, person=person("eve"), subject="s")


def test_an_identity_planted_in_the_database_is_refused(idp: Provider, ada: User) -> None:
    linked(ada, "sub-1")
    eve = person("eve")
    mine = ada.identities.get()
    with (
        pytest.raises(Forbidden),
        acting(TEST, door=Door.COMMAND, verb="person.link_identity"),
    ):
        Identity.objects.create(
            person=eve, issuer=idp.issuer, subject="s", linked_at=mine.linked_at, proof_key=mine.proof_key,
            proof=mine.proof,
        )  # fmt: skip
    for change in ({"person": eve}, {"subject": "other"}):
        with pytest.raises((IntegrityError, Conflict)), transaction.atomic():
            Identity.objects.filter(pk=mine.pk).update(**change)


def test_with_passwords_switched_off_no_door_takes_one(client: Client, idp: Provider, ada: User, settings: Any) -> None:
    linked(ada, "sub-1")
    settings.PASSWORD_SIGN_IN = False
    page = client.get(LOGIN).content.decode()
    assert 'name="password"' not in page
    assert LEAVE in page
    answer = client.post(LOGIN, {"login": "ada", "password": PASSWORD})
    assert answer.status_code == 200
    assert not user_of(client)
    assert not client.login(username="ada", password=PASSWORD)
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert not user_of(client)
    for path in ("password/reset/", "password/change/", "reauthenticate/"):
        assert client.get(f"/accounts/{path}").status_code in {302, 404}
    basic = client.get("/api/v1/systems/", headers={"Authorization": "Basic YWRhOmNvcnJlY3Q="})
    assert basic.status_code == 401
    assert sign_in(client, idp, "sub-1").status_code == 302
    assert user_of(client) == str(ada.pk)


def test_stepping_up_needs_a_fresh_proof_by_the_same_person(client: Client, idp: Provider, ada: User) -> None:
    linked(ada, "sub-1")
    linked(person("eve"), "sub-2")
    sign_in(client, idp, "sub-1")
    confirm = f"{LEAVE}?confirm=review:1:abc&next=/"
    question = asked(client.get(confirm).headers["Location"])
    assert (question["prompt"], question["max_age"]) == ("login", "0")
    for seconds in (3600, 30):  # the second one is a session there that began before the question
        idp.knows("sub-1", auth_time=int(time.time()) - seconds)
        assert sign_in(client, idp, "sub-1", confirm).status_code == 403
    idp.knows("sub-2", auth_time=int(time.time()))
    assert sign_in(client, idp, "sub-2", confirm).status_code == 403
    assert user_of(client) == str(ada.pk)
    assert "presence" not in client.session
    idp.knows("sub-1", auth_time=int(time.time()))
    assert sign_in(client, idp, "sub-1", confirm).status_code == 302
    assert client.session["presence"]["purpose"] == "review:1:abc"
