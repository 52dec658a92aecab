"""manage.py export_inventory: the systems as a file that no spreadsheet runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from governance.access import rights
from governance.access.models import User
from inventory.exports import systems_csv, systems_json, systems_xlsx
from inventory.federal import omb_2025_csv
from inventory.models import System, Unit, UnitClosure

TEXTS = {"csv": systems_csv, "json": systems_json, "omb-2025": omb_2025_csv}


class Command(BaseCommand):
    """Writes to standard output, or to a file."""

    help = "Export the systems of the inventory."

    def add_arguments(self, parser: CommandParser) -> None:
        """Format, filters, for whom, where to."""
        parser.add_argument("--format", choices=["csv", "xlsx", "json", "omb-2025"], default="csv")
        parser.add_argument("--phase", choices=System.Phase.values)
        parser.add_argument("--unit", metavar="SLUG", help="only systems of this unit and below")
        parser.add_argument("--as", dest="person", metavar="USER", help="only what this person may see")
        parser.add_argument("--output", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stream the rows."""
        systems = System.objects.order_by("slug")
        if options["person"]:
            person = User.objects.filter(username__iexact=options["person"], is_active=True).first()
            if person is None:
                raise CommandError(f"There is nobody with the username {options['person']}.")
            systems = rights.visible(person, systems)
        if options["phase"]:
            systems = systems.filter(phase=options["phase"])
        if options["unit"]:
            unit = Unit.objects.filter(slug=options["unit"]).first()
            if unit is None:
                raise CommandError(f"There is no unit {options['unit']}.")
            systems = systems.filter(unit__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))
        if options["output"] is None and options["format"] != "xlsx":
            for text in TEXTS[options["format"]](systems):
                self.stdout.write(text, ending="")
            return
        try:
            with options["output"].open("wb") if options["output"] else nullcontext(sys.stdout.buffer) as target:
                for piece in _pieces(options["format"], systems):
                    target.write(piece)
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror}.") from error


def _pieces(form: str, systems: QuerySet[System]) -> Iterator[bytes]:
    """The file in the form asked for, piece by piece."""
    if form in TEXTS:
        yield from (text.encode() for text in TEXTS[form](systems))
        return
    with systems_xlsx(systems) as workbook:
        while piece := workbook.read(65536):
            yield piece
