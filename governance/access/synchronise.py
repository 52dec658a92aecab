"""Writes the vocabulary, the roles and the organisation's groups into tables, from code, after every migration.

Only the migrations' role may: the runtime role reads these tables.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as AuthPermission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction

from governance.access.models import RolePermission
from governance.access.roles import ORGANISATION_PERMISSIONS, ROLE_PERMISSIONS
from governance.access.structure import structure
from governance.access.vocabulary import Permission

_ACTING = {"actor_kind": "system", "actor_name": "system:migrate", "door": "command", "verb": "portal.migrate"}


def synchronise(*, using: str, **_: Any) -> None:
    """Make the tables say what `vocabulary` and `roles` say: add what is new, remove what is gone.

    A receiver of post_migrate. The connection is the migrations', which `acting` does not speak for.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.acting', %s, true)", [json.dumps(_ACTING)])
        known = _synchronise_words(using)
        _synchronise_roles(using, known)
        _synchronise_groups(using, known)


def _synchronise_words(using: str) -> dict[str, AuthPermission]:
    content_type = ContentType.objects.db_manager(using).get_for_model(structure().system)
    of_words = AuthPermission.objects.using(using).filter(content_type=content_type, codename__contains=".")
    known = {row.codename: row for row in of_words}
    AuthPermission.objects.using(using).bulk_create(
        AuthPermission(content_type=content_type, codename=word.value, name=word.replace(".", " ").replace("_", " "))
        for word in Permission
        if word.value not in known
    )
    return {row.codename: row for row in of_words.all()}


def _synchronise_roles(using: str, known: dict[str, AuthPermission]) -> None:
    rows = RolePermission.objects.using(using)
    wanted = {(role.value, known[word].pk) for role, words in ROLE_PERMISSIONS.items() for word in words}
    present = {(row.role, row.permission_id): row.pk for row in rows.all()}
    rows.filter(pk__in=[key for pair, key in present.items() if pair not in wanted]).delete()
    rows.bulk_create(RolePermission(role=role, permission_id=key) for role, key in sorted(wanted - present.keys()))


def _synchronise_groups(using: str, known: dict[str, AuthPermission]) -> None:
    for role, words in ORGANISATION_PERMISSIONS.items():
        group, _ = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {known[word].pk for word in words}
        if wanted != set(group.permissions.values_list("pk", flat=True)):
            group.permissions.set(wanted)
