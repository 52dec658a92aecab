"""What commands that take one file in share: who acts, what is answered, the exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django.core.management.base import BaseCommand, CommandParser

from governance.access.models import User
from governance.inputs import InvalidInput
from governance.ledger.acting import Command as Portal
from governance.lifecycle import Refusal
from inventory.documents.boms import BomError
from inventory.documents.model_cards import CardError
from inventory.imports.reader import Refused, Unreadable
from inventory.imports.reports import FileReport
from inventory.models import System

DONE, REFUSED, UNREADABLE = 0, 1, 2


class Report(Protocol):
    """What a file came to."""

    @property
    def errors(self) -> tuple[dict[str, Any], ...]:
        """Objects of line (0: the file as a whole), field and message."""

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""


R = TypeVar("R", bound=Report)


class FileCommand(BaseCommand, Generic[R]):
    """Exit status: 0 done, 1 refused (nothing was changed), 2 the file could not be read."""

    portal: ClassVar[str]  # what it acts as, where nobody is named
    largest: ClassVar[int]  # bytes read at most
    failed: ClassVar[Callable[..., Any]]  # makes a report of errors alone

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, and how to answer."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="person", metavar="USER", help="who answers for it; the portal if left out")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def run(self, *, actor: User | Portal, content: bytes, options: dict[str, Any]) -> R:
        """Call the service."""
        raise NotImplementedError

    def told(self, report: R, *, dry_run: bool) -> str:
        """The sentence for a person."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it in and leave with the exit status."""
        try:
            with options["file"].open("rb") as file:
                content = file.read(self.largest + 1)
        except OSError as error:
            message = f"{options['file']} cannot be read: {error.strerror}."
            self._answer(self._failure("file", message), UNREADABLE, options)
            return
        try:
            actor = self._actor(options["person"])
            report, status = self.run(actor=actor, content=content, options=options), DONE
        except Unreadable as error:
            report, status = self._failure("file", str(error)), UNREADABLE
        except Refused as error:
            report, status = self.failed(errors=tuple(asdict(each) for each in error.errors)), REFUSED
        except BomError as error:
            report, status = self._failure(error.place, str(error), error.line), REFUSED
        except CardError as error:
            report, status = self._failure("file", str(error), error.line), REFUSED
        except (Refusal, InvalidInput) as error:
            report, status = self._failure("", str(error)), REFUSED
        self._answer(report, status, options)

    def _failure(self, field: str, message: str, line: int = 0) -> R:
        report: R = self.failed(errors=({"line": line, "field": field, "message": message},))
        return report

    def _actor(self, username: str | None) -> User | Portal:
        if username is None:
            return Portal(self.portal)
        person = User.objects.filter(username__iexact=username, is_active=True).first()
        if person is None:
            raise InvalidInput({"as": [f"There is nobody with the username {username}."]})
        return person

    def _answer(self, report: R, status: int, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            for error in report.errors:
                self.stderr.write(f"line {error['line']}: {error['message']}" if error["line"] else error["message"])
            told = "Nothing was changed." if report.errors else self.told(report, dry_run=options.get("dry_run", False))
            self.stdout.write(told)
        if status:
            sys.exit(status)


class TakingCommand(FileCommand[R]):
    """A file for one system."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the system."""
        super().add_arguments(parser)
        parser.add_argument("--system", required=True, metavar="SLUG", help="the system it describes")

    def run(self, *, actor: User | Portal, content: bytes, options: dict[str, Any]) -> R:
        """Find the system first."""
        return self.take(actor=actor, system=_system(options["system"]), content=content, options=options)

    def take(self, *, actor: User | Portal, system: System, content: bytes, options: dict[str, Any]) -> R:
        """Call the service."""
        raise NotImplementedError


def _system(slug: str) -> System:
    system = System.objects.filter(slug=slug).first()
    if system is None:
        raise InvalidInput({"system": [f"There is no system {slug}."]})
    return system


class CardCommand(TakingCommand[FileReport]):
    """A file that says something about the system: taken in as its model card, or tried out first."""

    failed = FileReport

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds whom to ask, and trying out."""
        super().add_arguments(parser)
        parser.add_argument("--contact", default="", help="whom to ask about the model card; else as before")
        parser.add_argument("--dry-run", action="store_true", help="say what it would come to and write nothing")
