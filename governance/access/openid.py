"""The portal as a relying party of one OpenID provider: authorization code with PKCE, state and nonce.

django-allauth's provider is not used for this: it takes parameters of the request from the visitor's own address,
sends no nonce, skips the signature of a token it fetched itself, and knows accounts by a provider's name instead of
its issuer. What must hold of an ID token is in OpenID Connect Core 1.0, 3.1.3.7; of `auth_time`, in 3.1.2.1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

import jwt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from governance.database.clock import portal_now
from governance.inputs import unreadable
from governance.lifecycle import Conflict, Forbidden, Reason, Refusal

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
SECONDS = 10
MOST = 1_048_576
LEEWAY = timedelta(seconds=60)
FRESH = timedelta(minutes=5)
APART = timedelta(seconds=5)  # what the provider's clock, which tells whole seconds, may be behind ours
KEPT_SECONDS = 300.0
RESTS_SECONDS = 10.0  # after an attempt to read what the provider publishes failed
LONGEST_SUBJECT = 255
LONGEST_TEXT = 150
LONGEST_ADDRESS = 254
_JOINERS = "\u200c\u200d"  # part of the spelling of names in several scripts
_HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One visit to the provider, kept in the session that began it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> Attempt:
        """A new one, that nobody can guess."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider says of who signed in there."""

    issuer: str
    subject: str
    name: str
    username: str
    email: str
    groups: frozenset[str]
    authenticated_at: datetime | None


def is_configured() -> bool:
    """Whether this installation has a provider."""
    return bool(settings.SSO_ISSUER and settings.SSO_CLIENT_ID)


def name() -> str:
    """What people know the provider by; empty while there is none."""
    return str(settings.SSO_NAME) if is_configured() else ""


def address(attempt: Attempt, callback: str, *, again: bool = False) -> str:
    """Where to send the visitor; `again` asks the provider to have them prove who they are anew."""
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": settings.SSO_CLIENT_ID,
        "redirect_uri": callback,
        "scope": " ".join(settings.SSO_SCOPES),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if again else {}),
    }
    endpoint = _endpoint(_configuration(), "authorization_endpoint")
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def claims_for(attempt: Attempt, code: str, callback: str) -> Claims:
    """Exchange the code and judge what comes back. Raises Forbidden `sso`, Conflict `sso_unavailable`."""
    known = _configuration()
    answer = _exchange(known, attempt, code, callback)
    found = _judged(known, attempt, str(answer.get("id_token", "")))
    if settings.SSO_GROUPS_CLAIM not in found and "userinfo_endpoint" in known:
        more = _ask(Request(_endpoint(known, "userinfo_endpoint"), headers=_bearer(answer)))  # noqa: S310  judged
        if more.get("sub") != found["sub"]:
            raise _refused("the provider answered about somebody else")
        found = {**more, **found}
    return _read(found)


def is_fresh(claims: Claims, begun: datetime) -> bool:
    """Whether the person proved who they are because they were asked to, and minutes ago.

    A proof older than the question (`begun`) is that of a session which still runs at the provider: whoever sits in
    front of it need not be the person.
    """
    at, now = claims.authenticated_at, portal_now()
    return at is not None and max(begun - APART, now - FRESH) <= at <= now + LEEWAY


def _exchange(known: Mapping[str, Any], attempt: Attempt, code: str, callback: str) -> Mapping[str, Any]:
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": attempt.verifier,
    }
    headers = {"Accept": "application/json"}
    methods = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" in methods:
        pair = f"{quote(settings.SSO_CLIENT_ID, safe='')}:{quote(settings.SSO_CLIENT_SECRET, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        sent |= {"client_id": settings.SSO_CLIENT_ID, "client_secret": settings.SSO_CLIENT_SECRET}
    where = _endpoint(known, "token_endpoint")
    return _ask(Request(where, data=urlencode(sent).encode(), headers=headers))  # noqa: S310  judged by _endpoint


