"""Forms that take a credential: each asks the limiter first and tells it when the credential was wrong."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.core.exceptions import ValidationError

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
    """Counts wrong codes of a second factor like wrong passwords."""

    def clean_code(self) -> str:
        """Refuse a wrong code, and every code during a lock."""
        account = self.user.get_username()  # type: ignore[attr-defined]
        if limiter.is_locked(context.request, account):
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except ValidationError:
            limiter.failed(context.request, account)
            raise


class SecondFactorForm(_LimitedCode, AuthenticateForm):  # type: ignore[misc]
    """The code asked for after the password."""


class SecondFactorAgainForm(_LimitedCode, ReauthenticateForm):  # type: ignore[misc]
    """The code asked for again before something sensitive."""
