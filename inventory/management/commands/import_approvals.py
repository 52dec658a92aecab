"""manage.py import_approvals: approvals from before the portal from a CSV file, for somebody else to confirm."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.access.models import User
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from inventory.imports.reports import FileReport
from inventory.services.legacy_files import COLUMNS, LIMITS, import_approvals
from inventory.taking import FileCommand


class Command(FileCommand[FileReport]):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = (
        f"Bring in approvals from before the portal from a CSV file (columns {', '.join(COLUMNS)}), marked legacy: "
        "everything or nothing. --as says who; another person confirms each, and the policy says whether they count."
    )
    portal, largest, failed = "import_approvals", LIMITS.bytes, FileReport

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds trying it out."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to and write nothing")

    def run(self, *, actor: User | Portal, content: bytes, options: dict[str, Any]) -> FileReport:
        """Bring them in."""
        return import_approvals(actor=actor, content=content, dry_run=options["dry_run"], door=Door.COMMAND)

    def told(self, report: FileReport, *, dry_run: bool) -> str:
        """How many rows brought something."""
        word = "Would be" if dry_run else "Done:"
        return f"{word} {report.rows:,} rows: {report.created:,} brought in, {report.unchanged:,} known already."
