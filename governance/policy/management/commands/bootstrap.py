"""`manage.py bootstrap`: set the portal up, once."""

from __future__ import annotations

import json
import os
import secrets
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.access.commands import told_plainly
from governance.policy.packs import PackInvalid, shipped, shipped_names
from governance.policy.setting_up import Founder, set_up

PARTS = 3


def person(text: str) -> tuple[str, str, str]:
    """`username:printed name:e-mail`."""
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != PARTS or not all(parts):
        raise ArgumentTypeError("say username:printed name:e-mail address")
    return parts[0], parts[1], parts[2]


class Command(BaseCommand):
    """Names two people of governance and the policy pack; refuses once there is a governance team."""

    help = "Set the portal up: two people of governance and the first policy pack. Works once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and by which pack."""
        parser.add_argument(
            "--governance", action="append", type=person, required=True, metavar="USERNAME:NAME:EMAIL",
            help="give it twice: one person alone could give nobody a role and be given none",
        )  # fmt: skip
        parser.add_argument("--pack", default="baseline", help=f"a file, or one of: {', '.join(shipped_names())}")
        parser.add_argument(
            "--password-stdin", action="store_true",
            help="read one password a line, in the order of the people; else BOOTSTRAP_PASSWORD, else random ones",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set up and print the first passwords that were made here."""
        people: list[tuple[str, str, str]] = options["governance"]
        passwords, made = self._passwords(len(people), from_input=options["password_stdin"])
        founders = [Founder(*who, password) for who, password in zip(people, passwords, strict=True)]
        try:
            source = shipped(options["pack"]) if options["pack"] in shipped_names() else _read(options["pack"])
            with told_plainly():
                accounts, pack = set_up(founders=founders, pack_source=source)
        except PackInvalid as error:
            raise CommandError(str(error)) from error
        answer = {
            "governance": [
                {"username": account.username, "name": account.name, **({"password": founder.password} if made else {})}
                for account, founder in zip(accounts, founders, strict=True)
            ],
            "pack": {"name": pack.name, "version": pack.version, "digest": pack.digest},
        }
        if options["as_json"]:
            self.stdout.write(json.dumps(answer))
            return
        self.stdout.write(f"{pack} is in force.")
        for founder in founders:
            first = f"  first password, shown this once: {founder.password}" if made else ""
            self.stdout.write(f"{founder.username} ({founder.name}) is in governance.{first}")

    def _passwords(self, number: int, *, from_input: bool) -> tuple[list[str], bool]:
        """One password a person, and whether they were made here and have to be shown."""
        if from_input:
            given = [line.rstrip("\n") for line in sys.stdin][:number]
            if len(given) < number:
                raise CommandError(f"Give {number} passwords, one a line.")
            return given, False
        if shared := os.environ.get("BOOTSTRAP_PASSWORD"):
            return [shared] * number, False
        return [secrets.token_urlsafe(18) for _ in range(number)], True


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from error
