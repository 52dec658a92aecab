"""`changepassword`, as an act of the portal that the ledger records."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import changepassword

from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door, acting


class Command(changepassword.Command):
    """Sets the password of an account whose person cannot; the ledger keeps that it was set, not which."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Ask for the password and set it under the ledger."""
        with acting(Portal("changepassword"), door=Door.COMMAND, verb="person.set_password"):
            return super().handle(*args, **options)
