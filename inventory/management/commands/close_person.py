"""`close_person`: close an account, end its roles, tokens and sessions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.access.commands import open_person, told_plainly
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from inventory.services.people import close_person


class Command(BaseCommand):
    """Closes a person's or machine's account."""

    help = "Close an account at once and for good: its roles, tokens and sessions end. Nothing is deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, why, and in whose name."""
        parser.add_argument("username")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--as", dest="actor", metavar="USER", help="the member of governance who decides")

    def handle(self, *args: Any, **options: Any) -> None:
        """Close."""
        person = open_person(options["username"])
        actor = open_person(options["actor"]) if options["actor"] else Portal("close_person")
        with told_plainly():
            close_person(actor=actor, person=person, reason=options["reason"], door=Door.COMMAND)
        self.stdout.write(f"{person} is closed.")
