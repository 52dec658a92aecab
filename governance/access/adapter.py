"""How django-allauth behaves here: no sign-up, one answer to every failed sign-in, one limiter."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.http import HttpRequest

from governance.access.models import PASSWORD_FIELDS, User
from governance.access.sources import source_of
from governance.ledger.acting import Door, acting


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by the portal's rules."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers himself: the governance team adds people."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Whether one may be sent there after signing in: a page of this portal, named by its path."""
        return url.startswith("/") and url[1:2] not in {"/", "\\"} and url.isprintable() and " " not in url

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where the request comes from, for the limit on mails."""
        return source_of(request) or ""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Tell an inactive account with the right password apart from nothing: it is a failed try like others."""
        user = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()
        return user if isinstance(user, User) and user.closed_at is None else None

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password, counted by the limiter."""
        found = self.authenticate(self.request, username=user.get_username(), password=password)
        return found is not None and found.pk == user.pk

    def set_password(self, user: User, password: str) -> None:
        """Write the password and nothing else, in the name of the person: changed, or set by a link sent to them."""
        with acting(user, door=Door.WEB, verb="person.set_password"):
            user.set_password(password)
            user.save(update_fields=PASSWORD_FIELDS)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """How devices and keys are named."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What a device says it signs in to."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Countersign"}

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """What a passkey is called unless the person says otherwise."""
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"
