"""Links of single sign-on take two others: nobody signs in as a colleague with an account they linked alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from governance.access.models import Identity, User
from governance.access.openid import Claims
from governance.access.services.identities import confirm_identity, end_identity, link_identity, person_of
from governance.access.vocabulary import OrganisationRole
from governance.database.clock import portal_now
from governance.ledger.acting import Door, acting
from governance.ledger.models import Denial, Event
from governance.lifecycle import Conflict, Forbidden
from tests.governance.access.people import TEST, join, linked, person

pytestmark = pytest.mark.django_db
ISSUER = "https://idp.example"
REFUSED = (Forbidden, Conflict, IntegrityError)


@pytest.fixture(autouse=True)
def _provider(settings: Any) -> None:
    settings.SSO_ISSUER, settings.SSO_CLIENT_ID = ISSUER, "countersign"


@pytest.fixture
def val() -> User:
    return person("val")


def governor(name: str) -> User:
    return join(person(name), OrganisationRole.GOVERNANCE)


def claims(subject: str, **more: Any) -> Claims:
    said = {"name": "", "username": "", "email": "", "groups": frozenset(), "authenticated_at": None, **more}
    return Claims(issuer=ISSUER, subject=subject, **said)


def test_what_one_member_of_governance_linked_signs_nobody_in_until_another_confirms_it(val: User) -> None:
    gov, other = governor("gov"), governor("other")
    identity = link_identity(actor=gov, person=val, subject="govs-own")
    with pytest.raises(Forbidden, match="waits for a second member"):
        person_of(claims("govs-own"))
    for who in (gov, val, join(val, OrganisationRole.GOVERNANCE)):
        with pytest.raises(Forbidden):
            confirm_identity(actor=who, identity=identity)
    with pytest.raises(Forbidden):
        person_of(claims("govs-own"))
    confirm_identity(actor=other, identity=identity)
    assert person_of(claims("govs-own")) == val
    told = Event.objects.filter(table_name="access_identity", key=str(identity.pk)).order_by("id")
    assert [*told.values_list("actor_name", "verb")] == [
        ("Gov", "person.link_identity"),
        ("Other", "person.confirm_identity"),
    ]
    with pytest.raises(Conflict):
        confirm_identity(actor=other, identity=identity)


def test_who_is_refused_a_confirmation_leaves_a_denial(val: User) -> None:
    gov = governor("gov")
    with pytest.raises(Forbidden):
        confirm_identity(actor=gov, identity=link_identity(actor=gov, person=val, subject="s"))
    assert Denial.objects.filter(verb="person.confirm_identity", code="sod.self").exists()


def test_a_link_that_waits_takes_the_account_from_nobody_and_can_be_refused(val: User, settings: Any) -> None:
    settings.SSO_CREATE_PEOPLE = True
    identity = link_identity(actor=governor("gov"), person=val, subject="s")
    with pytest.raises(Forbidden):
        person_of(claims("s"))
    end_identity(actor=governor("other"), identity=identity)
    with pytest.raises(Conflict):
        confirm_identity(actor=governor("third"), identity=identity)
    assert person_of(claims("s", username="new")).username == "new"


def test_a_newcomers_own_link_needs_nobody_and_nobody_elses_is_made_that_way(val: User, settings: Any) -> None:
    settings.SSO_CREATE_PEOPLE = True
    made = person_of(claims("new", username="newcomer"))
    identity = made.identities.get()
    assert (identity.linked_by, identity.confirmed_by, identity.confirmed_at) == (None, None, identity.linked_at)
    assert person_of(claims("new")) == made
    now = portal_now()
    for who in (val, made):
        planted = Identity(person=who, issuer=ISSUER, subject="planted", linked_at=now, confirmed_at=now)
        planted.prove()
        planted.prove_confirmation()
        with pytest.raises(REFUSED), acting(TEST, door=Door.COMMAND, verb="person.link_identity"):
            planted.save(force_insert=True)


def test_the_database_refuses_a_confirmation_by_the_same_by_the_person_and_in_anothers_name(val: User) -> None:
    gov, other = governor("gov"), governor("other")
    identity = link_identity(actor=gov, person=val, subject="s")
    for actor, written in ((gov, gov), (val, val), (gov, other), (other, None)):
        identity.refresh_from_db()
        identity.confirmed_at, identity.confirmed_by = portal_now(), written
        identity.prove_confirmation()
        with pytest.raises(REFUSED), acting(actor, door=Door.WEB, verb="person.confirm_identity"):
            identity.save()
    with pytest.raises(REFUSED), acting(other, door=Door.WEB, verb="person.confirm_identity"):
        Identity.objects.filter(pk=identity.pk).update(confirmed_at=portal_now(), confirmed_by=other)
    confirm_identity(actor=other, identity=Identity.objects.get(pk=identity.pk))
    for change in ({"confirmed_by": governor("third")}, {"linked_by": None}, {"confirmed_at": None}):
        with pytest.raises(REFUSED), transaction.atomic():
            Identity.objects.filter(pk=identity.pk).update(**change)


def test_an_unconfirmed_link_is_no_way_to_prove_presence(client: Client, val: User, settings: Any) -> None:
    settings.PASSWORD_SIGN_IN = False
    link_identity(actor=governor("gov"), person=val, subject="s")
    client.force_login(val, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/accounts/2fa/totp/activate/").status_code == 403
    end_identity(actor=TEST, identity=val.identities.get(), door=Door.COMMAND)
    linked(val, "s")
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302


def test_who_may_confirm_finds_it_on_my_work_and_confirms_in_the_admin(client: Client, val: User) -> None:
    gov, other = governor("gov"), governor("other")
    client.force_login(gov)
    answer = client.post(reverse("admin:access_user_link", args=[val.pk]), {"subject": "s"}, follow=True)
    assert "waits for somebody else to confirm it" in answer.content.decode()
    identity = val.identities.get()
    page = reverse("admin:access_identity_change", args=[identity.pk])
    confirm = reverse("admin:access_identity_confirm", args=[identity.pk])
    assert page not in client.get("/").content.decode()
    assert client.post(confirm).status_code == 403
    client.force_login(other)
    assert page in client.get("/").content.decode()
    assert client.post(confirm).status_code == 302
    assert page not in client.get("/").content.decode()
    assert "waits" not in client.get(page).content.decode()


def test_ending_a_link_ends_the_sessions_it_may_have_begun_and_refusing_one_that_waits_ends_none(
    client: Client, val: User
) -> None:
    gov = governor("gov")
    linked(val, "s")
    client.force_login(val, backend="allauth.account.auth_backends.AuthenticationBackend")
    end_identity(actor=gov, identity=link_identity(actor=gov, person=val, subject="another"))
    assert client.get("/").status_code == 200
    end_identity(actor=gov, identity=Identity.objects.get(subject="s"))
    answer = client.get("/")
    assert (answer.status_code, answer.headers.get("Location", "")[:17]) == (302, "/accounts/login/?")
