"""What the demonstration tells whoever started it, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass

from governance.demo import story
from governance.validation.models import Review
from inventory.models import Release, System

IN_REVIEW = ("fraud-scorer", "3.2.0")
APPROVED = ("fraud-scorer", "3.1.0")


@dataclass(frozen=True, slots=True)
class Handout:
    """Address, password and token of a running demonstration."""

    url: str
    password: str
    token: str

    def as_json(self) -> str:
        """One line a program can read; the keys are a promise to outside clients."""
        releases = Release.objects.order_by("id").values("id", "version", "state", "system__slug")
        systems = System.objects.filter(slug__in=[told.slug for told in story.SYSTEMS]).order_by("slug")
        return json.dumps(
            {
                "url": self.url,
                "password": self.password,
                "accounts": [
                    {"username": person.username, "role": person.role, "name": person.name} for person in story.PEOPLE
                ],
                "token": self.token,
                "systems": [
                    {
                        "slug": system.slug,
                        "releases": [
                            {"id": each["id"], "version": each["version"], "state": each["state"]}
                            for each in releases
                            if each["system__slug"] == system.slug
                        ],
                    }
                    for system in systems
                ],
            },
            ensure_ascii=False,
            default=str,
        )

    def as_text(self) -> str:
        """A page for a terminal."""
        width = max(len(person.username) for person in story.PEOPLE)
        accounts = "\n".join(f"  {person.username:<{width}}  {person.name} — {person.role}" for person in story.PEOPLE)
        swapped = self.asking(*APPROVED, digest=True)
        moves = MOVES.format(review=self.review(), swapped=textwrap.indent(swapped, "     "))
        asked = textwrap.indent(self.asking(*IN_REVIEW), "  ")
        return TEXT.format(
            bank=story.BANK, url=self.url, password=self.password, accounts=accounts, asked=asked, moves=moves
        )

    def asking(self, system: str, version: str, *, digest: bool = False) -> str:
        """The question to the gate, ready to paste; with a digest that has one byte swapped if asked."""
        body = {"system": system, "release": version, "environment": "production"}
        if digest:
            body["sha256"] = _swapped(system, version)
        return (
            f"curl --fail-with-body -X POST {self.url}/api/v1/gate/ \\\n"
            f'  -H "Authorization: Bearer {self.token}" \\\n'
            f'  -H "Content-Type: application/json" -H "Accept: text/plain" \\\n'
            f"  -d '{json.dumps(body)}'"
        )

    def review(self) -> str:
        """The page where the release in review waits for its next signature."""
        system, version = IN_REVIEW
        waiting = Review.objects.filter(
            submission__release__system__slug=system, submission__release__version=version, state=Review.State.OPEN
        )
        first = waiting.order_by("order").values_list("pk", flat=True).first()
        return f"{self.url}/reviews/{first}/" if first else f"{self.url}/"


def _swapped(system: str, version: str) -> str:
    release = Release.objects.get(system__slug=system, version=version)
    digest = str(release.artifacts.exclude(sha256="").order_by("id").values_list("sha256", flat=True)[0])
    return ("1" if digest[0] == "0" else "0") + digest[1:]


MOVES = """\
  1. Sign in as owner and sign your own release; the page says why you may not:
     {review}
  2. Sign in as superuser and sign it there. Operating the portal gives no signature.
  3. Ask the gate about an approved release with a file in which one byte differs:
{swapped}
  4. Change the record in SQL as the portal's own role; PostgreSQL refuses:
     .venv/bin/python manage.py dbshell -- -c "UPDATE ledger_event SET verb = 'nothing'"
  5. Change a row as the owner of the tables, with the triggers off, and look for it:
     .venv/bin/python manage.py demo --tamper
     .venv/bin/python manage.py verify_ledger"""

TEXT = """
{bank} — a demonstration

  {url}

Everybody signs in with the password {password}

{accounts}

Ask the gate, as a pipeline would; it says what is still missing:

{asked}

Five moves to cheat it; each is refused, or found and named:

{moves}

Ctrl-C stops everything. What you did stays in .data/ until `manage.py demo --reset`.
"""
