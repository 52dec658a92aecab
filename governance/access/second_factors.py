"""Presence before second factors: a session alone neither adds a way to sign nor shows one.

django-allauth asks who changes them to authenticate again, and asks nothing of somebody who has nothing to do that
with: neither a password nor a factor. Such a person proves presence by single sign-on first, or cannot go on. A
password that opens nothing here (`PASSWORD_SIGN_IN`) is nothing to do that with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, get_reauthentication_flows
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import openid
from governance.access.models import Identity, User
from governance.access.passwords import are_accepted
from governance.access.presence import SECOND_FACTORS, presence, purpose_of, use_presence
from governance.lifecycle import Forbidden, Reason

PURPOSE = purpose_of(SECOND_FACTORS)
NO_WAY = (
    "There is no way for you to prove again who you are, so second factors cannot be changed here. "
    "Ask the governance team to give you a password or to link your account of single sign-on."
)


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page about second factors; raises Forbidden `presence` for who has no way to prove presence.

    The proof is used up by a change that succeeds, so that it serves one.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, User) or _can_authenticate_again(person):
            return view(request, *args, **kwargs)
        if not presence(request, PURPOSE):
            return _step_up(request, person)
        if not did_recently_reauthenticate(request):  # a password they have and that opens nothing
            record_authentication(request, person, "single_sign_on", reauthenticated=True)
        answer = view(request, *args, **kwargs)
        if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
            use_presence(request, PURPOSE)
        return answer

    return answered


def _can_authenticate_again(person: User) -> bool:
    """Whether the library has something to ask this person for."""
    flows = {flow["id"] for flow in get_reauthentication_flows(person)}
    return bool(flows if are_accepted() else flows - {"reauthenticate"})


def _step_up(request: HttpRequest, person: User) -> HttpResponseBase:
    linked = Identity.objects.signing_in().filter(person=person, issuer=settings.SSO_ISSUER)
    if not openid.is_configured() or not linked.exists():
        raise Forbidden(Reason("presence", NO_WAY))
    return HttpResponseRedirect(
        f"{reverse('sso_leave')}?{urlencode({'confirm': SECOND_FACTORS, 'next': request.path})}"
    )
