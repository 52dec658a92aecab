"""Turns what a page raises into the answer a person can act on; bad input never becomes a 500."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from governance.lifecycle import Reason
from governance.web.errors import API, answer, reasons_of, status_of

NUL_TEXT = Reason("invalid", "The address holds a NUL character.")


class RefusalMiddleware:
    """Innermost middleware: refusals, unreadable input and an absent database become pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse NUL characters in the address; PostgreSQL has no place for them. The API names the field itself."""
        if request.path.startswith(API):
            return self.get_response(request)
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return answer(request, 400, (NUL_TEXT,))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer what a page raised; the API answers for itself."""
        if request.path.startswith(API):
            return None
        status = status_of(exception)
        return None if status is None else answer(request, status, reasons_of(exception))
