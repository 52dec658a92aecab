"""Facts one app announces and apps to its right act upon, inside the same transaction.

An announcement is a frozen dataclass. The announcing app knows nothing of its subscribers; they subscribe in their
AppConfig.ready. A subscriber that refuses undoes the whole transaction: a fact and its consequences stand together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection

A = TypeVar("A")

_subscribers: dict[type[Any], dict[str, Callable[[Any], None]]] = {}


def subscribe(kind: type[A], subscriber: Callable[[A], None]) -> None:
    """Have `subscriber` called with every announced fact of exactly this kind; subscribing twice is once."""
    name = f"{subscriber.__module__}.{subscriber.__qualname__}"
    _subscribers.setdefault(kind, {})[name] = subscriber


def announce(fact: object) -> None:
    """Tell the subscribers, in the order they subscribed. Raises RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type(fact).__name__} was announced outside a transaction")
    for subscriber in tuple(_subscribers.get(type(fact), {}).values()):
        subscriber(fact)


def subscribers_of(kind: type[Any]) -> tuple[str, ...]:
    """Who would be told, by name."""
    return tuple(_subscribers.get(kind, {}))
