"""A small scene for tests of the inventory: two units, two systems, and the people around the first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import Group

from governance.access.models import User
from governance.access.vocabulary import OrganisationRole, Role, Scope
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.policy import packs
from governance.policy.models import Pack
from governance.policy.services import adopt_at_bootstrap, load_pack
from inventory.models import Release, System, Unit
from inventory.services.tokens import mint_token
from tests.governance.access.people import appoint, person, system, unit
from tests.loosening import AGREEMENT, STATES, loosen

ANSWERS = {
    "decision-role": "recommends",
    "error-detection": "sometimes",
    "novelty": "proven",
    "people-affected": "inconvenience",
    "money": "medium",
    "essential": "no",
    "vulnerable-groups": "no",
}
SHA = "a" * 64


@dataclass(frozen=True)
class Scene:
    """What tests reach for by name."""

    bank: Unit
    cards: Unit
    scorer: System
    foreign: System
    governor: User
    owner: User
    developer: User
    viewer: User
    stranger: User
    operator: User


def build() -> Scene:
    """Put the scene up as the portal itself."""
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        bank = unit("bank")
        cards = unit("cards", bank)
        scorer, foreign = system("scorer", cards), system("foreign", unit("elsewhere"))
        people = {name: person(name) for name in ("governor", "owner", "developer", "viewer", "stranger")}
        people["governor"].groups.add(Group.objects.get(name=OrganisationRole.GOVERNANCE))
        appoint(people["owner"], Role.OWNER, system=scorer)
        appoint(people["developer"], Role.DEVELOPER, system=scorer)
        appoint(people["viewer"], Role.VIEWER, system=scorer)
        operator = person("operator", is_superuser=True, is_staff=True)
        return Scene(bank=bank, cards=cards, scorer=scorer, foreign=foreign, operator=operator, **people)


def mint(scene: Scene, *scopes: Scope) -> str:
    """The text of a token of the owner for the scorer with these scopes."""
    expiry = portal_now() + timedelta(days=1)
    return mint_token(
        actor=scene.owner, person=scene.owner, name="ci", scopes=scopes, expiry=expiry, systems=[scene.scorer]
    ).text


def adopt_baseline(*, quorum: int = 1, stages: int = 1, checklists: bool = True) -> Pack:
    """Bring the shipped baseline into force; its first stages (-1: all) may ask for more people, or all for no list."""
    source = (Path(packs.__file__).parent / "baseline.yaml").read_text()
    source = source.replace("    quorum: 1\n", f"    quorum: {quorum}\n", stages)
    if not checklists:
        source = re.sub(r"    checklist:\n(?:      - .*\n)+", "", source)
    return adopt_at_bootstrap(actor=Command("scene"), pack=load_pack(actor=Command("scene"), source=source))


def put_in_state(release: Release, state: str) -> Release:
    """A release as reviews would have left it."""
    loosen(STATES, AGREEMENT)
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        Release.objects.filter(pk=release.pk).update(state=state)
    release.refresh_from_db()
    return release
