"""manage.py sync_mlflow: bring the models of a running MLflow registry up to date here, all of them or none."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from governance.lifecycle import Refusal
from inventory.imports.mlflow import Bounds, Unfit, Unreachable
from inventory.imports.reader import LineError
from inventory.models import Unit
from inventory.services.imports import ImportReport
from inventory.services.registries import sync_mlflow

DONE, REFUSED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the server could not be read (nothing was changed)."""

    help = "Sync models, versions, aliases, tags, metrics and parameters from an MLflow registry."

    def add_arguments(self, parser: CommandParser) -> None:
        """URL, where new models go, and how to answer."""
        parser.add_argument("url", help="the address of the MLflow server")
        parser.add_argument("--unit", metavar="SLUG", help="where new models become systems")
        parser.add_argument("--seconds", type=float, default=Bounds().seconds, help="how long it may take in all")
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sync and leave with its exit status."""
        status = DONE
        try:
            report = self._run(options)
        except Unreachable as error:
            report, status = _refused(error), UNREADABLE
        except (Unfit, Refusal) as error:
            report, status = _refused(error), REFUSED
        if options["json"]:
            told = report.as_json()
            names = ("rows", "created", "updated", "unchanged", "vanished", "errors")
            self.stdout.write(json.dumps({name: told[name] for name in names}, ensure_ascii=False))
        elif status:
            self.stderr.write(f"{report.errors[0].message}\nNothing was changed.")
        else:
            verb = "Would be" if options["dry_run"] else "Done:"
            self.stdout.write(
                f"{verb} {report.rows:,} models: {report.created:,} created, {report.updated:,} updated, "
                f"{report.unchanged:,} unchanged, {report.vanished:,} vanished."
            )
        if status:
            sys.exit(status)

    def _run(self, options: dict[str, Any]) -> ImportReport:
        unit = Unit.objects.filter(slug=options["unit"]).first() if options["unit"] else None
        if options["unit"] and unit is None:
            raise Unfit(f"There is no unit {options['unit']}.")
        return sync_mlflow(
            actor=Portal("sync_mlflow"), url=options["url"], unit=unit, door=Door.COMMAND, dry_run=options["dry_run"],
            bounds=Bounds(seconds=options["seconds"]),
        )  # fmt: skip


def _refused(error: Exception) -> ImportReport:
    return ImportReport(errors=(LineError(0, "", str(error)),))
