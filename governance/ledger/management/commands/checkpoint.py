"""`checkpoint`: print the signed head of the ledger, to be kept outside."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.ledger.checkpoints import newest
from governance.ledger.differences import Unverifiable


class Command(BaseCommand):
    """Prints one line that `verify_ledger --from` accepts."""

    help = "Print the signed head of the ledger (height, hash, time)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        try:
            self.stdout.write(newest().signed())
        except Unverifiable as error:
            raise CommandError(str(error)) from error
