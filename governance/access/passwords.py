"""Whether passwords open anything: one backend before all others, so that no door can forget to ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

SWITCHED_OFF = "Passwords open nothing here. Sign in with single sign-on or a passkey."


def are_accepted() -> bool:
    """Whether passwords open anything here."""
    return bool(settings.PASSWORD_SIGN_IN)


class PasswordDoor:
    """Refuses every password while `PASSWORD_SIGN_IN` is off: web, admin, confirmation before a signature."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Raise PermissionDenied, after which Django asks no other backend."""
        if not settings.PASSWORD_SIGN_IN:
            raise PermissionDenied(SWITCHED_OFF)


def with_passwords(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page about passwords: not there while they are switched off."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PASSWORD_SIGN_IN:
            raise Http404
        return view(request, *args, **kwargs)

    return answered
