"""Second factors on the record: adding and taking one away is an event, and a planted passkey signs nobody in."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import IntegrityError, transaction
from django.test import Client

from governance.access.models import User
from governance.access.passkeys import proven
from governance.ledger.acting import Door, acting
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from tests.governance.access.people import PASSWORD, person

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
