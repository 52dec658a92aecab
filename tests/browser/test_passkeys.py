"""Passkeys in a real browser with its virtual authenticator: added, signing in, as second factor, at a signature."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from governance.access.vocabulary import Role
from governance.ledger.models import Event
from governance.validation.models import SignOff
from tests.browser.conftest import Visitor
from tests.governance.access.people import PASSWORD
from tests.governance.validation import scene as scenes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def with_device(visitor: Visitor) -> None:
    """Give the window a device that keeps passkeys."""
    session = visitor.window.context.new_cdp_session(visitor.window)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def at(visitor: Visitor, path: str) -> None:
    visitor.window.wait_for_url(f"{visitor.address}{path}")


def sign_out(visitor: Visitor) -> None:
    visitor.window.context.clear_cookies()


def changes() -> list[tuple[str, str]]:
    """What the ledger says of passkeys: by whom, and what."""
    found = Event.objects.filter(table_name="mfa_authenticator", op__in=["I", "U", "D"]).order_by("id")
    return [
        (event.actor_name, event.op) for event in found if (event.after or event.before or {})["type"] == "webauthn"
    ]


def add_passkey(visitor: Visitor) -> None:
    """After proving by password that it is oneself."""
    visitor.open("/accounts/2fa/webauthn/add/")
    visitor.window.fill("[name=password]", PASSWORD)
    visitor.window.click("form button.btn-primary")
    at(visitor, "/accounts/2fa/webauthn/add/")
    visitor.window.check("[name=passwordless]")
    visitor.window.click("#mfa_webauthn_add")
    visitor.window.wait_for_url("**/accounts/2fa/recovery-codes/")


def test_a_passkey_signs_in_alone_confirms_a_decision_and_is_a_second_factor(visitor: Visitor) -> None:
    scene = scenes.build()
    review = scenes.review_of(scene.submitted(), Role.VALIDATOR)
    window: Any = visitor.window
    with_device(visitor)
    visitor.sign_in("validator", PASSWORD)
    add_passkey(visitor)
    assert changes() == [("Validator", "I")]

    sign_out(visitor)
    visitor.open("/accounts/login/")
    window.click("#passkey_login")
    at(visitor, "/")

    visitor.open(f"/reviews/{review.pk}/")
    window.click("text=a passkey")
    window.click("#passkey_confirm")
    window.wait_for_url(f"**/reviews/{review.pk}/#decision")
    window.check("[name=decision][value=approve]")
    window.click("#decision button.btn-primary")
    window.wait_for_selector("text=confirmed by passkey")
    assert SignOff.objects.get(review=review).authenticated_by == "passkey"

    sign_out(visitor)
    visitor.open("/accounts/login/")
    window.fill("[name=login]", "validator")
    window.fill("[name=password]", PASSWORD)
    window.click("form button.btn-primary")
    at(visitor, "/accounts/2fa/authenticate/")
    window.click("#mfa_webauthn_authenticate")
    at(visitor, "/")

    key = Authenticator.objects.get(type="webauthn")
    visitor.open(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    if "reauthenticate" in window.url:
        window.fill("[name=password]", PASSWORD)
        window.click("form button.btn-primary")
    window.click("main form button.btn-danger")
    window.wait_for_url("**/accounts/2fa/webauthn/")
    assert changes()[-1] == ("Validator", "D")
    assert visitor.complaints == []
