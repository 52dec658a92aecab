"""Where every door is hung."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("governance.web.urls")),
    path("accounts/", include("allauth.urls")),
]

handler400 = "governance.web.errors.bad_request"
handler403 = "governance.web.errors.forbidden"
handler404 = "governance.web.errors.not_found"
handler500 = "governance.web.errors.broken"
