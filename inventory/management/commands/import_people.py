"""manage.py import_people: people and their roles on systems and units from a CSV file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.access.models import User
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from inventory.imports.reports import FileReport
from inventory.services.people_files import COLUMNS, LIMITS, import_people
from inventory.taking import FileCommand


class Command(FileCommand[FileReport]):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = f"Take people and their roles in from a CSV file (columns {', '.join(COLUMNS)}): everything or nothing."
    portal, largest, failed = "import_people", LIMITS.bytes, FileReport

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds trying it out."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to and write nothing")

    def run(self, *, actor: User | Portal, content: bytes, options: dict[str, Any]) -> FileReport:
        """Take them in."""
        return import_people(actor=actor, content=content, dry_run=options["dry_run"], door=Door.COMMAND)

    def told(self, report: FileReport, *, dry_run: bool) -> str:
        """How many rows brought something."""
        return (
            f"{'Would be' if dry_run else 'Done:'} {report.rows:,} rows: {report.created:,} with somebody new or a new "
            f"role, {report.updated:,} with another name or address, {report.unchanged:,} unchanged."
        )
