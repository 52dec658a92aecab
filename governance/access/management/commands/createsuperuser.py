"""`createsuperuser`, as an act of the portal that the ledger records."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door, acting


class Command(createsuperuser.Command):
    """Adds an operator: somebody who looks after the portal, sees its records and signs nothing."""

    help = "Add an operator. An operator sees; roles are still given by governance and every sign-off is refused."

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Create the account under the ledger."""
        with acting(Portal("createsuperuser"), door=Door.COMMAND, verb="person.create"):
            return super().handle(*args, **options)
