"""Every way into the portal with what it declares, walked from the resolver. Nothing is guessed: a callback this
module cannot read is listed as UNDECLARED, and a test fails.

`python -m tests.architecture.doors` prints the matrix in the form of `matrix.toml`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import django
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

UNDECLARED = "UNDECLARED"
LIBRARY = "sign-in library"
CLOSED = "closed"
SIGN_IN = "sign-in"


@dataclass(frozen=True, order=True)
class DoorWay:
    """One address and method with its declaration."""

    route: str
    method: str
    declared: str


def doorways() -> list[DoorWay]:
    """Every (address, method) of the portal, sorted."""
    return sorted(
        {
            DoorWay(route, method, said)
            for route, callback in _routes()
            for method, said in _read(callback)
            if method != "HEAD"
        }
    )


def as_toml(ways: Iterable[DoorWay]) -> str:
    """The matrix as a page."""
    lines: list[str] = []
    route = None
    for way in ways:
        if way.route != route:
            lines += ["", f"['{way.route}']"]
            route = way.route
        lines.append(f'{way.method} = "{way.declared}"')
    return "\n".join(lines).strip() + "\n"


def _routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from _routes(pattern, route)


def _read(callback: Any) -> Iterator[tuple[str, str]]:
    page, api = getattr(callback, "view_class", None), getattr(callback, "cls", None)
    records = getattr(callback, "model_admin", None)
    if page is not None and hasattr(page, "permission"):
        yield from ((m.upper(), str(page.permission)) for m in page.http_method_names if m not in {"head", "options"})
    elif api is not None and hasattr(api, "permissions"):
        actions = getattr(callback, "actions", None) or {name: name for name in api.permissions}
        yield from ((method.upper(), _words(api.permissions.get(action))) for method, action in actions.items())
    elif hasattr(callback, "permissions"):
        yield from ((m.upper(), _words(said)) for m, said in callback.permissions.items() if m != "any")
    elif hasattr(callback, "permission"):
        yield from ((method, str(callback.permission)) for method in ("GET", "POST"))
    elif records is not None:
        yield from _office(callback, records)
    else:
        yield "ANY", _elsewhere(callback)


def _words(said: Any) -> str:
    if said is None:
        return UNDECLARED
    return " or ".join(map(str, said)) if isinstance(said, tuple) else str(said)


def _office(callback: Any, records: Any) -> Iterator[tuple[str, str]]:
    name = callback.__name__
    if name in {"add_view", "delete_view"}:
        yield "ANY", "never"
    elif hasattr(records, "permission"):
        yield "ANY", str(records.permission)
    else:
        yield "ANY", UNDECLARED


def _elsewhere(callback: Any) -> str:
    module = getattr(callback, "view_class", callback).__module__
    if module.startswith("allauth."):
        return LIBRARY
    if module.startswith("django.contrib.admin") or module == "governance.web.office":
        return "office"
    if module in {"governance.access.single_sign_on", "governance.access.passkeys"}:
        return SIGN_IN
    if module == "governance.access.urls" and callback.__name__ == "closed":
        return CLOSED
    if module == "django.views.generic.base":  # the admin's redirects, wrapped in its own check
        return "office"
    return UNDECLARED


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.test")
    django.setup()
    print(as_toml(doorways()), end="")  # noqa: T201  its purpose
