"""Setting the portal up, once: two people of governance and the first policy pack, in the portal's own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from governance.access.models import User
from governance.access.services.people import create_person, grant_organisation_role, open_members
from governance.access.vocabulary import OrganisationRole
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.models import Pack
from governance.policy.services import adopt_at_bootstrap, load_pack

FEWEST = 2


@dataclass(frozen=True)
class Founder:
    """A first member of governance."""

    username: str
    name: str
    email: str
    password: str = field(repr=False)


def set_up(*, founders: Sequence[Founder], pack_source: str) -> tuple[list[User], Pack]:
    """Name the first people of governance and put the first pack in force.

    Works while no open account belongs to governance. Raises Conflict `bootstrapped` afterwards, InvalidInput for
    fewer than two people or for what is wrong with one of them, PackInvalid.
    """
    actor = Command("bootstrap")
    with acting(actor, door=Door.COMMAND, verb="portal.bootstrap"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('portal.bootstrap', 0))")
        if open_members(OrganisationRole.GOVERNANCE):
            raise Conflict(Reason("bootstrapped", "The portal is set up: its governance team adds people from now on."))
        if len({founder.username.lower() for founder in founders}) < FEWEST:
            raise InvalidInput({"governance": ["Name two people: nobody gives themselves a role."]})
        people = [
            create_person(
                actor=actor,
                username=founder.username,
                name=founder.name,
                email=founder.email,
                password=founder.password,
                door=Door.COMMAND,
            )
            for founder in founders
        ]
        for person in people:
            grant_organisation_role(actor=actor, person=person, role=OrganisationRole.GOVERNANCE, door=Door.COMMAND)
            person.refresh_from_db()
        pack = adopt_at_bootstrap(actor=actor, pack=load_pack(actor=actor, source=pack_source))
    return people, pack
