"""The session as a way into the API. Tokens come from the access app and stand before it."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class PortalSession(SessionAuthentication):
    """A signed-in person, with the CSRF token for whatever changes something."""

    def authenticate_header(self, request: Request) -> str:
        """What makes the answer to a stranger a 401 rather than a 403."""
        return "Bearer"

    def enforce_csrf(self, request: Any) -> None:
        """Refuse a change that does not prove it comes from our own pages."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied("The CSRF token is missing or wrong.", code="csrf") from error
