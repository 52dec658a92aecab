"""The pages of sign-in. Only what is used is hung up: nobody registers, and addresses are changed by governance."""

from __future__ import annotations

from allauth.account import views
from allauth.mfa import urls as mfa
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path

from governance.access import openid, single_sign_on
from governance.access.passwords import are_accepted, with_passwords


def closed(request: HttpRequest, **_: str) -> HttpResponse:
    """A page of the library that the portal does not have."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "login/",
        views.LoginView.as_view(extra_context={"passwords": are_accepted, "sso_name": openid.name}),
        name="account_login",
    ),
    path("logout/", views.logout, name="account_logout"),
    path("reauthenticate/", with_passwords(views.reauthenticate), name="account_reauthenticate"),
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
    path("2fa/", include(mfa)),
    # The library asks for the addresses of these when it draws its pages.
    path("signup/", closed, name="account_signup"),
    path("email/", closed, name="account_email"),
    path("inactive/", closed, name="account_inactive"),
    path("password/set/", closed, name="account_set_password"),
]
