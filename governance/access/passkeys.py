"""Passkeys: proven by the portal when they are added, and a way to prove presence for one decision.

The database refuses a passkey that carries no proof of the portal's key, so one planted past it signs nobody in.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from governance.access import keys, limiter
from governance.access.models import User
from governance.access.presence import note_presence, purpose_of
from governance.ledger.acting import explain
from governance.lifecycle import Forbidden

PASSKEY_TAG = "countersign passkey 1"
LONGEST_NAME = 100

explain("passkey_unproven", Forbidden, "unproven", "A passkey is added through the portal, and nowhere else.")


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    """Adds a passkey together with the portal's proof of it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it, end the other sessions, make recovery codes if there are none."""
        values = form.cleaned_data
        made = Authenticator(
            user=self.request.user,
            type=Authenticator.Type.WEBAUTHN,
            data=proven(self.request.user, values["name"][:LONGEST_NAME], values["credential"]),
        )
        made.save(force_insert=True)
        signals.authenticator_added.send(
            sender=Authenticator, request=self.request, user=self.request.user, authenticator=made
        )
        self.did_generate_recovery_codes = auto_generate_recovery_codes(self.request) is not None
        return HttpResponseRedirect(self.get_success_url())


def proven(person: User, name: str, credential: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a passkey: the credential, the text the proof is made over, and the proof."""
    sealed = json.dumps(credential, sort_keys=True)
    key = keys.current()
    parts = [str(person.salt).encode(), sealed.encode()]
    return {
        "name": name, "credential": credential, "sealed": sealed, "proof_key": key.fingerprint,
        "proof": key.prove(keys.message(PASSKEY_TAG, parts)),
    }  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Have the person prove presence with a passkey for one act (`confirm`), then lead back to it."""
    person = request.user
    assert isinstance(person, User)  # noqa: S101  login_required
    given = request.POST if request.method == "POST" else request.GET
    purpose, wished = purpose_of(given.get("confirm", "")), given.get("next", "")
    back = wished if get_adapter().is_safe_url(wished) else "/"
    if request.method == "POST" and limiter.is_locked(request, person.get_username()):
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)  # the limiter's page takes its place
    form = ReauthenticateWebAuthnForm(request.POST if request.method == "POST" else None, user=person)
    if form.is_bound and form.is_valid() and purpose:
        form.cleaned_data["credential"].record_usage()
        note_presence(request, purpose, "passkey")
        messages.success(request, "You confirmed who you are. Your decision can be signed now.")
        return HttpResponseRedirect(back)
    if form.is_bound:
        limiter.failed(request, person.get_username())
    held = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).exists()
    asked = {"request_options": auth.begin_authentication(person)} if held else None
    shown = {"form": form, "js_data": asked, "confirm": purpose, "next": back}
    return render(request, "account/passkey_confirm.html", shown, status=400 if form.is_bound else 200)
