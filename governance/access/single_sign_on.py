"""The two pages of single sign-on: leaving for the provider, and coming back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from governance.access import openid
from governance.access.models import User
from governance.access.presence import SECOND_FACTORS, note_presence, purpose_of
from governance.access.services.identities import follow_groups, person_of
from governance.access.sources import source_of
from governance.access.visits import SECONDS, VISITS
from governance.database.clock import portal_now
from governance.lifecycle import Forbidden, Reason

ATTEMPTS = "single_sign_on"
MOST_ATTEMPTS = 5


@require_GET
def leave(request: HttpRequest) -> HttpResponseBase:
    """Send the visitor to the provider: to sign in, or (`confirm`) to prove again who they are before they sign."""
    if not openid.is_configured():
        raise Http404
    if not VISITS.count(source_of(request) or "", settings.SSO_VISITS_PER_MINUTE):
        return _too_many(request)
    attempt, confirms = openid.Attempt.fresh(), request.GET.get("confirm", "")
    if confirms and not request.user.is_authenticated:
        raise Http404
    wished = request.GET.get("next", "")
    kept = {
        **asdict(attempt),
        "begun": portal_now().isoformat(),
        "next": wished if get_adapter().is_safe_url(wished) else "",
        "confirms": purpose_of(confirms) if confirms else "",
    }
    request.session[ATTEMPTS] = [*request.session.get(ATTEMPTS, []), kept][-MOST_ATTEMPTS:]
    return HttpResponseRedirect(openid.address(attempt, _callback(), again=bool(confirms)))


def _too_many(request: HttpRequest) -> HttpResponseBase:
    answer = render(request, "account/busy.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(SECONDS)
    return answer


@require_GET
def come_back(request: HttpRequest) -> HttpResponseBase:
    """Take what the provider says, once. Raises Forbidden `sso`, Conflict `sso_unavailable`."""
    if not openid.is_configured():
        raise Http404
    kept = _attempt(request)
    if "code" not in request.GET:
        messages.error(request, f"You were not signed in by {settings.SSO_NAME}.")
        return HttpResponseRedirect(kept["next"] or reverse("account_login"))
    attempt = openid.Attempt(kept["state"], kept["nonce"], kept["verifier"])
    claims = openid.claims_for(attempt, request.GET["code"], _callback())
    person = person_of(claims)
    if kept["confirms"]:
        return _confirm(request, person, claims, kept)
    for refusal in follow_groups(person, claims.groups):
        messages.warning(request, f"A role of your groups was not changed: {refusal}")
    record_authentication(request, person, "single_sign_on", issuer=claims.issuer)
    answer: HttpResponseBase = perform_login(request, Login(user=person, redirect_url=kept["next"] or None))
    return answer


def _confirm(request: HttpRequest, person: User, claims: openid.Claims, kept: dict[str, Any]) -> HttpResponseBase:
    """Note that the person who is signed in was there a moment ago; somebody else is not let in by this."""
    if request.user.pk != person.pk:
        raise Forbidden(Reason("sso", "Somebody else confirmed this. Nothing was noted."))
    if not openid.is_fresh(claims, datetime.fromisoformat(kept["begun"])):
        sentence = "The provider did not ask you anew who you are (or does not say when it did). Nothing was noted."
        raise Forbidden(Reason("sso", sentence))
    note_presence(request, kept["confirms"], "single sign-on")
    messages.success(request, _said(kept["confirms"]))
    return HttpResponseRedirect(kept["next"] or "/")


def _said(purpose: str) -> str:
    onward = "change your second factors" if purpose == SECOND_FACTORS else "sign your decision"
    return f"You confirmed who you are. You can {onward} now."


def _attempt(request: HttpRequest) -> dict[str, Any]:
    """The attempt this is the answer to; it counts once, and in the session that began it."""
    attempts = request.session.get(ATTEMPTS, [])
    found: dict[str, Any] | None = next((each for each in attempts if each["state"] == request.GET.get("state")), None)
    if found is None:
        raise Forbidden(Reason("sso", "This sign-in was not begun here, or has been used. Please begin again."))
    request.session[ATTEMPTS] = [each for each in attempts if each is not found]
    return found


def _callback() -> str:
    return f"{settings.PORTAL_URL}{reverse('sso_callback')}"
