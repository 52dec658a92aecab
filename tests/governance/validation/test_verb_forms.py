"""A form is not shown to somebody who could not send it: who may not is told why, and so is who comes too late."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.access.models import User
from governance.validation.models import Finding
from governance.validation.services import raise_finding, respond_to_finding, verify_finding
from tests.governance.validation.scene import Scene, build

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def scene() -> Scene:
    return build()


@pytest.fixture
def finding(scene: Scene) -> Finding:
    return raise_finding(
        actor=scene["validator"], release=scene.submitted().release, title="Drift", text="It drifts.", severity="high",
        category="data",
    )  # fmt: skip


def form(who: User, finding: Finding, verb: str) -> tuple[int, str]:
    client = Client()
    client.force_login(who, backend=BACKEND)
    answer = client.get(f"/findings/{finding.pk}/{verb}/")
    return answer.status_code, answer.content.decode()


def test_of_a_verb_its_state_does_not_offer_the_form_says_why_not(scene: Scene, finding: Finding) -> None:
    status, page = form(scene["developer"], finding, "verify")
    assert (status, "You need the right to verify answers to findings" in page, "<textarea" in page) == (
        403, True, False,
    )  # fmt: skip
    status, page = form(scene["validator2"], finding, "verify")
    assert (status, "A finding that is open cannot be moved by" in page, "<textarea" in page) == (409, True, False)
    assert form(scene["developer"], finding, "respond")[0] == 200


def test_after_the_last_verb_no_form_is_left(scene: Scene, finding: Finding) -> None:
    respond_to_finding(actor=scene["developer"], finding=finding, response="Mended.")
    assert form(scene["validator2"], finding, "verify")[0] == 200
    verify_finding(actor=scene["validator2"], finding=finding, verification="Looked.")
    finding.refresh_from_db()
    assert form(scene["validator2"], finding, "verify")[0] == 409
    assert form(scene["viewer"], finding, "respond")[0] == 403
    assert form(scene["developer"], finding, "respond")[0] == 409
