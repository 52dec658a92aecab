"""manage.py gap_report: which duties are met, unmet or unknown, by tier."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access import rights
from governance.access.models import User
from governance.lifecycle import Conflict
from inventory.gap_report import report
from inventory.models import System, Unit, UnitClosure


class Command(BaseCommand):
    """Counts the systems of the inventory, or of one unit."""

    help = "Report which duties of the policy in force are met, unmet or unknown, by tier."

    def add_arguments(self, parser: CommandParser) -> None:
        """How to answer, and over what."""
        parser.add_argument("--json", action="store_true", help="print one JSON object: duty, tier, counts")
        parser.add_argument("--unit", metavar="SLUG", help="only systems of this unit and below")
        parser.add_argument("--as", dest="person", metavar="USER", help="only what this person may see")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count and print."""
        systems = System.objects.all()
        if options["person"]:
            person = User.objects.filter(username__iexact=options["person"], is_active=True).first()
            if person is None:
                raise CommandError(f"There is nobody with the username {options['person']}.")
            systems = rights.visible(person, systems)
        if options["unit"]:
            unit = Unit.objects.filter(slug=options["unit"]).first()
            if unit is None:
                raise CommandError(f"There is no unit {options['unit']}.")
            below = UnitClosure.objects.filter(ancestor=unit).values("descendant")
            systems = systems.filter(unit__in=below)
        try:
            rules, table = report(systems)
        except Conflict as conflict:
            raise CommandError(str(conflict)) from conflict
        if options["json"]:
            self.stdout.write(json.dumps(table))
            return
        titles = {requirement.id: requirement.title for requirement in rules.document.requirements}
        for duty, tiers in table.items():
            told = (f"{tier} {c['met']} met, {c['unmet']} unmet, {c['unknown']} unknown" for tier, c in tiers.items())
            self.stdout.write(f"{titles[duty]}: {'; '.join(told)}")
