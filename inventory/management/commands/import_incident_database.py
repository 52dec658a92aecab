"""manage.py import_incident_database: take an edition of the AI Incident Database in, all of it or nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Command as Portal
from governance.lifecycle import Refusal
from inventory.imports.reader import LineError, Refused, Unreadable
from inventory.past_incidents.reading import LIMITS
from inventory.services.failure_modes import IncidentReport, import_incidents
from inventory.taking import DONE, REFUSED, UNREADABLE


class Command(BaseCommand):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = "Take an edition of the AI Incident Database (the CSV of its incidents) in; nothing is ever removed."

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, and how to answer."""
        parser.add_argument("file", type=Path, help="the CSV file of incidents")
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--as", dest="person", metavar="USER", help="the person who answers for it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it in and leave with the exit status."""
        try:
            report = import_incidents(
                actor=_actor(options["person"]), content=_content(options["file"]), dry_run=options["dry_run"]
            )
            status = DONE
        except Unreadable as error:
            report, status = _failed(LineError(0, "file", str(error))), UNREADABLE
        except Refused as error:
            report, status = IncidentReport(rows=error.rows, errors=tuple(error.errors)), REFUSED
        except (Refusal, InvalidInput) as error:
            report, status = _failed(LineError(0, "", str(error))), REFUSED
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._tell(report, dry_run=options["dry_run"])
        if status:
            sys.exit(status)

    def _tell(self, report: IncidentReport, *, dry_run: bool) -> None:
        for error in report.errors:
            where = f"line {error.line}" if error.line else "file"
            self.stderr.write(f"{where}{f', {error.field}' if error.field else ''}: {error.message}")
        if report.errors:
            self.stderr.write("Nothing was changed.")
            return
        self.stdout.write(
            f"{'Would be' if dry_run else 'Done:'} {report.rows:,} incidents: {report.created:,} created, "
            f"{report.updated:,} updated, {report.unchanged:,} unchanged, {report.vanished:,} no longer told of."
        )


def _failed(error: LineError) -> IncidentReport:
    return IncidentReport(errors=(error,))


def _actor(username: str | None) -> User | Portal:
    if username is None:
        return Portal("import_incident_database")
    person = User.objects.filter(username__iexact=username, is_active=True).first()
    if person is None:
        raise Refused([LineError(0, "as", f"There is nobody with the username {username}.")])
    return person


def _content(path: Path) -> bytes:
    """The bytes of the file, never more than may be read. Raises Unreadable, Refused."""
    try:
        if not path.is_file():
            raise Unreadable(f"{path} is no file.")
        with path.open("rb") as file:
            content = file.read(LIMITS.bytes + 1)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > LIMITS.bytes:
        raise Refused([LineError(0, "", f"The file has more than {LIMITS.bytes:,} bytes.")])
    return content
