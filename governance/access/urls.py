"""The pages of sign-in. Only what is used is hung up: nobody registers, and addresses are changed by governance."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path

from governance.access import openid, passkeys, second_factors, single_sign_on
from governance.access.models import User
from governance.access.passwords import are_accepted, with_passwords
from governance.ledger.acting import Door, acting


def closed(request: HttpRequest, **_: str) -> HttpResponse:
    """A page of the library that the portal does not have."""
    raise Http404


def recorded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page that changes second factors: for who proved presence, and written in the name of the person signed in."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or not isinstance(request.user, User):
            return second_factors.guarded(view)(request, *args, **kwargs)
        with acting(request.user, door=Door.WEB, verb="person.change_second_factor"):
            return second_factors.guarded(view)(request, *args, **kwargs)

    return answered


SECOND_FACTORS: list[URLPattern | URLResolver] = [
    path("", second_factor.index, name="mfa_index"),
    path("authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("totp/activate/", recorded(totp.activate_totp), name="mfa_activate_totp"),
    path("totp/deactivate/", recorded(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("recovery-codes/", second_factors.guarded(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/generate/", recorded(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "recovery-codes/download/",
        second_factors.guarded(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("webauthn/add/", recorded(passkeys.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", recorded(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", closed, name="mfa_edit_webauthn"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "login/",
        views.LoginView.as_view(extra_context={"passwords": are_accepted, "sso_name": openid.name}),
        name="account_login",
    ),
    path("logout/", views.logout, name="account_logout"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", with_passwords(views.password_change), name="account_change_password"),
    path("password/reset/", with_passwords(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", with_passwords(views.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        with_passwords(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        with_passwords(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("sso/", single_sign_on.leave, name="sso_leave"),
    path("sso/callback/", single_sign_on.come_back, name="sso_callback"),
    path("passkey/", passkeys.confirm, name="passkey_confirm"),
    path("2fa/", include(SECOND_FACTORS)),
    # The library asks for the addresses of these when it draws its pages.
    path("signup/", closed, name="account_signup"),
    path("email/", closed, name="account_email"),
    path("inactive/", closed, name="account_inactive"),
    path("password/set/", closed, name="account_set_password"),
]
