"""manage.py import_model_card: take a model card in as the next revision of a system's document."""

from __future__ import annotations

from typing import Any

from governance.access.models import User
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from inventory.documents.model_cards import LARGEST
from inventory.imports.reports import FileReport
from inventory.models import System
from inventory.services.model_cards import import_model_card
from inventory.taking import CardCommand


class Command(CardCommand):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = "Take a model card (Markdown with YAML front matter) in as the next revision of a system's model card."
    portal, largest = "import_model_card", LARGEST

    def take(self, *, actor: User | Portal, system: System, content: bytes, options: dict[str, Any]) -> FileReport:
        """Take the card in."""
        return import_model_card(
            actor=actor, system=system, content=content, contact=options["contact"], dry_run=options["dry_run"],
            door=Door.COMMAND,
        )  # fmt: skip

    def told(self, report: FileReport, *, dry_run: bool) -> str:
        """What became of it."""
        word = "created" if report.created else "updated" if report.updated else "unchanged"
        return f"The model card {'would be' if dry_run else 'is'} {word}."
