"""manage.py import_model_card: take a model card in as the next revision of a system's document."""

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
from inventory.documents.model_cards import LARGEST, CardError
from inventory.models import System
from inventory.services.model_cards import CardReport, import_model_card

DONE, REFUSED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = "Take a model card (Markdown with YAML front matter) in as the next revision of a system's model card."

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, the system, and how to answer."""
        parser.add_argument("file", type=Path, help="the card")
        parser.add_argument("--system", required=True, metavar="SLUG", help="the system it describes")
        parser.add_argument("--contact", default="", help="whom to ask about it; else as before, or its author")
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
        except CardError as error:
            report, status = _failed("file", str(error), error.line), REFUSED
        except (Refusal, InvalidInput) as error:
            report, status = _failed("", str(error)), REFUSED
        self._answer(report, status, options)

    def _run(self, content: bytes, options: dict[str, Any]) -> CardReport:
        system = System.objects.filter(slug=options["system"]).first()
        if system is None:
            raise InvalidInput({"system": [f"There is no system {options['system']}."]})
        actor: User | Portal = Portal("import_model_card")
        if options["person"] is not None:
            person = User.objects.filter(username__iexact=options["person"], is_active=True).first()
            if person is None:
                raise InvalidInput({"as": [f"There is nobody with the username {options['person']}."]})
            actor = person
        return import_model_card(
            actor=actor, system=system, content=content, contact=options["contact"], dry_run=options["dry_run"],
            door=Door.COMMAND,
        )  # fmt: skip

    def _answer(self, report: CardReport, status: int, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            for error in report.errors:
                self.stderr.write(f"line {error['line']}: {error['message']}" if error["line"] else error["message"])
            verb = "would be" if options["dry_run"] else "is"
            word = "created" if report.created else "updated" if report.updated else "unchanged"
            self.stdout.write("Nothing was changed." if report.errors else f"The model card {verb} {word}.")
        if status:
            sys.exit(status)


def _content(path: Path) -> bytes:
    """The bytes of the file, one more than may be read at most. Raises OSError."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _failed(field: str, message: str, line: int = 0) -> CardReport:
    return CardReport(errors=({"line": line, "field": field, "message": message},))
