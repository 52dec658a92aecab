"""Packs in the governance team's window."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from governance.database.clock import portal_now
from governance.policy.models import Pack
from governance.policy.packs import shipped
from tests.governance.access.people import join
from tests.governance.policy import records

pytestmark = pytest.mark.django_db
LIST = "/admin/policy/pack/"


def window(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_pack_is_loaded_proposed_and_adopted_by_buttons() -> None:
    gina, greg = (join(records.person(name), OrganisationRole.GOVERNANCE) for name in ("gina", "greg"))
    first, second = window(gina), window(greg)
    assert first.post(f"{LIST}load/", {"source": shipped("baseline")}).status_code == 302
    pack = Pack.objects.get()
    assert "Propose" in first.get(f"{LIST}{pack.pk}/change/").content.decode()
    assert first.post(f"{LIST}{pack.pk}/propose/").status_code == 302
    assert first.post(f"{LIST}{pack.pk}/adopt/", {"effective_from": ""}).status_code == 403
    past = (portal_now() - timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    assert second.post(f"{LIST}{pack.pk}/adopt/", {"effective_from": past}).status_code == 409
    assert second.post(f"{LIST}{pack.pk}/adopt/", {"effective_from": ""}).status_code == 302
    pack.refresh_from_db()
    assert (pack.state, pack.proposed_by, pack.adopted_by) == ("adopted", gina, greg)


def test_a_bad_pack_is_shown_its_lines() -> None:
    client = window(join(records.person("gina"), OrganisationRole.GOVERNANCE))
    response = client.post(f"{LIST}load/", {"source": shipped("baseline").replace("due_days: 7", "due_days: 0")})
    assert response.status_code == 400
    assert "findings.severities.0.due_days" in response.content.decode()


def test_examiners_look_and_press_nothing() -> None:
    pack = records.pack()
    client = window(join(records.person("ezra"), OrganisationRole.EXAMINER))
    shown = client.get(f"{LIST}{pack.pk}/change/")
    assert shown.status_code == 200
    assert "Withdraw" not in shown.content.decode()
    assert client.post(f"{LIST}{pack.pk}/withdraw/", {"reason": "x"}).status_code == 403
