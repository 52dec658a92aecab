"""manage.py import_inventory: take one edition of a register in, all of it or nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from governance.lifecycle import Refusal
from inventory.imports.reader import LineError, Refused, Unreadable
from inventory.imports.schema import MappingDocument, MappingFault, names
from inventory.mappings import named_or_own
from inventory.services.imports import ImportReport, content_of, import_inventory, refused_report

DONE, REFUSED, UNREADABLE = 0, 1, 2
SHOWN = 20


class Command(BaseCommand):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = "Import an inventory from a CSV file or workbook by a mapping: everything or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, the mapping, and how to answer."""
        parser.add_argument("file", type=Path, help="the CSV file or workbook (.xlsx)")
        parser.add_argument(
            "--mapping",
            required=True,
            help=f"a mapping file of your own, the name of a saved one, or one of: {', '.join(names())}",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--as", dest="person", metavar="USER", help="the person who answers for it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import and leave with its exit status."""
        self._line_open = False
        try:
            mapping = named_or_own(options["mapping"])
            report = self._run(mapping, options)
            status = DONE
        except Unreadable as error:
            report, status = ImportReport(errors=(LineError(0, "", str(error)),)), UNREADABLE
        except Refused as error:
            report, status = refused_report(error), REFUSED
        except (Refusal, InvalidInput, MappingFault) as error:
            report, status = ImportReport(errors=(LineError(0, "", str(error)),)), REFUSED
        self._close_line()
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._tell(report, dry_run=options["dry_run"])
        if status:
            sys.exit(status)

    def _run(self, mapping: MappingDocument, options: dict[str, Any]) -> ImportReport:
        path: Path = options["file"]
        return import_inventory(
            actor=self._actor(options["person"]),
            content=content_of(path),
            file_name=path.name,
            mapping=mapping,
            door=Door.COMMAND,
            dry_run=options["dry_run"],
            progress=self._progress,
        )

    def _actor(self, username: str | None) -> User | Portal:
        if username is None:
            return Portal("import_inventory")
        person = User.objects.filter(username__iexact=username, is_active=True).first()
        if person is None:
            raise Refused([LineError(0, "as", f"There is nobody with the username {username}.")])
        return person

    def _progress(self, stage: str, done: int, total: int) -> None:
        """One line on stderr, rewritten in place on a terminal."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{stage} {done:,} of {total:,}   ", ending="")
            self._line_open = True
        elif done == total:
            self.stderr.write(f"{stage} {done:,} of {total:,}")

    def _close_line(self) -> None:
        if self._line_open:
            self.stderr.write("")

    def _tell(self, report: ImportReport, *, dry_run: bool) -> None:
        """The same for people."""
        for error in report.errors:
            where = f"line {error.line}" if error.line else "file"
            self.stderr.write(f"{where}{f', {error.field}' if error.field else ''}: {error.message}")
        if report.errors:
            self.stderr.write("Nothing was changed.")
            return
        verb = "Would be" if dry_run else "Done:"
        self.stdout.write(
            f"{verb} {report.rows:,} rows ({report.encoding}): {report.created:,} created, {report.updated:,} updated, "
            f"{report.unchanged:,} unchanged, {report.vanished:,} vanished."
        )
        for field, writings in report.unmapped.items():
            for written, rows in writings.items():
                self.stdout.write(f"work list: {field} “{written}” in {rows:,} rows")
        self._list("vanished", report.gone)
        self._list(
            "kept", [f"{c['system']} (line {c['line']}): {c['field']} was changed here" for c in report.conflicts]
        )

    def _list(self, word: str, lines: list[str] | tuple[str, ...]) -> None:
        for line in lines[:SHOWN]:
            self.stdout.write(f"{word}: {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"{word}: … and {len(lines) - SHOWN:,} more")
