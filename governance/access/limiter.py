"""The one limiter of guesses: passwords, second factors, sign-off passwords and tokens, counted in the database.

Five wrong tries for one account from one source lock that pair. One source that fails at many accounts, and one
account that is tried from many sources, are locked at ten times as many; a source the account has signed in from
before is spared the latter, so that nobody can keep an approver out from elsewhere. Every lock ends by itself
fifteen minutes after the last counted failure, and tries during a lock do not prolong it.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from axes.conf import settings
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.access.models import User
from governance.access.sources import source_of
from governance.database.clock import PortalNow

COOL_OFF = timedelta(minutes=15)
WIDE = 10  # how many times more failures a whole account or a whole source is allowed
TOKEN = "token:"  # noqa: S105  how the limiter names tokens
NO_ADDRESS = "0.0.0.0"  # noqa: S104  what stands for a source without an address: a socket, a test
SIGNED_IN = "signed in"  # marks, in axes' column user_agent, a source the account is known from


class Limiter(AxesDatabaseHandler):  # type: ignore[misc]
    """Axes' bookkeeping by account and source, without keeping what was typed."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures that count now, scaled so that one limit serves the pair, the account and the source."""
        account, source = account_of(request, credentials), _source(request)
        recent = AccessAttempt.objects.filter(attempt_time__gt=PortalNow() - COOL_OFF).exclude(user_agent=SIGNED_IN)
        mine, from_here = Q(username=account), Q(ip_address=source) & ~Q(username__startswith=TOKEN)
        pair = Q(username=account, ip_address=source)
        found = recent.filter(mine | from_here).aggregate(
            pair=Sum("failures_since_start", filter=pair),
            account=Sum("failures_since_start", filter=mine),
            source=Sum("failures_since_start", filter=from_here),
        )
        failures = {name: number or 0 for name, number in found.items()}
        if account.startswith(TOKEN):
            return failures["pair"]
        known = AccessAttempt.objects.filter(username=account, ip_address=source, user_agent=SIGNED_IN)
        if failures["account"] >= WIDE and known.exists():
            failures["account"] = 0
        return max(failures["pair"], failures["account"] // WIDE, failures["source"] // WIDE)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
    ) -> None:
        """Count one failure, and mark the request if it was one too many."""
        if request is None:
            return
        request.axes_credentials = credentials  # type: ignore[attr-defined]
        if getattr(request, "axes_locked_out", False):
            return
        with transaction.atomic():
            row, _made = AccessAttempt.objects.select_for_update().get_or_create(
                username=account_of(request, credentials),
                ip_address=_source(request),
                user_agent="",
                defaults={"failures_since_start": 0, "path_info": request.path[:255]},
            )
            stale = AccessAttempt.objects.filter(pk=row.pk, attempt_time__lte=PortalNow() - COOL_OFF).exists()
            AccessAttempt.objects.filter(pk=row.pk).update(
                failures_since_start=1 if stale else row.failures_since_start + 1, attempt_time=PortalNow()
            )
        request.axes_locked_out = self.is_locked(request, credentials)  # type: ignore[attr-defined]

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
        """Forget the account's failures from this source, and remember the source."""
        account, source = user.get_username().lower(), _source(request)
        AccessAttempt.objects.filter(username=account, ip_address=source, user_agent="").delete()
        AccessAttempt.objects.get_or_create(
            username=account, ip_address=source, user_agent=SIGNED_IN, defaults={"failures_since_start": 0}
        )

    def user_logged_out(self, sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
        """Nothing to keep."""


def account_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The account a try is meant for, whichever way it was named; unknown names count like known ones."""
    given = credentials or {}
    name = str(given.get("username") or given.get("email") or request.POST.get("login", "")).replace("\0", "")[:255]
    if name.startswith(TOKEN):
        return name
    found = User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)).values_list("username", flat=True)
    return (found.first() or name).lower()


def is_locked(request: HttpRequest, account: str) -> bool:
    """Whether tries for this account from this source are refused now; marks the request, so that 429 is answered."""
    credentials = {"username": account}
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]
    return True


def failed(request: HttpRequest, account: str) -> None:
    """Count one wrong try for this account from this source."""
    user_login_failed.send(sender=__name__, credentials={"username": account}, request=request)


def unmark(request: HttpRequest) -> None:
    """Keep the middleware from answering a lock with the page: the caller answers itself."""
    request.axes_locked_out = False  # type: ignore[attr-defined]


def locked_page(request: HttpRequest, _response: HttpResponse, _credentials: dict[str, Any] | None) -> HttpResponse:
    """The answer to a try during a lock: the same for everybody, with the time after which to try again."""
    answer = render(request, "account/locked.html", {"minutes": wait() // 60}, status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(wait())
    return answer


def wait() -> int:
    """Seconds after which a lock has ended."""
    return int(COOL_OFF.total_seconds())


def limit() -> int:
    """Wrong tries for one account from one source before a lock."""
    return int(settings.AXES_FAILURE_LIMIT)


def _source(request: HttpRequest) -> str:
    """Where a try comes from. Always a value: two rows without one would not be the same row to the database."""
    return source_of(request) or NO_ADDRESS
