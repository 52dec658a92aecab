"""People, units, systems and roles for tests of access, made directly: the services have their own tests."""

from __future__ import annotations

from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from inventory.models import Assignment, System, Unit

PASSWORD = "correct horse battery staple"


def person(username: str, **fields: Any) -> User:
    """An account that may sign in with PASSWORD."""
    fields.setdefault("name", username.title())
    fields.setdefault("email", f"{username}@example.com")
    return User.objects.create_user(username, password=PASSWORD, **fields)


def unit(slug: str, parent: Unit | None = None) -> Unit:
    """A business unit."""
    return Unit.objects.create(slug=slug, name=slug.title(), parent=parent)


def system(slug: str, of: Unit | None = None) -> System:
    """A system, of its own unit unless one is named."""
    now = portal_now()
    home = of or Unit.objects.filter(slug="home").first() or unit("home")
    return System.objects.create(slug=slug, name=slug.title(), unit=home, created_at=now, updated_at=now)


def appoint(holder: User, role: Role, **fields: Any) -> Assignment:
    """A role given by nobody in particular."""
    fields.setdefault("since", portal_now())
    return Assignment.objects.create(person=holder, role=role, **fields)
