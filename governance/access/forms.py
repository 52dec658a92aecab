"""Forms that take a credential: each asks the limiter first and tells it when the credential was wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from governance.access import limiter
from governance.access.models import User
from governance.access.passwords import SWITCHED_OFF, is_own_address
from governance.access.reauthentication import confirm_password


class SignInForm(LoginForm):  # type: ignore[misc]
    """Name or e-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name or e-mail"
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "maxlength": 254}
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean(self) -> dict[str, Any]:
        """Refuse while passwords are switched off, before anything is compared or counted."""
        if not settings.PASSWORD_SIGN_IN:
            raise ValidationError(SWITCHED_OFF)
        return dict(super().clean() or {})


class ChangePasswordForm(AllauthChangePasswordForm):  # type: ignore[misc]
    """The old password once, the new one twice."""

    def clean_oldpassword(self) -> str:
        """Refuse a wrong old password, counted like a failed sign-in."""
        password = str(self.cleaned_data.get("oldpassword", ""))
        if not confirm_password(context.request, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]
    """Where to send the way to a new password."""

    users: list[User]

    def clean_email(self) -> str:
        """The address, answered alike whoever has it; nothing is sent to one that somebody else wrote down."""
        email = str(super().clean_email())
        self.users = [user for user in self.users if is_own_address(user)]
        return email


class _LimitedCode:
    """Counts wrong codes of a second factor like wrong passwords, and takes each code of a device once.

    The library remembers codes in the memory of one process, and the portal runs in several.
    """

    authenticator: Authenticator

    def clean_code(self) -> str:
        """Refuse a wrong code, one that served already, and every code during a lock."""
        account = self.user.get_username()  # type: ignore[attr-defined]
        if limiter.is_locked(context.request, account):
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            code = str(super().clean_code())  # type: ignore[misc]
            if not _is_first(self.authenticator):
                raise ValidationError("This code served already. Wait until your device shows the next one.")
        except ValidationError:
            limiter.failed(context.request, account)
            raise
        return code


def _is_first(used: Authenticator) -> bool:
    """Whether a device's code is the first of its period; noted in the database, where everybody looks.

    A code counts during its own period only (MFA_TOTP_TOLERANCE is 0), so one use a period is one use a code.
    """
    if used.type != Authenticator.Type.TOTP:
        return True
    now = timezone.now()
    begun = datetime.fromtimestamp(now.timestamp() // app_settings.TOTP_PERIOD * app_settings.TOTP_PERIOD, tz=UTC)
    unused = Authenticator.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=begun), pk=used.pk)
    return bool(unused.update(last_used_at=now) == 1)


class SecondFactorForm(_LimitedCode, AuthenticateForm):  # type: ignore[misc]
    """The code asked for after the password."""


class SecondFactorAgainForm(_LimitedCode, ReauthenticateForm):  # type: ignore[misc]
    """The code asked for again before something sensitive."""
