"""Writes the vocabulary, the roles and the organisation's groups into tables, from code, after every migration."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as AuthPermission
from django.contrib.contenttypes.models import ContentType

from governance.access.models import RolePermission
from governance.access.roles import ORGANISATION_PERMISSIONS, ROLE_PERMISSIONS
from governance.access.structure import structure
from governance.access.vocabulary import Permission
from governance.ledger.acting import Command, Door, acting


def synchronise(**_: Any) -> None:
    """Make the tables say what `vocabulary` and `roles` say: add what is new, remove what is gone.

    A receiver of post_migrate; writes nothing when nothing differs, so that it needs no actor then.
    """
    content_type = ContentType.objects.get_for_model(structure().system)
    words = {permission.value: permission for permission in Permission}
    known = {row.codename: row for row in AuthPermission.objects.filter(content_type=content_type, codename__in=words)}
    if new := [
        AuthPermission(content_type=content_type, codename=word, name=word.replace(".", " ").replace("_", " "))
        for word in words
        if word not in known
    ]:
        AuthPermission.objects.bulk_create(new)
        known |= {
            row.codename: row for row in AuthPermission.objects.filter(content_type=content_type, codename__in=words)
        }
    with acting(Command("migrate"), door=Door.COMMAND, verb="portal.migrate"):
        _synchronise_roles(known)
        _synchronise_groups(known)


def _synchronise_roles(known: dict[str, AuthPermission]) -> None:
    wanted = {(role.value, known[word].pk) for role, words in ROLE_PERMISSIONS.items() for word in words}
    present = {(row.role, row.permission_id): row.pk for row in RolePermission.objects.all()}
    gone = [key for pair, key in present.items() if pair not in wanted]
    if gone:
        RolePermission.objects.filter(pk__in=gone).delete()
    new = [RolePermission(role=role, permission_id=key) for role, key in sorted(wanted - present.keys())]
    if new:
        RolePermission.objects.bulk_create(new)


def _synchronise_groups(known: dict[str, AuthPermission]) -> None:
    for role, words in ORGANISATION_PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        wanted = {known[word].pk for word in words}
        if wanted != set(group.permissions.values_list("pk", flat=True)):
            group.permissions.set(wanted)
