"""Errors as the API says them: application/problem+json, one shape, one place (RFC 9457).

`problem()` needs no view, so that a door outside the framework's stack (the gate) answers the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.request import Request

from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden, Reason, Refusal

logger = logging.getLogger(__name__)

STORE_ERRORS = (OperationalError, InterfaceError, InternalError)
RETRY_SECONDS = 5

_DETAILS = {
    400: "The request cannot be understood.",
    401: "Sign in, or send a token.",
    403: "You may not do this.",
    404: "There is nothing here that you may see.",
    405: "This address does not know that method.",
    406: "This address answers in JSON.",
    409: "This cannot be done now.",
    412: "The content changed since you read it; read it again.",
    413: "The request is too large.",
    415: "This address takes application/json.",
    428: "Send If-Match with the ETag you read, so that nobody's change is lost.",
    429: "Too many calls.",
    503: "The portal cannot reach its records at the moment. Nothing was changed.",
}
_CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method",
    406: "not_acceptable",
    409: "conflict",
    412: "stale",
    413: "too_large",
    415: "media_type",
    428: "precondition_required",
    429: "too_many",
    503: "unavailable",
}


class TooLarge(exceptions.APIException):
    """The body is larger than the API reads."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class PreconditionRequired(exceptions.APIException):
    """A change without If-Match."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED


def request_id() -> str:
    """The id that log lines of this request carry too."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def problem(
    status: int,
    *,
    code: str = "",
    detail: str = "",
    reasons: Sequence[Reason] = (),
    errors: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """One error answer. A 404 carries nothing that differs from call to call: unknown and invisible are alike."""
    status = int(status)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code or _CODES.get(status, "error"),
        "detail": detail or _DETAILS.get(status, ""),
        "reasons": [reason.as_json() for reason in reasons],
        "errors": {name: list(sentences) for name, sentences in (errors or {}).items()},
    }
    if status != HTTPStatus.NOT_FOUND:
        body["request_id"] = request_id()
    response = HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def answer(error: Exception, context: Mapping[str, Any] | None = None) -> HttpResponse | None:
    """The answer to an exception that left a view, or None for a programming error, which is logged as such."""
    request = (context or {}).get("request")
    if isinstance(error, InvalidInput):
        return problem(400, detail="Some fields cannot be taken as they are.", errors=error.errors)
    if isinstance(error, Http404):  # Also what a person may not see: NotVisible is one.
        return problem(404)
    if isinstance(error, Refusal):
        return _refused(error, request)
    if isinstance(error, PermissionDenied):
        return problem(403)
    if isinstance(error, RequestDataTooBig):
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if isinstance(error, SuspiciousOperation | DataError):
        return problem(400)
    if isinstance(error, IntegrityError):
        logger.warning("integrity", exc_info=error)
        return problem(409, code="duplicate", detail="This stands against something already recorded.")
    if isinstance(error, STORE_ERRORS):
        logger.error("store unavailable", exc_info=error)
        return problem(503, headers={"Retry-After": str(RETRY_SECONDS)})
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    return None


def _refused(error: Refusal, request: Request | HttpRequest | None) -> HttpResponse:
    status = 403 if isinstance(error, Forbidden) else 409
    if isinstance(error, Conflict) and error.code == "stale" and request is not None and "If-Match" in request.headers:
        status = 412
    return problem(status, code=error.code, detail=error.reasons[0].text, reasons=error.reasons)


def _framework(error: exceptions.APIException) -> HttpResponse:
    """The framework's own exceptions, in our words."""
    if isinstance(error, exceptions.ValidationError):
        errors: dict[str, list[str]] = {}
        for name, sentence in flattened(error.detail):
            errors.setdefault(name, []).append(sentence)
        return problem(400, detail="Some fields cannot be taken as they are.", errors=errors)
    status = int(error.status_code)
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(int(getattr(error, "wait", None) or 1))
    code = error.get_codes() if isinstance(error, exceptions.PermissionDenied) else ""
    detail = str(error.detail) if code == "csrf" else ""
    return problem(status, code=code if code == "csrf" else "", detail=detail, headers=headers)


def flattened(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Nested errors as (`artifacts.2.name`, sentence) pairs."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = name != "non_field_errors"
            yield from flattened(inner, ".".join(filter(None, [path, str(name) if own else ""])))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from flattened(inner, f"{path}.{number}" if nested and path else path)
    else:
        yield path or "body", str(detail)
