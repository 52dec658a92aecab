"""manage.py export_inventory: the systems as a file that no spreadsheet runs."""

from __future__ import annotations

from argparse import FileType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access import rights
from governance.access.models import User
from inventory.exports import systems_csv
from inventory.models import System, Unit, UnitClosure


class Command(BaseCommand):
    """Writes to standard output, or to a file."""

    help = "Export the systems of the inventory."

    def add_arguments(self, parser: CommandParser) -> None:
        """Format, filters, for whom, where to."""
        parser.add_argument("--format", choices=["csv"], default="csv")
        parser.add_argument("--phase", choices=System.Phase.values)
        parser.add_argument("--unit", metavar="SLUG", help="only systems of this unit and below")
        parser.add_argument("--as", dest="person", metavar="USER", help="only what this person may see")
        parser.add_argument("--output", type=FileType("w", encoding="utf-8"), metavar="FILE")

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
        target = options["output"] or self.stdout
        for line in systems_csv(systems):
            target.write(line)
        if options["output"]:
            options["output"].close()
