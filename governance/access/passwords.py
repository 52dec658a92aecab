"""Whether passwords open anything: one backend before all others, so that no door can forget to ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponseBase

from governance.access.models import User
from governance.ledger.models import Event

SWITCHED_OFF = "Passwords open nothing here. Sign in with single sign-on or a passkey."


def are_accepted() -> bool:
    """Whether passwords open anything here."""
    return bool(settings.PASSWORD_SIGN_IN)


def is_own_address(person: User) -> bool:
    """Whether a person's address is theirs to prove who they are by.

    One that somebody else changed is theirs once they have chosen a password since. Else whoever may change addresses
    could have a new password sent to one of their own, and sign in another's name; that its owner has signed in says
    nothing, for who comes every day would do so without a look at the address.
    """
    changed = (
        Event.objects.filter(table_name=User._meta.db_table, key=str(person.pk), op=Event.Op.UPDATE)
        .exclude(before__email=F("after__email"))
        .exclude(actor_id=person.pk)
        .order_by("-id")
        .values_list("at", flat=True)
        .first()
    )
    if changed is None:
        return True
    if person.last_login is None:
        return not person.has_usable_password()
    return person.password_changed_at is not None and person.password_changed_at > changed


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
