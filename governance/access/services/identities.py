"""Who signs in by single sign-on: accounts of the provider linked to people, and roles that follow its groups."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db.models import F

from governance.access.models import Identity, User
from governance.access.openid import Claims
from governance.access.rights import require
from governance.access.services.people import end_organisation_role, grant_organisation_role
from governance.access.structure import GroupRole, structure
from governance.access.vocabulary import OrganisationRole, Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting, explain
from governance.lifecycle import Conflict, Forbidden, Reason, Refusal

SINGLE_SIGN_ON = Command("single_sign_on")
BY_TWO = "A link is made by one member of governance and confirmed by another; neither is the person it signs in."
NOBODY = "Nobody here is linked to this account. Ask the governance team to link it."
WAITS = "The link to this account waits for a second member of governance to confirm it."
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")

explain("identity_unproven", Forbidden, "unproven", "Accounts of single sign-on are linked through the portal only.")
explain("identity_frozen", Conflict, "frozen", "A linked account is confirmed and ended, never changed.")
explain(
    "identity_signs_in_one_person", Conflict, "duplicate", "This account of single sign-on signs somebody in already."
)
explain("identity_takes_two_others", Forbidden, "sod.self", BY_TWO)
explain("identity_is_confirmed_by_somebody", Forbidden, "sod.self", BY_TWO)
explain("identity_in_ones_own_name", Forbidden, "sod.self", BY_TWO)


def link_identity(*, actor: User | Command, person: User, subject: str, door: Door = Door.WEB) -> Identity:
    """Propose that an account of the configured provider sign in as a person; it does once another confirms it.

    One person could otherwise link their own account to somebody else's and sign in that name. Raises InvalidInput,
    Forbidden without person.change and `sod.self` for one's own account, Conflict `closed`, `duplicate`, `state` while
    there is no provider.
    """
    with acting(actor, door=door, verb="person.link_identity"):
        if isinstance(actor, User):
            require(actor, Permission.PERSON_CHANGE)
            if actor.pk == person.pk:
                raise Forbidden(Reason("sod.self", "Nobody links their own account; ask another member of governance."))
        if not settings.SSO_ISSUER:
            raise Conflict(Reason("state", "This portal has no provider of single sign-on (SSO_ISSUER)."))
        checks = Checks()
        subject = checks.text("subject", subject, limit=255, required=True)
        checks.done()
        locked = _open(person)
        if Identity.objects.filter(issuer=settings.SSO_ISSUER, subject=subject, ended_at=None).exists():
            raise Conflict(Reason("duplicate", "This account of single sign-on is linked to somebody already."))
        identity = Identity(
            person=locked,
            issuer=settings.SSO_ISSUER,
            subject=subject,
            linked_at=portal_now(),
            linked_by=actor if isinstance(actor, User) else None,
        )
        identity.prove()
        identity.save(force_insert=True)
    return identity


def confirm_identity(*, actor: User, identity: Identity, door: Door = Door.WEB) -> Identity:
    """Confirm that the account belongs to the person; from then on it signs them in.

    Raises Forbidden without person.change and `sod.self` for who linked it and for the person it is linked to,
    Conflict `state` when it is confirmed or ended, `closed`.
    """
    with acting(actor, door=door, verb="person.confirm_identity"):
        require(actor, Permission.PERSON_CHANGE)
        locked = Identity.objects.select_for_update(no_key=True).get(pk=identity.pk)
        if actor.pk in (locked.linked_by_id, locked.person_id):
            raise Forbidden(Reason("sod.self", BY_TWO))
        if locked.ended_at is not None or locked.confirmed_at is not None:
            raise Conflict(Reason("state", "This link does not wait for confirmation."))
        locked.person = _open(locked.person)
        locked.confirmed_at, locked.confirmed_by = portal_now(), actor
        locked.prove_confirmation()
        locked.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_key", "confirmed_proof"])
    return locked


def end_identity(*, actor: User | Command, identity: Identity, door: Door = Door.WEB) -> Identity:
    """End a way to sign in by single sign-on, and every session of the person; or refuse one that waits.

    A session does not say what it was begun with, and one begun by an account that was lost outlives it otherwise.
    Raises Forbidden without person.change, Conflict `state`.
    """
    with acting(actor, door=door, verb="person.end_identity"):
        if isinstance(actor, User):
            require(actor, Permission.PERSON_CHANGE)
        locked = Identity.objects.select_for_update(no_key=True).get(pk=identity.pk)
        if locked.ended_at is not None:
            raise Conflict(Reason("state", "This account signs nobody in already."))
        locked.ended_at = portal_now()
        locked.save(update_fields=["ended_at"])
        if locked.confirmed_at is not None:
            User.objects.filter(pk=locked.person_id).update(session_version=F("session_version") + 1)
    return locked


def person_of(claims: Claims) -> User:
    """Whom these claims sign in, by issuer and subject; made without any right if SSO_CREATE_PEOPLE says so.

    A newcomer's account was never anybody else's, so their link needs no confirmation. Raises Forbidden `sso` for
    accounts linked to nobody or to a closed account, and while the link waits for confirmation.
    """
    with acting(SINGLE_SIGN_ON, door=Door.WEB, verb="person.link_identity"):
        known = (
            Identity.objects.select_related("person")
            .filter(issuer=claims.issuer, subject=claims.subject, ended_at=None)
            .first()
        )
        if known is not None and known.confirmed_at is None:
            raise Forbidden(Reason("sso", WAITS))
        person = known.person if known is not None else _newcomer(claims)
        if not person.is_active or person.closed_at is not None:
            raise Forbidden(Reason("sso", NOBODY))
    return person


def follow_groups(person: User, groups: frozenset[str]) -> tuple[Refusal, ...]:
    """Make the roles that SSO_GROUPS speaks of agree with the groups; returns what was refused, as recorded.

    A role given by a group ends at the first sign-in without it. Organisation-wide roles the map names are the map's
    for whoever signs in here. Separation of duties holds as for any role: what it refuses is not given.
    """
    if not settings.SSO_GROUPS:
        return ()
    asked = [GroupRole.of(group, line) for group, lines in sorted(settings.SSO_GROUPS.items()) for line in lines]
    wanted = [role for role in asked if role.group in groups]
    refused = list(structure().follow_groups(person, [role for role in wanted if role.unit]))
    named = {role.role for role in asked if not role.unit}
    held = set(person.groups.values_list("name", flat=True))
    given = {role.role for role in wanted if not role.unit}
    for role in sorted(named):
        try:
            if role in given - held:
                grant_organisation_role(
                    actor=SINGLE_SIGN_ON, person=person, role=OrganisationRole(role), reason="groups of single sign-on"
                )
            elif role in held - given:
                end_organisation_role(
                    actor=SINGLE_SIGN_ON, person=person, role=OrganisationRole(role), reason="groups of single sign-on"
                )
        except Refusal as refusal:
            refused.append(refusal)
    return tuple(refused)


def _newcomer(claims: Claims) -> User:
    if not settings.SSO_CREATE_PEOPLE:
        raise Forbidden(Reason("sso", NOBODY))
    with acting(SINGLE_SIGN_ON, door=Door.WEB, verb="person.create"):
        person = User(username=_free_username(claims), name=claims.name or claims.username or "Newcomer")
        if claims.email and not User.objects.filter(email__iexact=claims.email).exists():
            person.email = claims.email  # to write to; it signs nobody in
        person.set_unusable_password()
        person.save(force_insert=True)
        now = portal_now()
        identity = Identity(
            person=person, issuer=claims.issuer, subject=claims.subject, linked_at=now, confirmed_at=now
        )
        identity.prove()
        identity.prove_confirmation()
        identity.save(force_insert=True)
    return person


def _open(person: User) -> User:
    """The row of somebody who may sign in, locked. Raises Conflict `closed`."""
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.closed_at is not None or locked.kind != User.Kind.HUMAN:
        raise Conflict(Reason("closed", "Only people whose account is open sign in."))
    return locked


def _free_username(claims: Claims) -> str:
    """Theirs if nobody has it; a name alone never makes two accounts one."""
    wished = "".join(each for each in claims.username.partition("@")[0] if each in _LETTERS)[:100]
    if wished and not User.objects.filter(username__iexact=wished).exists():
        return wished
    return f"{wished or 'person'}-{secrets.token_hex(4)}"
