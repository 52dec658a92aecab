"""People, units, systems and roles for tests of access, made directly: the services have their own tests."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group

from governance.access.models import User
from governance.access.services.identities import confirm_identity, link_identity
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from inventory.models import Assignment, System, Unit

PASSWORD = "correct horse battery staple"
TEST = Command("test")


def person(username: str, **fields: Any) -> User:
    """An account that may sign in with PASSWORD."""
    fields.setdefault("name", username.title())
    fields.setdefault("email", f"{username}@example.com")
    with acting(TEST, door=Door.COMMAND, verb="person.create"):
        return User.objects.create_user(username, password=PASSWORD, **fields)


def join(member: User, role: OrganisationRole) -> User:
    """The same person, now with an organisation-wide role."""
    with acting(TEST, door=Door.COMMAND, verb="person.change"):
        member.groups.add(Group.objects.get(name=role))
    return member


def unit(slug: str, parent: Unit | None = None) -> Unit:
    """A business unit."""
    with acting(TEST, door=Door.COMMAND, verb="unit.create"):
        return Unit.objects.create(slug=slug, name=slug.title(), parent=parent)


def system(slug: str, of: Unit | None = None) -> System:
    """A system, of a unit `home` unless one is named."""
    now = portal_now()
    home = of or Unit.objects.filter(slug="home").first() or unit("home")
    with acting(TEST, door=Door.COMMAND, verb="system.create"):
        return System.objects.create(slug=slug, name=slug.title(), unit=home, created_at=now, updated_at=now)


def appoint(holder: User, role: Role, **fields: Any) -> Assignment:
    """A role given by nobody in particular."""
    fields.setdefault("since", portal_now())
    with acting(TEST, door=Door.COMMAND, verb="assignment.create"):
        return Assignment.objects.create(person=holder, role=role, **fields)


def linked(who: User, subject: str) -> User:
    """The same person, whom an account of the provider signs in: linked, and confirmed by a member of governance."""
    identity = link_identity(actor=TEST, person=who, subject=subject, door=Door.COMMAND)
    other = User.objects.filter(username="links").first() or join(person("links"), OrganisationRole.GOVERNANCE)
    confirm_identity(actor=other, identity=identity, door=Door.ADMIN)
    return who
