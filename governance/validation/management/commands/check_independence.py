"""`manage.py check_independence`: name every act that its person was not independent for."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from governance.validation.independence import violations


class Command(BaseCommand):
    """Exit 0: none; 1: those named."""

    help = "Name every signature, exception, verification, lifted hold and role that was nobody independent's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How to print."""
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look and tell."""
        found = violations()
        if options["as_json"]:
            self.stdout.write(json.dumps([{**asdict(each), "at": each.at.isoformat()} for each in found]))
        else:
            for each in found:
                self.stdout.write(f"{each.rule}: {each}")
            self.stdout.write(f"{len(found)} violations of independence.")
        if found:
            sys.exit(1)
