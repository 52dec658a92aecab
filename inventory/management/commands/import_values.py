"""manage.py import_values: expected and actual figures of a system by period, from a CSV file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from inventory.imports.reports import FileReport
from inventory.models import System
from inventory.services.value_files import LIMITS, import_values
from inventory.services.values import FIELDS
from inventory.taking import FileCommand


class Command(FileCommand[FileReport]):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = f"Record what a system was expected to bring and brought, from a CSV file (columns {', '.join(FIELDS)})."
    portal, largest, failed = "import_values", LIMITS.bytes, FileReport

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the system."""
        super().add_arguments(parser)
        parser.add_argument("--system", required=True, metavar="SLUG", help="the system the figures are about")

    def run(self, *, actor: User | Portal, content: bytes, options: dict[str, Any]) -> FileReport:
        """Record them."""
        system = System.objects.filter(slug=options["system"]).first()
        if system is None:
            raise InvalidInput({"system": [f"There is no system “{options['system'][:120]}”."]})
        return import_values(actor=actor, system=system, content=content, door=Door.COMMAND)

    def told(self, report: FileReport, *, dry_run: bool) -> str:
        """How many rows brought something."""
        return (
            f"{report.rows:,} rows: {report.created:,} new periods, {report.updated:,} said anew, "
            f"{report.unchanged:,} known already."
        )
