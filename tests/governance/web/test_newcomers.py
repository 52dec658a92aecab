"""Somebody without a role is told so, and whom to ask."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.access.vocabulary import OrganisationRole
from governance.web.newcomers import whom_to_ask
from tests.governance.access.people import join, person
from tests.inventory.scene import build

pytestmark = pytest.mark.django_db


def test_whoever_sees_no_system_is_told_whom_to_ask(client: Client) -> None:
    scene = build()
    giver = person("giver")
    join(giver, OrganisationRole.GOVERNANCE)
    assert str(giver) in (whom_to_ask(scene.stranger) or "")
    client.force_login(scene.stranger)
    for path in ("/", "/systems/"):
        page = client.get(path).content.decode()
        assert "no role" in page
        assert str(giver) in page


def test_whoever_sees_a_system_is_not(client: Client) -> None:
    scene = build()
    examiner = person("onlooker")
    join(examiner, OrganisationRole.EXAMINER)
    for somebody in (scene.developer, examiner):
        assert whom_to_ask(somebody) is None
        client.force_login(somebody)
        assert "You hold no role yet" not in client.get("/").content.decode()
