"""The demonstration's sign-ins, its policy and its pipeline's token."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password

from governance.access.models import PASSWORD_FIELDS, Token, User
from governance.access.services.people import create_person, grant_organisation_role
from governance.access.vocabulary import OrganisationRole, Scope
from governance.database.clock import portal_now
from governance.demo import story
from governance.ledger.acting import Command, Door, acting
from governance.policy.packs import shipped
from governance.policy.queries import pack_in_force
from governance.policy.services import adopt_at_bootstrap, load_pack
from inventory.models import Unit
from inventory.services.tokens import MintedToken, mint_token, revoke_token

DEMO = Command("demo")
PACK = "baseline"
PIPELINE = "Demonstration pipeline"
TOKEN_LIFE = timedelta(days=30)
ORGANISATION_ROLES = {
    "governance": OrganisationRole.GOVERNANCE,
    "governance2": OrganisationRole.GOVERNANCE,
    "examiner": OrganisationRole.EXAMINER,
}


def set_up(password: str) -> dict[str, User]:
    """Put the first policy in force and make the people of the story; all of them sign in with `password`."""
    if pack_in_force() is None:
        adopt_at_bootstrap(actor=DEMO, pack=load_pack(actor=DEMO, source=shipped(PACK), door=Door.COMMAND))
    people = {person.username: _person(person) for person in story.PEOPLE}
    _give_password(list(people.values()), password)
    return people


def _person(told: story.Person) -> User:
    """The account of one person, made unless it stands."""
    found = User.objects.filter(username=told.username).first()
    if found is not None:
        return found
    with acting(DEMO, door=Door.COMMAND, verb="person.create"):
        email = f"{told.username}@bank.example"
        person = create_person(actor=DEMO, username=told.username, name=told.name, email=email, door=Door.COMMAND)
        if role := ORGANISATION_ROLES.get(told.username):
            grant_organisation_role(actor=DEMO, person=person, role=role, door=Door.COMMAND)
        if told.username == "superuser":
            person.is_superuser = person.is_staff = True
            person.save(update_fields=["is_superuser", "is_staff"])
    return person


def _give_password(people: list[User], password: str) -> None:
    """Give everybody the demonstration's password, hashed once: it is the same secret for all of them."""
    if all(each.has_usable_password() for each in people) and check_password(password, people[0].password):
        return
    hashed = make_password(password)
    with acting(DEMO, door=Door.COMMAND, verb="person.set_password"):
        for each in people:
            each.password = hashed
            each.prove_password()
            each.save(update_fields=PASSWORD_FIELDS)


def fresh_token(governance: User) -> str:
    """A token with which a pipeline asks the gate about any system of the bank; the one given out before ends.

    A token's text is kept nowhere, so each start of the demonstration gives out a new one.
    """
    for before in Token.objects.filter(name=PIPELINE, revoked_at=None):
        revoke_token(actor=DEMO, token=before, door=Door.COMMAND)
    minted: MintedToken = mint_token(
        actor=DEMO, person=governance, name=PIPELINE, scopes=[Scope.GATE_CHECK], expiry=portal_now() + TOKEN_LIFE,
        units=[Unit.objects.get(parent=None, name=story.BANK)], door=Door.COMMAND,
    )  # fmt: skip
    return minted.text
