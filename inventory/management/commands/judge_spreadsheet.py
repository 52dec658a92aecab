"""manage.py judge_spreadsheet: tiers, owners and duties of a spreadsheet under the policy in force. Writes nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.lifecycle import Refusal
from inventory.imports.reader import LineError, Refused, Unreadable
from inventory.imports.schema import MappingFault, names
from inventory.mappings import named_or_own
from inventory.services.imports import content_of
from inventory.services.sandboxes import judge

REFUSED, UNREADABLE = 1, 2


class Command(BaseCommand):
    """Exit status: 0 judged, 1 refused, 2 the file could not be read."""

    help = "Say what a CSV file or workbook comes to under the policy in force: tiers, owners, duties. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, the mapping, and how to answer."""
        parser.add_argument("file", type=Path, help="the CSV file or workbook (.xlsx)")
        parser.add_argument(
            "--mapping", required=True,
            help=f"a mapping file of your own, the name of a saved one, or one of: {', '.join(names())}",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge and leave with the exit status."""
        errors: list[LineError] = []
        whole: dict[str, Any] = {}
        status, pack = 0, ""
        try:
            _, whole, pack = judge(content_of(options["file"]), named_or_own(options["mapping"]))
        except Unreadable as error:
            status, errors = UNREADABLE, [LineError(0, "", str(error))]
        except Refused as error:
            status, errors = REFUSED, error.errors
        except (Refusal, MappingFault) as error:
            status, errors = REFUSED, [LineError(0, "", str(error))]
        if options["json"]:
            said = [{"line": each.line, "field": each.field, "message": each.message} for each in errors]
            self.stdout.write(json.dumps({"pack": pack, **whole, "errors": said}, ensure_ascii=False))
        elif errors:
            for each in errors:
                where = f"line {each.line}" if each.line else "file"
                self.stderr.write(f"{where}{f', {each.field}' if each.field else ''}: {each.message}")
        else:
            self._tell(whole, pack)
        if status:
            sys.exit(status)

    def _tell(self, whole: dict[str, Any], pack: str) -> None:
        self.stdout.write(f"{whole['rows']:,} rows judged by {pack}; nothing was written.")
        self.stdout.write("tiers: " + ", ".join(f"{tier} {number:,}" for tier, number in whole["tiers"].items()))
        self.stdout.write(f"without an owner: {whole['unowned']:,}")
        for question in whole["questions"]:
            if not question["column"]:
                self.stdout.write(f"no column answers {question['id']}: {question['text']}")
        for duty, tiers in whole["duties"].items():
            told = (f"{tier} {c['met']} met, {c['unmet']} unmet, {c['unknown']} unknown" for tier, c in tiers.items())
            self.stdout.write(f"{duty}: {'; '.join(told)}")
