"""`manage.py load_pack FILE`: check a policy pack and store it as a draft."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from governance.lifecycle import Refusal
from governance.policy.packs import PackInvalid, shipped, shipped_names
from governance.policy.services import load_pack


class Command(BaseCommand):
    """Loads a pack as a draft; two people then propose and adopt it."""

    help = "Check a policy pack and store it as a draft. FILE is a path or the name of a shipped pack."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", metavar="FILE", help=f"a YAML file, or one of: {', '.join(shipped_names())}")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, or print every error with its line and store nothing."""
        name = str(options["file"])
        try:
            source = shipped(name) if name in shipped_names() else Path(name).read_text(encoding="utf-8")
            pack = load_pack(actor=Portal("load_pack"), source=source, door=Door.COMMAND)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{name} cannot be read: {error}") from error
        except (PackInvalid, Refusal) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{pack} is stored ({pack.state}), {pack.digest}")
