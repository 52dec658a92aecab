"""Second factors on the record: adding and taking one away is an event, and a planted passkey signs nobody in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.db import IntegrityError, transaction
from django.test import Client

from governance.access.models import User
from governance.access.passkeys import proven
from governance.database.clock import portal_now
from governance.ledger.acting import Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from tests.governance.access.people import PASSWORD, TEST, linked, person

pytestmark = pytest.mark.django_db
CREDENTIAL = {"id": "x", "response": {}, "type": "public-key"}


def plant(who: User, data: dict[str, object]) -> Authenticator:
    """A passkey written past the portal's page."""
    with acting(who, door=Door.WEB, verb="person.change_second_factor"):
        return Authenticator.objects.create(user=who, type="webauthn", data=data)


def test_taking_a_second_factor_away_is_an_event_in_the_persons_name(client: Client) -> None:
    ada = person("ada")
    with acting(ada, door=Door.WEB, verb="person.change_second_factor"):
        TOTP.activate(ada, generate_totp_secret())
    client.force_login(ada)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    found = Event.objects.filter(table_name="mfa_authenticator", op__in=["I", "D"]).order_by("id")
    assert [(each.actor_name, each.verb, each.op) for each in found] == [
        ("Ada", "person.change_second_factor", "I"),
        ("Ada", "person.change_second_factor", "D"),
    ]
    assert "secret" not in json.dumps([[each.before, each.after] for each in found])


def test_a_passkey_without_the_portals_proof_is_refused() -> None:
    ada, eve = person("ada"), person("eve")
    good = proven(ada, "n", CREDENTIAL)
    other = {**CREDENTIAL, "id": "another"}
    forged = [
        {"name": "n", "credential": CREDENTIAL},
        {**good, "credential": other},
        {**good, "credential": other, "sealed": json.dumps(other, sort_keys=True)},
        proven(eve, "n", CREDENTIAL),
    ]
    for data in forged:
        with pytest.raises((Forbidden, IntegrityError)), transaction.atomic():
            plant(ada, data)
    kept = plant(ada, good)
    for change in ({"data": {**good, "credential": other}}, {"user": eve}):
        with pytest.raises((Forbidden, Conflict, IntegrityError)), transaction.atomic():
            Authenticator.objects.filter(pk=kept.pk).update(**change)
    assert Authenticator.objects.filter(pk=kept.pk, user=ada, data__credential=CREDENTIAL).exists()


CHANGES = ["totp/activate/", "webauthn/add/", "recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/"]


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("switched_off", [True, False])
def test_a_session_alone_opens_no_second_factor_for_who_has_nothing_to_confirm_with(
    client: Client, settings: Any, path: str, *, switched_off: bool
) -> None:
    ada = person("ada")
    if switched_off:
        settings.PASSWORD_SIGN_IN = False
    else:
        with acting(TEST, door=Door.COMMAND, verb="person.set_password"):
            ada.set_unusable_password()
            ada.save()
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    for answer in (client.get(f"/accounts/2fa/{path}"), client.post(f"/accounts/2fa/{path}")):
        assert answer.status_code == 403
        assert "Ask the governance team to give you a password" in answer.content.decode()


def test_who_has_only_single_sign_on_proves_presence_there_for_one_change(client: Client, settings: Any) -> None:
    settings.SSO_ISSUER, settings.SSO_CLIENT_ID, settings.PASSWORD_SIGN_IN = "https://idp.example", "countersign", False
    ada = person("ada")
    linked(ada, "sub-1")
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = "/accounts/2fa/totp/activate/"
    asked = client.get(page)
    assert (
        asked.headers["Location"] == "/accounts/sso/?confirm=second+factors&next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"
    )
    session = client.session
    session["presence"] = {
        "person": ada.pk, "purpose": "second factors", "method": "single sign-on", "at": portal_now().isoformat(),
    }  # fmt: skip
    session.save()
    shown = client.get(page)
    assert shown.status_code == 200
    assert client.post(page, {"code": "wrong"}).status_code == 200
    secret = shown.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(counters()))))
    assert client.post(page, {"code": code}).status_code == 302
    assert Authenticator.objects.filter(user=ada, type="totp").exists()
    assert "presence" not in client.session
