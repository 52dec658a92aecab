"""`migrate`, as the role that owns the tables."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections

from governance.database.roles import grant


class Command(migrate.Command):
    """Migrates as the owner, after granting the runtime role what it needs on everything the owner makes."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The stock options; `--database` is the owner's unless said otherwise."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, then migrate. Refuses when the owner's sign-in is not configured."""
        alias = options["database"]
        if alias not in connections:
            raise CommandError("Set DATABASE_OWNER_URL: migrations run as the role that owns the tables.")
        if alias != DEFAULT_DB_ALIAS and not options["plan"] and not options["check_unapplied"]:
            grant(connections[alias], settings.DATABASES[DEFAULT_DB_ALIAS]["USER"])
        super().handle(*args, **options)
