"""`verify_ledger`: prove that the ledger is whole and that the live tables are what it says."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.ledger.beside import beside
from governance.ledger.checkpoints import parse
from governance.ledger.differences import Difference, Unverifiable
from governance.ledger.verification import Report, defences, verify

CLEAN, DIFFERENT, COULD_NOT = 0, 1, 2


class Command(BaseCommand):
    """Exit 0: clean; 1: differences, each named; 2: could not be verified."""

    help = "Recompute the chain, replay it against the live tables, and name every difference."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("--from", dest="checkpoint", help="A checkpoint, or a file whose last line is one.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, print, and end with the exit code."""
        try:
            report = verify(_checkpoint(options["checkpoint"]))
            report.differences.extend(defences())
            report.differences.extend(beside())
        except Unverifiable as error:
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "error": str(error)}))
            self.stderr.write(f"Could not verify: {error}")
            sys.exit(COULD_NOT)
        for note in report.notes:
            self.stderr.write(note)
        self.stdout.write(_as_json(report) if options["json"] else _as_text(report))
        if not report.ok:
            sys.exit(DIFFERENT)


def _checkpoint(text: str | None) -> Any:
    if text is None:
        return None
    path = Path(text)
    if len(text) < 200 and path.is_file():
        text = path.read_text().strip().splitlines()[-1]
    return parse(text)


def _as_json(report: Report) -> str:
    return json.dumps(
        {
            "ok": report.ok,
            "blocks": report.blocks,
            "events": report.events,
            "differences": [asdict(difference) for difference in report.differences],
        },
        default=str,
    )


def _as_text(report: Report) -> str:
    lines = [_sentence(difference) for difference in report.differences]
    verdict = (
        "The ledger is whole." if report.ok else f"{len(lines)} {'difference' if len(lines) == 1 else 'differences'}."
    )
    return "\n".join([*lines, f"{report.blocks} blocks, {report.events} events. {verdict}"])


def _sentence(difference: Difference) -> str:
    place = f"block {difference.block}" if difference.block is not None else "no block"
    where = ".".join(part for part in (f"{difference.table}[{difference.key}]", difference.field) if part)
    return f"{place}: {where}: expected {difference.expected!r}, found {difference.found!r}"
