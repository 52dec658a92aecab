"""What supervisors and monitoring systems ask."""

from __future__ import annotations

import ipaddress
import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from governance.database import health, metrics
from governance.web.pages import Declared, Page


class Alive(Page):
    """`/healthz`: this process answers. Asks nobody, so a database that is away restarts no web process."""

    permission = Declared.PUBLIC

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say so."""
        return HttpResponse("ok\n", content_type="text/plain")


class Ready(Page):
    """`/readyz`: everything the portal needs is there; 503 names what is not."""

    permission = Declared.PUBLIC

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Every condition by name, with the sentence that says what is wrong."""
        asked = health.conditions()
        ready = all(each.holds for each in asked)
        answer = {"ready": ready, "conditions": {each.name: each.fault or "ok" for each in asked}}
        return JsonResponse(answer, status=200 if ready else 503)


class Metrics(Page):
    """`/metrics`: for whoever brings METRICS_TOKEN; without one set, only for this machine itself."""

    permission = Declared.PUBLIC

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The figures as text; to anybody else the address does not exist."""
        if not _may_measure(request):
            raise Http404
        return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(brought.encode(), token.encode())
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Proto"))
    return not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
