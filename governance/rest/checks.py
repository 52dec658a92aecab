"""Start-up check: below /api/ there is no address whose actions do not declare who may use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")


def addresses(patterns: Sequence[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the portal with its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        where = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, where)
        else:
            yield where, pattern


def undeclared() -> list[str]:
    """`METHOD address` for everything below api/ that declares no right."""
    missing = []
    for where, pattern in addresses():
        if not where.lstrip("^").startswith("api/"):
            continue
        view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
        if hasattr(view, "permission"):
            continue  # a page of the portal, which cannot be made without declaring one
        declared = getattr(view, "permissions", getattr(pattern.callback, "permissions", {}))
        actions = getattr(pattern.callback, "actions", None)
        if actions is None:
            actions = {method: method for method in METHODS if hasattr(view, method)} or {"any": "any"}
        missing += [f"{method.upper()} {where}" for method, action in actions.items() if action not in declared]
    return missing


@register("security")
def every_address_declares_its_rights(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """One error for each undeclared address."""
    return [
        Error(f"{address} declares no right.", hint="Derive it from PortalViewSet and name its action.", id="rest.E001")
        for address in undeclared()
    ]
