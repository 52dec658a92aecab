"""Who acts, through which door, and why: the context every governed write happens in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction

from governance.ledger.verbs import VERBS

if TYPE_CHECKING:
    from governance.access.models import User


class Door(StrEnum):
    """The way a person or machine came in."""

    WEB = "web"
    ADMIN = "admin"
    API = "api"
    COMMAND = "command"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Command:
    """The portal itself, acting through a management command or job: `system:<name>`."""

    name: str


@contextmanager
def acting(actor: User | Command, *, door: Door, verb: str, reason: str = "") -> Iterator[None]:
    """Open the outermost transaction in the name of `actor`; see DESIGN for what is recorded."""
    if verb not in VERBS:
        raise ValueError(f"{verb!r} is no verb of the ledger")
    with transaction.atomic():
        yield
