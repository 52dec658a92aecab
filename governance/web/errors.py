"""Refusals and faults as pages: one look, a sentence a person can act on, and never a word about the inside.

The pages are rendered without the database, so that they can be shown when it is away, and without anything that
differs from one request to the next, so that an unknown object and an invisible one give the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string

from governance.access.rights import NotVisible
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden, Reason

API = "/api/"
RETRY_SECONDS = "5"

TITLES = {
    400: "That could not be read",
    403: "You may not do that",
    404: "There is nothing here for you",
    405: "Not in this way",
    409: "That cannot be done now",
    412: "Somebody changed this in the meantime",
    413: "That is too large",
    428: "Something is missing",
    500: "Something broke on our side",
    503: "The portal cannot reach its records",
}
SENTENCES = {
    400: "Part of what you sent is not something this page understands. Nothing was changed.",
    403: "Your role does not cover this. Nothing was changed.",
    404: "Either it does not exist, or your roles do not cover it. If a colleague sent you the address, ask them "
    "to have you given a role on the system.",
    405: "This address does not answer that kind of request. Nothing was changed.",
    409: "The record is in a state that stands against it. Nothing was changed.",
    412: "What you edited is no longer what is stored. Reload and try again; nothing was changed.",
    413: "Send less at once. Nothing was changed.",
    428: "This needs the digest of exactly what you looked at. Open the page again and repeat. Nothing was changed.",
    500: "The fault was written down. Nothing was half done: every change is complete or not there at all.",
    503: "Nothing was changed. Wait a moment and try again; while this lasts the gate lets nothing through.",
}


class Precondition(Exception):  # noqa: N818  an answer, not an error
    """The request does not say which content it is about. Answered with 428."""


def answer(request: HttpRequest, status: int, reasons: Sequence[Reason] = ()) -> HttpResponse:
    """The refusal page of `status`, or its problem document below /api/."""
    response: HttpResponse
    if request.path.startswith(API):
        response = _problem(status, reasons)
    else:
        user = getattr(request, "user", None) if status < HTTPStatus.INTERNAL_SERVER_ERROR else None
        known = user is not None and user.is_authenticated
        page = render_to_string(
            "web/refusal.html",
            {
                "status": status, "title": TITLES[status], "sentence": SENTENCES[status], "reasons": reasons,
                "theme": getattr(user, "theme", "light"), "known": known,
            },
        )  # fmt: skip
        response = HttpResponse(page, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = RETRY_SECONDS
    return response


def _problem(status: int, reasons: Sequence[Reason]) -> JsonResponse:
    title = HTTPStatus(status).phrase
    body = {
        "type": "about:blank", "title": title, "status": status,
        "code": reasons[0].code if reasons else title.lower().replace(" ", "_"),
        "detail": reasons[0].text if reasons else TITLES[status] + ".",
        "reasons": [reason.as_json() for reason in reasons],
        "errors": {},
    }  # fmt: skip
    return JsonResponse(body, status=status, content_type="application/problem+json")


def status_of(error: BaseException) -> int | None:
    """The status an exception is answered with; None when it is a fault of ours."""
    table: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], int], ...] = (
        ((NotVisible, Http404), 404),
        ((Forbidden, PermissionDenied), 403),
        ((Conflict, IntegrityError), 409),
        (Precondition, 428),
        (RequestDataTooBig, 413),
        ((InvalidInput, BadRequest, SuspiciousOperation, MultiPartParserError, DataError, UnicodeError), 400),
        ((OperationalError, InterfaceError), 503),
    )
    return next((status for kinds, status in table if isinstance(error, kinds)), None)


def reasons_of(error: BaseException) -> tuple[Reason, ...]:
    """What an exception may tell the person."""
    if isinstance(error, Forbidden | Conflict) and not isinstance(error, NotVisible):
        return error.reasons
    if isinstance(error, InvalidInput):
        return tuple(
            Reason("invalid", f"{field}: {sentence}")
            for field, sentences in error.errors.items()
            for sentence in sentences
        )
    return ()


def method_not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    """405 with the methods that would be answered."""
    response = answer(request, 405)
    response["Allow"] = ", ".join(allowed)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django itself could not read."""
    return answer(request, status_of(exception) or 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: no such address."""
    return answer(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """handler500: an exception nobody expected, or a database that went away outside any page."""
    error = sys.exc_info()[1]
    return answer(request, (status_of(error) if error else None) or 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent from elsewhere, or from a page opened before signing in."""
    text = "The form did not come from a page of your current session. Reload the page and send it again."
    return answer(request, 403, (Reason("csrf", text),))
