"""The gate's short way in: calls that bring an Authorization header need no session and nothing made for browsers.

The same view answers, behind the middleware of the settings less what only serves people with a browser; whatever is
added to the settings therefore counts here too, until it is named below. Everything else goes the usual way, also
people who ask the gate with their session.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django_structlog.middlewares import RequestMiddleware

from governance.gate.urls import ROUTE
from governance.gate.views import gate

ADDRESS = f"/{ROUTE}"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# What a call with a token has no use for: static files, sessions, forms, signing in, pages.
FOR_BROWSERS = frozenset(
    {
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
        "axes.middleware.AxesMiddleware",  # its page; the limiter itself is asked by the view
        "governance.web.middleware.RefusalMiddleware",
    }
)


lines = logging.getLogger("django_structlog.middlewares.request")
View = Callable[[HttpRequest], Any]


class AccessLines(RequestMiddleware):
    """The access lines of every request, without making up those that are not kept anyway."""

    def __call__(self, request: HttpRequest) -> Any:
        """Name the request, answer it, and write what is to be written."""
        if lines.isEnabledFor(logging.INFO):
            return super().__call__(request)
        structlog.contextvars.bind_contextvars(request_id=str(uuid.uuid4()))
        response: Any = self.get_response(request)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or hasattr(request, "_raised_exception"):
            self.handle_response(request, response)
        structlog.contextvars.clear_contextvars()
        return response


def one_policy(get_response: View) -> View:
    """The content security policy of answers that ask for none of their own: worked out once, by its middleware."""
    probe = HttpRequest()
    probe.path_info = ADDRESS
    plain: Any = CSPMiddleware(lambda _: HttpResponse())(probe)
    policy = [(name, value) for name, value in plain.items() if name not in HttpResponse().headers]

    def answered(request: HttpRequest) -> Any:
        response = get_response(request)
        for name, value in policy:
            response.headers.setdefault(name, value)
        return response

    return answered


# The same said with less work, where a middleware would do for each answer what is the same for all of them.
SHORTER: dict[str, Callable[[View], View]] = {
    "django_structlog.middlewares.RequestMiddleware": AccessLines,
    "csp.middleware.CSPMiddleware": one_policy,
}


class TokenHandler(WSGIHandler):
    """Django's own handler (signals, connections, logging of failures), with the gate's view as its only page."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Put the remaining middleware around the view."""
        chain = convert_exception_to_response(gate)
        for dotted in reversed(settings.MIDDLEWARE):
            if dotted not in FOR_BROWSERS:
                chain = convert_exception_to_response((SHORTER.get(dotted) or import_string(dotted))(chain))
        self._middleware_chain = chain


class Front:
    """The portal as a WSGI application, with the gate's short way in before it."""

    def __init__(self, portal: Application) -> None:
        self.portal = portal
        self.gate = TokenHandler()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") == ADDRESS and "HTTP_AUTHORIZATION" in environ:
            return self.gate(environ, start_response)
        return self.portal(environ, start_response)
