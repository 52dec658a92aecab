"""A machine's way into the API: `Authorization: Bearer <token>`, judged by the database at each use."""

from __future__ import annotations

import base64
from datetime import timedelta

from django.http import HttpRequest
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from governance.access import limiter
from governance.access.models import Token, User
from governance.access.tokens import digest_of
from governance.database.clock import PortalNow

# A token's last use is shown to the minute; writing it more often would make every call a write.
LAST_USED_EVERY = timedelta(minutes=1)


class BearerToken(TokenAuthentication):  # type: ignore[misc]
    """Sets `request.user` to the machine and `user.token` to its token; a token elsewhere than in the header is none.

    Every refusal reads the same, whatever is wrong with the token. Repeated failures from one source are answered
    429; good tokens from the same source are not affected.
    """

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """The machine and its token; None when no bearer token was sent. Raises AuthenticationFailed, Throttled."""
        scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = usable_token(text.strip())
        if token is None:
            refuse_token(request._request)
            raise AuthenticationFailed("This token is not accepted.", code="token")
        return token.user, token


class TokenAsPassword(BearerToken):
    """For senders that know HTTP Basic only: the token is the password, the user name may be any."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """The machine and its token; None when no password was sent. Raises AuthenticationFailed, Throttled."""
        scheme, _, given = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "basic":
            return super().authenticate(request)
        try:
            text = base64.b64decode(given.strip(), validate=True).decode("utf-8").partition(":")[2]
        except ValueError:
            text = ""
        token = usable_token(text)
        if token is None:
            refuse_token(request._request)
            raise AuthenticationFailed("This token is not accepted.", code="token")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What makes a sender show the password it knows."""
        return 'Basic realm="Countersign"'


def usable_token(text: str) -> Token | None:
    """The token with its machine, if it counts now; notes its use."""
    digest = digest_of(text)
    if digest is None:
        return None
    token: Token | None = (
        Token.objects.usable()
        .select_related("user__sponsor", "minted_by")
        .annotate(now=PortalNow())
        .filter(digest=digest)
        .first()
    )
    if token is None:
        return None
    token.user.token = token
    if token.last_used is None or token.now - token.last_used >= LAST_USED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used=PortalNow())
    return token


def refuse_token(request: HttpRequest) -> None:
    """Count a token that was not accepted. Raises Throttled when its source has sent too many of them.

    They count together, whatever they look like: a token that is accepted never comes here, so nobody's good token
    suffers, and made-up ones fill no table.
    """
    if not limiter.is_locked(request, limiter.TOKEN):
        limiter.failed(request, limiter.TOKEN)
    if getattr(request, "axes_locked_out", False):
        limiter.unmark(request)  # the API answers in its own form
        raise Throttled(wait=limiter.wait())
