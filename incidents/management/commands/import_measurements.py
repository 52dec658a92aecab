"""manage.py import_measurements: record the measurements of a CSV file for a system."""

from __future__ import annotations

from typing import Any

from governance.access.models import User
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from incidents.services.measurement_files import LIMITS, FileReport, import_measurements
from inventory.models import System
from inventory.taking import TakingCommand


class Command(TakingCommand[FileReport]):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = "Record the measurements of a CSV file (columns at, metric, value and, if there are slices, slice)."
    portal, largest, failed = "import_measurements", LIMITS.bytes, FileReport

    def take(self, *, actor: User | Portal, system: System, content: bytes, options: dict[str, Any]) -> FileReport:
        """Record them."""
        return import_measurements(actor=actor, system=system, content=content, door=Door.COMMAND)

    def told(self, report: FileReport, *, dry_run: bool) -> str:
        """How many there were and what they came to."""
        return f"Done: {report.accepted:,} measurements, {report.new:,} of them new, {report.breaches:,} breaches."
