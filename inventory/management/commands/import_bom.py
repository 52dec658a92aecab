"""manage.py import_bom: take a CycloneDX ML-BOM in for a system, or for one draft release of it."""

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
from inventory.documents.boms import LARGEST, BomError
from inventory.models import System
from inventory.services.boms import import_bom
from inventory.services.model_cards import CardReport

DONE, REFUSED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = "Take a CycloneDX ML-BOM in: its model card, and its parts as artifacts of a draft release or as assets."

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, the system, and how to answer."""
        parser.add_argument("file", type=Path, help="the BOM, JSON")
        parser.add_argument("--system", required=True, metavar="SLUG", help="the system it describes")
        parser.add_argument("--release", default="", metavar="VERSION", help="the draft release it lists the parts of")
        parser.add_argument("--contact", default="", help="whom to ask about the model card; else as before")
        parser.add_argument("--as", dest="person", metavar="USER", help="its author; the system's owner if left out")
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it in and leave with the exit status."""
        try:
            content = _content(options["file"])
        except OSError as error:
            self._answer(_failed("file", f"{options['file']} cannot be read: {error.strerror}."), UNREADABLE, options)
            return
        try:
            report, status = self._run(content, options), DONE
        except BomError as error:
            report, status = _failed(error.place, str(error), error.line), REFUSED
        except (Refusal, InvalidInput) as error:
            report, status = _failed("", str(error)), REFUSED
        self._answer(report, status, options)

    def _run(self, content: bytes, options: dict[str, Any]) -> CardReport:
        system = System.objects.filter(slug=options["system"]).first()
        if system is None:
            raise InvalidInput({"system": [f"There is no system {options['system']}."]})
        actor: User | Portal = Portal("import_bom")
        if options["person"] is not None:
            person = User.objects.filter(username__iexact=options["person"], is_active=True).first()
            if person is None:
                raise InvalidInput({"as": [f"There is nobody with the username {options['person']}."]})
            actor = person
        return import_bom(
            actor=actor, system=system, content=content, release=options["release"], contact=options["contact"],
            dry_run=options["dry_run"], door=Door.COMMAND,
        )  # fmt: skip

    def _answer(self, report: CardReport, status: int, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            for error in report.errors:
                self.stderr.write(f"line {error['line']}: {error['message']}" if error["line"] else error["message"])
            verb = "Would be" if options["dry_run"] else "Done:"
            counted = f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged"
            self.stdout.write(
                "Nothing was changed." if report.errors else f"{verb} {report.rows} components: {counted}."
            )
        if status:
            sys.exit(status)


def _content(path: Path) -> bytes:
    """The bytes of the file, one more than may be read at most. Raises OSError."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _failed(field: str, message: str, line: int = 0) -> CardReport:
    return CardReport(errors=({"line": line, "field": field, "message": message},))
