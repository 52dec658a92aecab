"""What management commands share: who answers, and refusals as the command line shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.lifecycle import Refusal


def open_person(username: str) -> User:
    """The open account of that name. Raises CommandError."""
    person = User.objects.filter(username__iexact=username, is_active=True, closed_at=None).first()
    if person is None:
        raise CommandError(f"There is no open account “{username}”.")
    return person


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn a refusal into the one line a command ends with."""
    try:
        yield
    except Refusal as refusal:
        raise CommandError(f"{refusal.code}: {refusal}") from refusal
    except InvalidInput as invalid:
        raise CommandError(str(invalid)) from invalid
