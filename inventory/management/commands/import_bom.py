"""manage.py import_bom: take a CycloneDX ML-BOM in for a system, or for one draft release of it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.access.models import User
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from inventory.documents.boms import LARGEST
from inventory.imports.reports import FileReport
from inventory.models import System
from inventory.services.boms import import_bom
from inventory.taking import CardCommand


class Command(CardCommand):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    help = "Take a CycloneDX ML-BOM in: its model card, and its parts as artifacts of a draft release or as assets."
    portal, largest = "import_bom", LARGEST

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the release."""
        super().add_arguments(parser)
        parser.add_argument("--release", default="", metavar="VERSION", help="the draft release it lists the parts of")

    def take(self, *, actor: User | Portal, system: System, content: bytes, options: dict[str, Any]) -> FileReport:
        """Take the BOM in."""
        return import_bom(
            actor=actor, system=system, content=content, release=options["release"], contact=options["contact"],
            dry_run=options["dry_run"], door=Door.COMMAND,
        )  # fmt: skip

    def told(self, report: FileReport, *, dry_run: bool) -> str:
        """How many components came to what."""
        counted = f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged"
        return f"{'Would be' if dry_run else 'Done:'} {report.rows} components: {counted}."
