"""`manage.py policy_replay FILE`: what a policy pack would change today, or enforcing it. Nothing is stored."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.policy.decide import Rules
from governance.policy.enforcing import EnforcingReport
from governance.policy.models import Pack
from governance.policy.packs import PackInvalid, digest, parse, shipped, shipped_names
from governance.policy.queries import enforced_today, pack_in_force, replayed
from governance.policy.queries import rules as rules_of_stored
from governance.policy.replay import Gate, Report

EVERY = 250
LONGEST_KEY = 18


class Command(BaseCommand):
    """Replays a pack over the whole inventory: gates, tiers, reviews and documents."""

    help = "Say which gates a policy pack would open or close, and why. FILE is a path or the name of a shipped pack."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and how to answer."""
        parser.add_argument(
            "file", metavar="FILE", nargs="?",
            help=f"a YAML file, or one of: {', '.join(shipped_names())}; else, with --enforcing, the one in force",
        )  # fmt: skip
        parser.add_argument(
            "--enforcing", action="store_true",
            help="say which gates that are only observed now would close if the pack were enforced everywhere",
        )  # fmt: skip
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object, the same bytes for the same state"
        )
        parser.add_argument("--stored", action="store_true", help="FILE is the number of a pack the portal holds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay and print; progress goes to standard error."""
        rules = self._rules(options["file"], stored=options["stored"], enforcing=options["enforcing"])
        document = rules.document
        name = f"{document.pack} {document.version}"
        ask = enforced_today if options["enforcing"] else replayed
        report = ask(rules, name, self._progress)
        if options["json"]:
            self.stdout.write(json.dumps(report.document, ensure_ascii=False, separators=(",", ":")))
        elif isinstance(report, EnforcingReport):
            self._tell_enforcing(report)
        else:
            self._tell(report)

    def _rules(self, name: str | None, *, stored: bool, enforcing: bool) -> Rules:
        if name is not None:
            return self._stored(name) if stored else self._read(name)
        current = pack_in_force() if enforcing else None
        if current is None:
            raise CommandError("No pack is in force." if enforcing else "Name a pack: a file, or one that is shipped.")
        return rules_of_stored(current)

    def _stored(self, name: str) -> Rules:
        pack = Pack.objects.filter(pk=name).first() if name.isdecimal() and len(name) < LONGEST_KEY else None
        if pack is None:
            raise CommandError(f"There is no stored pack {name}.")
        return rules_of_stored(pack)

    def _read(self, name: str) -> Rules:
        try:
            source = shipped(name) if name in shipped_names() else Path(name).read_text(encoding="utf-8")
            document = parse(source)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{name} cannot be read: {error}") from error
        except PackInvalid as error:
            raise CommandError(str(error)) from error
        return Rules(document, digest(document))

    def _progress(self, done: int) -> None:
        if done % EVERY == 0:
            self.stderr.write(f"{done} systems")

    def _tell(self, report: Report) -> None:
        self.stdout.write(
            f"{report.pack} over {report.systems} systems: {len(report.closed)} gates would close, "
            f"{len(report.opened)} would open, {len(report.tiers)} tiers would move; "
            f"{report.reviews} reviews and {report.documents} documents to do"
        )
        for word, gates in (("closes", report.closed), ("opens", report.opened)):
            for gate in gates:
                self.stdout.write(_line(word, gate))
        for move in report.tiers:
            self.stdout.write(f"tier {move.system}: {move.before or 'none'} → {move.after or 'none'}")

    def _tell_enforcing(self, report: EnforcingReport) -> None:
        self.stdout.write(
            f"{report.pack} over {report.systems} systems: of {report.observed} gates that are only observed, "
            f"enforcing would close {len(report.closed)}; {len(report.legacy)} would stay open on a legacy approval"
        )
        for gate in report.closed:
            self.stdout.write(_line("closes", gate))
        for kept in report.legacy:
            until = f"{kept.until:%Y-%m-%d %H:%M} UTC" if kept.until else "its end"
            self.stdout.write(f"legacy {kept.system} {kept.release} to {kept.environment}: until {until}")


def _line(word: str, gate: Gate) -> str:
    why = "; ".join(f"{name}: {reason}" for name, reason in zip(gate.requirements, gate.reasons, strict=True))
    return f"{word} {gate.system} {gate.release} to {gate.environment}: {why}"
