"""Signing without a password: presence proven elsewhere counts for this decision, for minutes, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.acting import Door, acting
from governance.validation.models import Review, SignOff
from tests.clocks import Clock
from tests.governance.access.people import TEST, linked
from tests.governance.access.provider import Provider, provider
from tests.governance.validation import scene as scenes
from tests.governance.validation.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    built = scenes.build()
    validator = built["validator"]
    with acting(TEST, door=Door.COMMAND, verb="person.set_password"):
        validator.set_unusable_password()
        validator.save()
    return built


@pytest.fixture
def review(scene: Scene) -> Review:
    return scenes.review_of(scene.submitted(), Role.VALIDATOR)


def signed(client: Client, review: Review, **sent: str) -> HttpResponse:
    data = {"decision": "approve", "comment": "", "digest": review.submission.digest, "password": "", **sent}
    return client.post(f"/reviews/{review.pk}/sign-off/", data)  # type: ignore[return-value]


def here(client: Client, scene: Scene, purpose: str, method: str = "single sign-on") -> None:
    """The session of the validator, in which presence was proven just now."""
    client.force_login(scene["validator"], backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["presence"] = {
        "person": scene["validator"].pk, "purpose": purpose, "method": method, "at": portal_now().isoformat(),
    }  # fmt: skip
    session.save()


def test_presence_proven_for_this_decision_signs_it_and_the_method_is_kept_and_shown(
    client: Client, scene: Scene, review: Review
) -> None:
    here(client, scene, f"review:{review.pk}:{review.submission.digest}")
    assert "You confirmed who you are by single sign-on" in client.get(f"/reviews/{review.pk}/").content.decode()
    assert signed(client, review).status_code == 302
    decision = SignOff.objects.get(review=review)
    assert decision.authenticated_by == "single sign-on"
    assert "presence" not in client.session
    assert "confirmed by single sign-on" in client.get(f"/reviews/{review.pk}/").content.decode()


def test_presence_proven_for_something_else_or_too_long_ago_signs_nothing(
    client: Client, scene: Scene, review: Review, clock: Clock
) -> None:
    client.force_login(scene["validator"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert signed(client, review).status_code == 400
    for purpose in (f"review:{review.pk + 1}:{review.submission.digest}", f"review:{review.pk}:sha256:{'0' * 64}", ""):
        here(client, scene, purpose)
        assert signed(client, review).status_code == 400
    here(client, scene, f"review:{review.pk}:{review.submission.digest}")
    clock.move(timedelta(minutes=5))
    assert signed(client, review).status_code == 400
    assert not SignOff.objects.exists()


def test_presence_of_somebody_else_signs_nothing(client: Client, scene: Scene, review: Review) -> None:
    here(client, scene, f"review:{review.pk}:{review.submission.digest}")
    session = client.session
    session["presence"] = {**session["presence"], "person": scene["validator2"].pk}
    session.save()
    assert signed(client, review).status_code == 400
    assert not SignOff.objects.exists()


def test_with_passwords_switched_off_none_signs(client: Client, scene: Scene, review: Review, settings: Any) -> None:
    client.force_login(scene["validator2"], backend="allauth.account.auth_backends.AuthenticationBackend")
    settings.PASSWORD_SIGN_IN = False
    assert 'name="password"' not in client.get(f"/reviews/{review.pk}/").content.decode()
    assert signed(client, review, password="correct horse battery staple").status_code == 400
    assert not SignOff.objects.exists()


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as found:
        yield found


@pytest.mark.sso
def test_a_person_without_a_password_signs_with_single_sign_on(
    client: Client, scene: Scene, review: Review, running: Provider, settings: Any
) -> None:
    settings.SSO_ISSUER, settings.SSO_CLIENT_ID, settings.SSO_CLIENT_SECRET = running.issuer, "countersign", "secret"
    settings.PORTAL_URL, settings.PASSWORD_SIGN_IN = "http://testserver", False
    linked(scene["validator"], "sub-1")
    client.get(running.approve(client.get("/accounts/sso/").headers["Location"], "sub-1"))
    page = client.get(f"/reviews/{review.pk}/")
    running.knows("sub-1", auth_time=int(time.time()))
    back = client.get(running.approve(client.get(page.context["sso_href"]).headers["Location"], "sub-1"))
    assert back.headers["Location"] == f"/reviews/{review.pk}/#decision"
    assert signed(client, review).status_code == 302
    assert SignOff.objects.get(review=review).authenticated_by == "single sign-on"
