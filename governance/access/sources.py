"""Where a request comes from, as far as the proxies before the portal can vouch for it."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def source_of(request: HttpRequest) -> str | None:
    """The address of whoever asked the outermost of our proxies; without proxies, of whoever connected.

    Each proxy adds to the right of X-Forwarded-For whom it was asked by, so what stands further to the left than we
    have proxies was written by the client and counts for nothing.
    """
    connected: str | None = request.META.get("REMOTE_ADDR") or None
    proxies: int = settings.TRUSTED_PROXIES
    named = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies < 1 or len(named) < proxies:
        return connected
    try:
        return str(ip_address(named[-proxies].strip()))
    except ValueError:
        return connected