def _judged(known: Mapping[str, Any], attempt: Attempt, token: str) -> dict[str, Any]:
    """The claims of an ID token that is genuine, ours, current, and the answer to this attempt."""
    published = _ask(Request(_endpoint(known, "jwks_uri")))  # noqa: S310  judged by _endpoint
    try:
        header = jwt.get_unverified_header(token)
        held = [key for key in jwt.PyJWKSet.from_dict(dict(published)).keys if key.public_key_use in (None, "sig")]
        matching = [key for key in held if "kid" not in header or key.key_id == header["kid"]]
        if len(matching) != 1:
            raise _refused("the key of its answer is not among its keys")
        found: dict[str, Any] = jwt.decode(
            token,
            key=matching[0],
            algorithms=ALGORITHMS,
            audience=settings.SSO_CLIENT_ID,
            issuer=settings.SSO_ISSUER,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except jwt.PyJWTError as error:
        raise _refused(f"its answer is not accepted ({type(error).__name__})") from error
    if not hmac.compare_digest(str(found["nonce"]).encode(), attempt.nonce.encode()):
        raise _refused("its answer belongs to another sign-in")
    several = isinstance(found["aud"], list) and len(found["aud"]) > 1
    if found.get("azp", None if several else settings.SSO_CLIENT_ID) != settings.SSO_CLIENT_ID:
        raise _refused("its answer was made for another application")
    return found


def _read(found: Mapping[str, Any]) -> Claims:
    subject = found["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or unreadable(subject):
        raise _refused("it names nobody")
    groups, at = found.get(settings.SSO_GROUPS_CLAIM), found.get("auth_time")
    return Claims(
        issuer=settings.SSO_ISSUER,
        subject=subject,
        name=_text(found.get("name")),
        username=_text(found.get("preferred_username")),
        email=_address(found.get("email")),
        groups=frozenset(each for each in groups if isinstance(each, str)) if isinstance(groups, list) else frozenset(),
        authenticated_at=_instant(at) if isinstance(at, int) and not isinstance(at, bool) else None,
    )


def _text(value: Any) -> str:
    """One line without characters that cannot be seen."""
    if not isinstance(value, str):
        return ""
    seen = "".join(" " if _is_hidden(each) else each for each in value[: LONGEST_TEXT * 4])
    return " ".join(seen.split())[:LONGEST_TEXT].strip()


def _is_hidden(character: str) -> bool:
    if unreadable(character):
        return True
    return unicodedata.category(character) == "Cf" and character not in _JOINERS


def _address(value: Any) -> str:
    """An e-mail address as it stands, or nothing: a shortened or mended one may be somebody else's."""
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS or unreadable(value):
        return ""
    try:
        validate_email(value)
    except ValidationError:
        return ""
    return value


def _instant(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, tz=portal_now().tzinfo)
    except (OverflowError, OSError, ValueError):
        return None


_published: dict[str, tuple[float, Mapping[str, Any] | Refusal]] = {}  # by issuer: until when, and what


def _configuration() -> Mapping[str, Any]:
    """What the provider publishes about itself, read once in minutes: anybody may ask for it by opening a page."""
    until, known = _published.get(settings.SSO_ISSUER, (0.0, None))
    if known is None or until <= time.monotonic():
        try:
            known, lasts = _read_configuration(), KEPT_SECONDS
        except Refusal as refusal:
            known, lasts = refusal, RESTS_SECONDS
        _published[settings.SSO_ISSUER] = (time.monotonic() + lasts, known)
    if isinstance(known, Refusal):
        raise type(known)(*known.reasons)
    return known


def _read_configuration() -> Mapping[str, Any]:
    """The same, asked for. An issuer that names itself otherwise is not the one we trust."""
    where = _safe(f"{settings.SSO_ISSUER}/.well-known/openid-configuration")
    known = _ask(Request(where))  # noqa: S310  judged by _safe
    if known.get("issuer") != settings.SSO_ISSUER:
        raise _refused("it calls itself otherwise than SSO_ISSUER does")
    return known


def _endpoint(known: Mapping[str, Any], name: str) -> str:
    return _safe(str(known.get(name, "")))


def _safe(where: str) -> str:
    """An address that is asked over TLS, or on this machine."""
    parts = urlsplit(where)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return where
    raise _refused("its addresses do not begin with https://")


class _Straight(HTTPRedirectHandler):
    """Follows nobody elsewhere: a secret and a code travel with the request."""

    def redirect_request(self, *_: Any) -> None:
        """Refuse."""


def _opener() -> OpenerDirector:
    return build_opener(_Straight())


def _ask(request: Request) -> Mapping[str, Any]:
    try:
        with _opener().open(request, timeout=SECONDS) as answer:
            said = json.loads(answer.read(MOST))
    except (URLError, HTTPException, OSError, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()
        sentence = f"The provider of {settings.SSO_NAME} does not answer as it should. Please try again."
        raise Conflict(Reason("sso_unavailable", sentence)) from error
    if not isinstance(said, dict):
        raise _refused("its answer cannot be read")
    return said


def _bearer(answer: Mapping[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.get('access_token', '')}"}


def _refused(why: str) -> Forbidden:
    return Forbidden(Reason("sso", f"The provider of {settings.SSO_NAME} signs nobody in: {why}."))
