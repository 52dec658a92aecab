"""Giving and ending roles: the same verdict on the web, in the admin and over REST, and one record of each refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role
from governance.ledger.models import Denial
from inventory.models import Assignment, System
from tests.governance.access.people import appoint, join, person, system
from tests.rest import Caller

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who, backend=BACKEND)
    return client


def by_web(actor: User, holder: User, role: str, place: System) -> int:
    data = {"person": holder.pk, "role": role, "until": "", "reason": ""}
    return browser(actor).post(f"/systems/{place.slug}/people/new/", data).status_code


def by_admin(actor: User, holder: User, role: str, place: System) -> int:
    data = {"person": holder.username, "role": role, "system": place.slug, "unit": "", "until": "", "reason": ""}
    return browser(actor).post("/admin/inventory/assignment/create/", data).status_code


def by_api(actor: User, holder: User, role: str, place: System) -> int:
    return (
        Caller(actor).post(f"systems/{place.slug}/assignments/", {"person": holder.username, "role": role}).status_code
    )


Give = Callable[[User, User, str, System], int]
DOORS = pytest.mark.parametrize("give", [by_web, by_admin, by_api])
DONE: dict[Give, int] = {by_web: 302, by_admin: 302, by_api: 201}


@pytest.fixture
def governor() -> User:
    return join(person("governor"), OrganisationRole.GOVERNANCE)


@pytest.fixture
def scorer() -> System:
    return system("scorer")


@DOORS
def test_governance_gives_a_role(give: Give, governor: User, scorer: System) -> None:
    holder = person("holder")
    assert give(governor, holder, Role.VALIDATOR, scorer) == DONE[give]
    given = Assignment.objects.get()
    assert (given.person, given.role, given.system, given.assigned_by) == (holder, Role.VALIDATOR, scorer, governor)


@DOORS
def test_nobody_gives_a_role_to_themselves(give: Give, governor: User, scorer: System) -> None:
    assert give(governor, governor, Role.VIEWER, scorer) == 403
    assert not Assignment.objects.exists()
    assert list(Denial.objects.values_list("verb", "code")) == [("assignment.create", "sod.self")]


@DOORS
def test_nobody_builds_and_reviews_one_system(give: Give, governor: User, scorer: System) -> None:
    holder = person("holder")
    appoint(holder, Role.DEVELOPER, system=scorer)
    assert give(governor, holder, Role.APPROVER, scorer) == 409
    assert Denial.objects.filter(code="sod.roles").count() == 1
    assert Assignment.objects.count() == 1


@DOORS
def test_a_role_is_not_given_twice(give: Give, governor: User, scorer: System) -> None:
    holder = person("holder")
    appoint(holder, Role.VIEWER, system=scorer)
    assert give(governor, holder, Role.VIEWER, scorer) == 409


@DOORS
def test_a_word_that_is_no_role_is_bad_input(give: Give, governor: User, scorer: System) -> None:
    assert give(governor, person("holder"), "king", scorer) == 400
    assert not Assignment.objects.exists()


@DOORS
@pytest.mark.parametrize("kind", ["viewer", "validator", "examiner", "superuser"])
def test_who_may_look_may_not_give(give: Give, scorer: System, kind: str) -> None:
    actor = person(kind, is_superuser=kind == "superuser", is_staff=kind == "superuser")
    if kind == "examiner":
        join(actor, OrganisationRole.EXAMINER)
    elif kind != "superuser":
        appoint(actor, Role(kind), system=scorer)
    before = Assignment.objects.count()
    assert give(actor, person("holder"), Role.DEVELOPER, scorer) == 403
    assert Assignment.objects.count() == before


@pytest.mark.parametrize("give", [by_web, by_api])
def test_who_may_not_look_learns_nothing(give: Give, scorer: System) -> None:
    outsider, unknown = person("outsider"), System(slug="no-such-system")
    holder = person("holder")
    assert give(outsider, holder, Role.DEVELOPER, scorer) == give(outsider, holder, Role.DEVELOPER, unknown) == 404


def end_by_web(actor: User, given: Assignment) -> int:
    assert given.system is not None
    return browser(actor).post(f"/systems/{given.system.slug}/people/{given.pk}/end/").status_code


def end_by_admin(actor: User, given: Assignment) -> int:
    return browser(actor).post(f"/admin/inventory/assignment/{given.pk}/end/", {"reason": "Moved on."}).status_code


def end_by_api(actor: User, given: Assignment) -> int:
    return Caller(actor).post(f"assignments/{given.pk}/end/", {"reason": "Moved on."}).status_code


@pytest.mark.parametrize("end", [end_by_web, end_by_admin, end_by_api])
def test_a_role_is_ended_once(end: Callable[[User, Assignment], int], governor: User, scorer: System) -> None:
    given = appoint(person("holder"), Role.DEVELOPER, system=scorer)
    assert end(governor, given) in {200, 302}
    given.refresh_from_db()
    assert given.ended_by == governor
    assert end(governor, given) == 409


class TestPeopleInTheAdmin:
    """The admin's pages of people, tokens and roles."""

    def test_they_show_no_password_and_no_form(self, governor: User) -> None:
        shown = browser(governor).get(f"/admin/access/user/{governor.pk}/change/")
        page = shown.content.decode()
        assert shown.status_code == 200
        assert "md5$" not in page
        assert 'name="password"' not in page
        assert 'name="is_superuser"' not in page
        assert "Close the account" in page
        renaming = browser(governor).get(f"/admin/access/user/{governor.pk}/rename/").content.decode()
        assert f'value="{governor.name}"' in renaming
        for path in ("access/user/", "auth/group/", "access/token/", "inventory/assignment/"):
            assert browser(governor).get(f"/admin/{path}").status_code == 200

    def test_a_person_is_added_given_a_role_and_closed(self, governor: User) -> None:
        client = browser(governor)
        others = [join(person(f"g{number}"), OrganisationRole.GOVERNANCE) for number in (1, 2)]
        answer = client.post(
            "/admin/access/user/create/", {"username": "ada", "name": "Ada", "email": "ada@example.com"}
        )
        assert answer.status_code == 302
        ada = User.objects.get(username="ada")
        for each in (client, browser(others[0])):
            ada.refresh_from_db()
            assert not ada.is_staff
            each.post(f"/admin/access/user/{ada.pk}/grant/", {"role": "governance", "reason": ""})
        ada.refresh_from_db()
        assert ada.is_staff
        client.post(f"/admin/access/user/{ada.pk}/close/", {"reason": "Left."})
        ada.refresh_from_db()
        assert ada.closed_at is not None

    @pytest.mark.parametrize("field", ["is_superuser", "is_staff", "password", "groups", "id"])
    def test_fields_that_are_not_offered_are_refused(self, governor: User, field: str) -> None:
        data = {"username": "ada", "name": "Ada", "email": "ada@example.com", field: "1"}
        assert browser(governor).post("/admin/access/user/create/", data).status_code == 400
        assert not User.objects.filter(username="ada").exists()

    @pytest.mark.parametrize("action", ["change", "delete", "history"])
    def test_nothing_is_changed_by_the_admin_itself(self, governor: User, action: str) -> None:
        other = person("other")
        data = {"post": "yes", "is_superuser": "on", "password": "x", "username": "root"}
        browser(governor).post(f"/admin/access/user/{other.pk}/{action}/", data)
        other.refresh_from_db()
        assert (other.username, other.is_superuser) == ("other", False)

    @pytest.mark.parametrize("kind", ["examiner", "superuser"])
    def test_who_only_looks_at_records_does_not_look_at_people(self, kind: str) -> None:
        actor = person(kind, is_superuser=kind == "superuser", is_staff=True)
        if kind == "examiner":
            join(actor, OrganisationRole.EXAMINER)
        for path in ("access/user/", "access/token/", "auth/group/"):
            assert browser(actor).get(f"/admin/{path}").status_code == 403


def test_a_person_added_without_a_password_sets_one_by_mail(governor: User, mailoutbox: list[object]) -> None:
    browser(governor).post("/admin/access/user/create/", {"username": "ada", "name": "Ada", "email": "ada@example.com"})
    assert Client().post("/accounts/password/reset/", {"email": "ada@example.com"}).status_code == 302
    assert len(mailoutbox) == 1
    link = next(line for line in mailoutbox[0].body.split() if "/password/reset/key/" in line)  # type: ignore[attr-defined]
    client = Client()
    page = client.get(link[link.index("/accounts/") :], follow=True)
    assert page.status_code == 200
    chosen = "an entirely different phrase 7"
    client.post(page.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    assert User.objects.get(username="ada").check_password(chosen)
