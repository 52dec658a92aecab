"""Turns what a page raises into the answer a person can act on; bad input never becomes a 500."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError

from governance.access import rights
from governance.lifecycle import Reason
from governance.web.errors import API, answer, method_not_allowed, reasons_of, status_of

METHODS = ("GET", "HEAD", "POST")

NUL_TEXT = Reason("invalid", "The address holds a NUL character.")


class RefusalMiddleware:
    """Innermost middleware: refusals, unreadable input and an absent database become pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer what pages answer, and leave no copy of it behind in a browser or on the way."""
        response = self._answered(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        _read_rest(request)
        return response

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse methods no page has, and NUL in the address, which PostgreSQL cannot keep; the API judges both."""
        if request.path.startswith(API):
            return self.get_response(request)
        if request.method not in METHODS:
            return method_not_allowed(request, METHODS)
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return answer(request, 400, (NUL_TEXT,))
        if request.method == "POST":
            return self.get_response(request)
        with rights.one_reading():
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer what a page raised; the API answers for itself."""
        if request.path.startswith(API):
            return None
        status = status_of(exception)
        return None if status is None else answer(request, status, reasons_of(exception))


def _read_rest(request: HttpRequest) -> None:
    """Read what the answer had no need of: left unread, it would end the connection under the client's next request."""
    try:
        request.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    except UnreadablePostError:
        return  # the client went away
