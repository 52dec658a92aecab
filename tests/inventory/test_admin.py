"""The governance team's window: everything is seen, nothing is edited, every button is a service."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.access.models import User
from governance.ledger.models import Denial
from governance.rest.checks import addresses
from inventory.models import Release, System, Unit
from inventory.services import create_release
from tests.inventory.scene import Scene


def window(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client: Client, path: str) -> HttpResponse:
    answer: HttpResponse = client.get(f"/admin/{path}")  # type: ignore[assignment]
    assert answer.status_code == 200, (path, answer.status_code)
    return answer


def test_only_people_with_a_right_over_the_whole_organisation_come_in(scene: Scene) -> None:
    assert Client().get("/admin/inventory/system/")["Location"].startswith("/admin/login/")
    assert Client().get("/admin/login/")["Location"].startswith("/accounts/login/")
    for person in (scene.owner, scene.stranger):
        answer = window(person).get("/admin/", follow=True)
        assert answer.status_code == 403
    assert window(scene.governor).get("/admin/").status_code == 200
    moved = window(scene.governor).get("/admin/password_change/")
    assert moved["Location"].startswith("/accounts/password/change/")


def test_records_are_shown_with_buttons_and_without_a_form(scene: Scene) -> None:
    create_release(actor=scene.developer, system=scene.scorer, version="1")
    client = window(scene.governor)
    for path in ("", "inventory/system/", "inventory/release/", "inventory/document/", "inventory/unit/"):
        page(client, path)
    shown = page(client, f"inventory/system/{scene.scorer.pk}/change/").content.decode()
    assert "Change its phase" in shown
    assert not re.search(r'name="(name|state|phase|tier|_save)"', shown)
    page(client, f"inventory/release/{Release.objects.get().pk}/change/")


@pytest.mark.parametrize("action", ["change", "delete", "add"])
def test_nothing_is_added_changed_or_deleted_by_the_admin_itself(scene: Scene, action: str) -> None:
    release = create_release(actor=scene.developer, system=scene.scorer, version="1")
    for person in (scene.governor, scene.operator):
        client = window(person)
        path = "add/" if action == "add" else f"{release.pk}/{action}/"
        data = {"state": "approved", "post": "yes", "version": "2", "_saveasnew": "1"}
        assert client.post(f"/admin/inventory/release/{path}", data).status_code == 403
        data = {"action": "delete_selected", "_selected_action": str(release.pk), "post": "yes"}
        client.post("/admin/inventory/release/", data)
    release.refresh_from_db()
    assert (release.state, release.version) == ("draft", "1")


def test_the_buttons_call_the_services(scene: Scene) -> None:
    client = window(scene.governor)
    answer = client.post("/admin/inventory/unit/create/", {"name": "Loans", "parent": scene.bank.pk})
    assert answer.status_code == 302
    loans = Unit.objects.get(slug="loans")
    assert loans.parent == scene.bank
    assert client.post("/admin/inventory/unit/create/", {"name": "loans", "parent": scene.bank.pk}).status_code == 409
    assert client.post(f"/admin/inventory/unit/{loans.pk}/rename/", {"name": "a\u202eb"}).status_code == 400
    client.post("/admin/inventory/system/create/", {"name": "Churn", "unit": loans.pk})
    churn = System.objects.get(slug="churn")
    client.post(f"/admin/inventory/system/{churn.pk}/phase/", {"phase": "pilot", "reason": "Trial."})
    client.post(f"/admin/inventory/system/{churn.pk}/move/", {"unit": scene.cards.pk})
    churn.refresh_from_db()
    assert (churn.phase, churn.unit) == ("pilot", scene.cards)


def test_an_operator_looks_and_every_button_is_refused_and_recorded(scene: Scene) -> None:
    client = window(scene.operator)
    assert "Change its phase" not in page(client, f"inventory/system/{scene.scorer.pk}/change/").content.decode()
    answer = client.post(f"/admin/inventory/system/{scene.scorer.pk}/phase/", {"phase": "pilot"})
    assert answer.status_code == 403
    assert Denial.objects.filter(actor_name="Operator", verb="system.move", door="admin").count() == 1


def test_fields_that_are_no_fields_are_refused(scene: Scene) -> None:
    answer = window(scene.governor).post("/admin/inventory/unit/create/", {"name": "X", "parent": "", "slug": "y"})
    assert answer.status_code == 400
    assert not Unit.objects.filter(name="X").exists()


def test_the_admin_has_no_way_in_of_its_own_and_nothing_of_others_on_it() -> None:
    places = [where for where, _ in addresses() if where.startswith("admin/")]
    assert places
    assert not [where for where in places if "autocomplete" in where or "/r/" in where or "done" in where]
    roles = "admin/auth/group/"  # organisation-wide roles, looked at only
    apps = {where.split("/")[1] for where in places if where.count("/") > 2 and not where.startswith(roles)}
    assert not apps & {"axes", "auth", "knox", "guardian", "procrastinate", "account", "mfa", "sites"}


def test_the_window_keeps_the_strict_policy(scene: Scene) -> None:
    answer = page(window(scene.governor), "inventory/unit/create/")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert b" style=" not in answer.content
    assert b" onclick=" not in answer.content


@pytest.mark.parametrize(
    "asked",
    ["access/user/?password__startswith=argon2", "access/user/?salt__contains=a", "access/token/?digest__startswith=a",
     "access/user/?last_login__gt=2020-01-01", "inventory/system/?unit__name__regex=a", "inventory/system/?x=1",
     "inventory/system/?phase__startswith=p", "inventory/assignment/?person__password__startswith=a"],
)  # fmt: skip
def test_a_list_answers_only_the_filters_it_shows(scene: Scene, asked: str) -> None:
    assert window(scene.governor).get(f"/admin/{asked}").status_code == 400


@pytest.mark.parametrize(
    "asked", ["access/user/?kind__exact=human", "access/user/?is_active__exact=1", "access/user/?groups__id__exact=1",
              "inventory/system/?phase__exact=pilot", "inventory/system/?tier=high", "access/user/?q=a&o=1"],
)  # fmt: skip
def test_the_filters_a_list_shows_work(scene: Scene, asked: str) -> None:
    assert window(scene.governor).get(f"/admin/{asked}").status_code == 200


def test_a_filter_names_the_empty_value_too(scene: Scene) -> None:
    client = window(scene.governor)
    assert "Nothing stated</a>" in page(client, "inventory/system/").content.decode()
    found = page(client, "inventory/system/?tier=").content.decode()
    assert scene.scorer.name in found
