"""Attacks by one member of governance, or by whoever has the runtime password, on who belongs to governance."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.services.people import create_person, end_organisation_role, grant_organisation_role
from governance.access.vocabulary import OrganisationRole, Permission
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden
from tests.governance.access.people import join, person

pytestmark = pytest.mark.django_db
GOVERNANCE, EXAMINER = OrganisationRole.GOVERNANCE, OrganisationRole.EXAMINER
REFUSED = (Forbidden, Conflict, IntegrityError)


@pytest.fixture
def gov() -> User:
    return join(person("gov"), GOVERNANCE)


@pytest.fixture
def other(gov: User) -> User:
    return join(person("other"), GOVERNANCE)


def put_into(who: User, role: OrganisationRole = GOVERNANCE) -> None:
    """Past the portal's services."""
    who.groups.add(Group.objects.get(name=role))


def test_one_member_of_governance_makes_no_puppet_the_second(gov: User) -> None:
    puppet = create_person(actor=gov, username="puppet", name="P", email="p@example.com")
    grant_organisation_role(actor=gov, person=puppet, role=GOVERNANCE)
    assert not rights.permissions_of(puppet)
    with pytest.raises(Forbidden) as refused:
        grant_organisation_role(actor=gov, person=puppet, role=GOVERNANCE)
    assert refused.value.code == "sod.same_person"
    assert not rights.permissions_of(puppet)


def test_who_is_put_forward_by_one_is_given_governance_by_another_or_not(gov: User, other: User) -> None:
    new, refused = person("new"), person("refused")
    for who in (new, refused):
        grant_organisation_role(actor=gov, person=who, role=GOVERNANCE)
    grant_organisation_role(actor=other, person=new, role=GOVERNANCE)
    assert rights.can(new, Permission.PACK_CHANGE)
    end_organisation_role(actor=other, person=refused, role=GOVERNANCE)
    grant_organisation_role(actor=other, person=refused, role=GOVERNANCE)
    assert not rights.permissions_of(refused)
    end_organisation_role(actor=gov, person=new, role=GOVERNANCE)
    grant_organisation_role(actor=other, person=new, role=GOVERNANCE)
    assert not rights.permissions_of(new)


@pytest.mark.parametrize("name", ["outsider", "gov"])
@pytest.mark.parametrize("role", [GOVERNANCE, EXAMINER])
def test_past_the_portal_one_gives_no_governance_and_a_stranger_nothing(
    gov: User, name: str, role: OrganisationRole
) -> None:
    friend = person("friend")
    actor = gov if name == "gov" else person("outsider")
    if (name, role) == ("gov", EXAMINER):
        with acting(actor, door=Door.ADMIN, verb="person.change"):
            put_into(friend, role)
        return
    with pytest.raises(REFUSED), acting(actor, door=Door.ADMIN, verb="person.change"):
        put_into(friend, role)


def test_nobody_is_written_in_as_the_one_who_put_forward(gov: User, other: User) -> None:
    friend = person("friend")
    with pytest.raises(REFUSED), acting(gov, door=Door.ADMIN, verb="person.change"):
        User.objects.filter(pk=friend.pk).update(put_forward_by=other)
    planted = User(username="planted", name="P", email="planted@example.com", put_forward_by=other)
    planted.set_unusable_password()
    with pytest.raises(REFUSED), acting(gov, door=Door.ADMIN, verb="person.create"):
        planted.save(force_insert=True)


def test_the_second_finds_it_on_my_work_and_gives_the_role_in_the_admin(gov: User, other: User) -> None:
    new, client = person("new"), Client()
    page, give = (reverse(f"admin:access_user_{name}", args=[new.pk]) for name in ("change", "grant"))
    client.force_login(gov)
    answer = client.post(give, {"role": "governance", "reason": ""}, follow=True).content.decode()
    assert "it takes another member of governance" in answer
    assert page not in client.get("/").content.decode()
    assert client.post(give, {"role": "governance", "reason": ""}).status_code == 403
    client.force_login(other)
    assert page in client.get("/").content.decode()
    assert client.post(give, {"role": "governance", "reason": ""}).status_code == 302
    assert page not in client.get("/").content.decode()
    assert rights.can(new, Permission.PERSON_CHANGE)
