"""`create_token`: mint a machine's token and print it, this once."""

from __future__ import annotations

import json
import re
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.commands import open_person, told_plainly
from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role, Scope
from governance.database.clock import portal_now
from governance.ledger.acting import Command as Portal
from governance.ledger.acting import Door
from inventory.models import Assignment, System, Unit
from inventory.services.tokens import mint_token

_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """`30d`, `12h` or `15m`."""
    form = _SPAN.fullmatch(text)
    if form is None:
        raise ArgumentTypeError("say a number of days, hours or minutes: 30d, 12h, 15m")
    return timedelta(**{_UNITS[form[2]]: int(form[1])})


class Command(BaseCommand):
    """Mints a token for a CI job or another machine."""

    help = "Mint a machine's token, limited to systems or units and to scopes, and print it this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """What the token may do, where, for how long, and who answers for it."""
        parser.add_argument("--name", required=True, help="what people read: the job or machine")
        parser.add_argument("--system", action="append", default=[], metavar="SLUG")
        parser.add_argument("--unit", action="append", default=[], metavar="SLUG")
        parser.add_argument("--scope", action="append", required=True, choices=[scope.value for scope in Scope])
        parser.add_argument("--expires", type=span, default=timedelta(days=30), help="30d, 12h, 15m; at most 90d")
        parser.add_argument("--as", dest="person", metavar="USER", help="who answers; else the system's owner")
        parser.add_argument("--description", default="")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Mint and print."""
        systems = [_named(System, slug) for slug in options["system"]]
        units = [_named(Unit, slug) for slug in options["unit"]]
        person = open_person(options["person"]) if options["person"] else _answerable(systems)
        with told_plainly():
            minted = mint_token(
                actor=person if options["person"] else Portal("create_token"),
                person=person,
                name=options["name"],
                scopes=options["scope"],
                systems=systems,
                units=units,
                expiry=portal_now() + options["expires"],
                description=options["description"],
                door=Door.COMMAND,
            )
        if options["as_json"]:
            token = minted.token
            answer = {
                "token": minted.text,
                "id": token.pk,
                "name": token.name,
                "machine": token.user.username,
                "sponsor": person.username,
                "scopes": token.scopes,
                "expires": token.expiry.isoformat(),
            }
            self.stdout.write(json.dumps(answer))
            return
        self.stdout.write(minted.text)
        self.stderr.write(f"Shown this once. {person} answers for it until {minted.token.expiry:%Y-%m-%d %H:%M} UTC.")


def _named(model: type[Any], slug: str) -> Any:
    found = model.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no {model._meta.verbose_name} “{slug}”.")
    return found


def _answerable(systems: list[System]) -> User:
    """The owner of the first system, or a member of governance. Raises CommandError when there is neither."""
    if systems:
        owner = Assignment.objects.current().filter(system=systems[0], role=Role.OWNER, person__is_active=True).first()
        if owner is not None:
            return owner.person
    governance = User.objects.filter(groups__name=OrganisationRole.GOVERNANCE, is_active=True, closed_at=None)
    person = governance.order_by("pk").first()
    if person is None:
        raise CommandError("Say who answers for the token: --as USER.")
    return person
