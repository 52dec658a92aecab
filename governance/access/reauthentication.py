"""Proving presence again: the password asked for at a sign-off and before the password itself is changed."""

from __future__ import annotations

from django.contrib.auth import authenticate, update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from governance.access import limiter
from governance.access.models import User

_FAILURES = "wrong_confirmations"


def confirm_password(request: HttpRequest, password: str) -> bool:
    """Whether `password` is that of the person who is signed in; call it outside of `acting()`.

    Wrong tries count like failed sign-ins and lock the account for this source for a while (the middleware then
    answers 429). After as many wrong tries in one session the session ends: who holds it may not be its owner.
    """
    person = request.user
    if not isinstance(person, User) or not password:
        return False
    found = authenticate(request, username=person.get_username(), password=password)
    if found is not None and found.pk == person.pk:
        request.session.pop(_FAILURES, None)
        return True
    failures = request.session.get(_FAILURES, 0) + 1
    request.session[_FAILURES] = failures
    if failures >= limiter.limit():
        request.session.flush()
    return False


def end_other_sessions(request: HttpRequest, person: User) -> None:
    """Leave the person only the session of this request, under a new key."""
    User.objects.filter(pk=person.pk).update(session_version=F("session_version") + 1)
    person.refresh_from_db(fields=["session_version"])
    update_session_auth_hash(request, person)
