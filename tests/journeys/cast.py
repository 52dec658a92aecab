"""The people of the main job, and the questions a pipeline asks."""

from __future__ import annotations

import io
import json
from typing import Any

from django.core.management import call_command

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole
from tests.governance.access.people import join, person

PEOPLE = ("owner", "developer", "validator", "auditor", "approver", "riskofficer")
ANSWERS = {
    "decision-role": "decides",
    "error-detection": "rarely",
    "novelty": "new",
    "people-affected": "rights-or-safety",
    "money": "large",
    "essential": "no",
    "vulnerable-groups": "no",
}
MODEL = "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730"
CONTAINER = "181210f8f9c779c26da1d9b2075bde0127302ee0e3fca38c9a83f5b1dd8e5d3b"
OTHER = "ff" * 32


def gather() -> dict[str, User]:
    """Everybody of the main job; governance is theirs from the start, all else is given on the way."""
    people = {name: person(name) for name in PEOPLE}
    people["governance"] = join(person("governance"), OrganisationRole.GOVERNANCE)
    return people


def told(command: str, *arguments: str, **options: Any) -> Any:
    """What a command answers as JSON."""
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return json.loads(out.getvalue())


def token_for(system: str) -> str:
    """A pipeline's token for one system."""
    answer = told("create_token", "--name", "pipeline", "--system", system, "--scope", "gate:check", "--json")
    return str(answer["token"])


def question(system: str, release: str, *digests: str) -> dict[str, Any]:
    """May it go to production, with these files?"""
    return {"system": system, "release": release, "environment": "production", "sha256": list(digests)}


def unmet(answer: dict[str, Any]) -> set[str]:
    """The requirements that stand in the way."""
    return {line["id"] for line in answer["requirements"] if line["status"] == "unmet"}
