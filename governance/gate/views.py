"""The gate's door: GET reports, POST enforces. A plain view, because CI asks it in every pipeline.

It keeps the API's contract (problem answers, limits, strict reading) without the framework's stack and, for tokens,
without a session: one prepared statement tells who asks and everything there is to know.
"""

from __future__ import annotations

import json
import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import NotAcceptable, NotAuthenticated, UnsupportedMediaType

from governance.access.authentication import LAST_USED_EVERY, refuse_token
from governance.access.models import Token, User
from governance.access.tokens import digest_of
from governance.access.vocabulary import Permission
from governance.database.clock import PortalNow
from governance.gate import services
from governance.gate.answering import Answer, document, text
from governance.gate.asking import Question, read_body, read_parameters
from governance.gate.meter import METER
from governance.gate.services import Asking
from governance.inputs import InvalidInput
from governance.rest.authentication import PortalSession
from governance.rest.parsers import read_object
from governance.rest.problems import TooLarge, problem
from governance.rest.problems import answer as answer_error

logger = logging.getLogger(__name__)

JSON, TEXT = "application/json", "text/plain"


@csrf_exempt  # a session caller's token is checked below; a bearer token needs none
def gate(request: HttpRequest) -> HttpResponse:
    """Answer one question; whatever goes wrong is no allow."""
    try:
        return _answered(request)
    except Exception as error:
        response = answer_error(error, {"request": request})
        if response is None:
            logger.exception("the gate failed")
            response = problem(503, headers={"Retry-After": "5"})
        return response


gate.permissions = {"any": Permission.GATE_CHECK, "get": Permission.GATE_CHECK, "post": Permission.GATE_CHECK}  # type: ignore[attr-defined]


def _answered(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD", "POST"}:
        return problem(405, headers={"Allow": "GET, POST"})
    bearer = _bearer(request)
    person = None if bearer is not None else _person(request)
    wanted = request.get_preferred_type([JSON, TEXT]) if "HTTP_ACCEPT" in request.META else JSON
    if wanted is None:
        raise NotAcceptable
    try:
        question = _read(request)
    except (InvalidInput, TooLarge, UnsupportedMediaType):
        _refuse_stranger(request, bearer)
        raise
    asking = _ask_by_token(request, question, bearer) if person is None else services.ask_as_person(question, person)
    METER.count(asking.subject)
    given = services.answer(question, asking)
    enforcing = request.method == "POST"
    if enforcing:
        services.record(asking, given)
    return _response(given, wanted, 409 if enforcing and given.refused else 200)


def _response(given: Answer, wanted: str, status: int) -> HttpResponse:
    body = text(given) if wanted == TEXT else json.dumps(document(given))
    kind = f"{TEXT}; charset=utf-8" if wanted == TEXT else JSON
    response = HttpResponse(body, status=status, content_type=kind)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept, Authorization, Cookie"
    return response


def _bearer(request: HttpRequest) -> str | None:
    """The token of the Authorization header; None without the header. Raises NotAuthenticated for another scheme."""
    header: str | None = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    scheme, _, presented = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthenticated()
    return presented.strip()


def _person(request: HttpRequest) -> User:
    """The person of the session. Raises NotAuthenticated, or PermissionDenied without the CSRF token on POST."""
    user = request.user
    if not (isinstance(user, User) and user.is_active and user.closed_at is None and user.kind == User.Kind.HUMAN):
        raise _unauthenticated()
    if request.method == "POST":
        PortalSession().enforce_csrf(request)
    return user


def _ask_by_token(request: HttpRequest, question: Question, bearer: str | None) -> Asking:
    digest = digest_of(bearer or "")
    asking = services.ask_by_token(question, digest) if digest is not None else None
    if asking is None or asking.row.caller is None:
        refuse_token(request)
        raise _unauthenticated()
    used = asking.row.caller.last_used
    if used is None or asking.row.at - used >= LAST_USED_EVERY:
        Token.objects.filter(pk=asking.row.caller.token_id).update(last_used=PortalNow())
    return asking


def _refuse_stranger(request: HttpRequest, bearer: str | None) -> None:
    """Before a question is called malformed: whoever may not ask at all is told only that."""
    if bearer is None:
        return
    digest = digest_of(bearer)
    if digest is None or not Token.objects.usable().filter(digest=digest).exists():
        refuse_token(request)
        raise _unauthenticated()


def _unauthenticated() -> NotAuthenticated:
    error = NotAuthenticated()
    error.auth_header = 'Bearer realm="api"'  # type: ignore[attr-defined]
    return error


def _read(request: HttpRequest) -> Question:
    """The question. Raises InvalidInput, TooLarge, UnsupportedMediaType."""
    if request.method != "POST":
        return read_parameters([(name, value) for name, values in request.GET.lists() for value in values])
    if "Idempotency-Key" in request.headers:
        raise InvalidInput({"Idempotency-Key": ["Every call decides anew; send none."]})
    if request.GET:
        raise InvalidInput({next(iter(request.GET))[:100]: ["A POST says everything in its body."]})
    if request.content_type != JSON:
        raise UnsupportedMediaType(request.content_type or "none")
    limit: int = settings.API_LONGEST_BODY
    declared = request.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge
    body = request.read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    return read_body(read_object(body))
