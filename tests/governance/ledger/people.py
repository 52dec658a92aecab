"""The few rows the ledger's tests write."""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import count

from django.utils import timezone

from governance.access.models import User
from governance.ledger.acting import Command, Door, acting
from inventory.models import System, Unit

_numbers = count(1)


def at_work(verb: str = "command.run", actor: User | Command | None = None) -> AbstractContextManager[None]:
    """Act as the portal itself, or as somebody."""
    return acting(actor or Command("test"), door=Door.COMMAND, verb=verb)


def make_person(**fields: object) -> User:
    """A person nobody else is."""
    number = next(_numbers)
    values = {"username": f"person{number}", "name": f"Person {number}", "email": f"p{number}@example.org", **fields}
    person = User(**values)
    person.prove_password()
    with at_work("person.create"):
        person.save(force_insert=True)
    return person


def make_unit(name: str = "") -> Unit:
    """A business unit."""
    number = next(_numbers)
    with at_work("unit.create"):
        return Unit.objects.create(name=name or f"Unit {number}", slug=f"unit-{number}")


def make_system(unit: Unit | None = None, **fields: object) -> System:
    """A system, in a unit of its own unless one is given."""
    number = next(_numbers)
    now = timezone.now()
    unit = unit or make_unit()
    values = {"slug": f"system-{number}", "name": f"System {number}", "created_at": now, "updated_at": now, **fields}
    with at_work("system.create"):
        return System.objects.create(unit=unit, **values)
