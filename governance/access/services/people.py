"""People: added, changed, closed; organisation-wide roles given and taken. Nobody is deleted."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F, Q, QuerySet

from governance.access.models import Token, User
from governance.access.rights import require
from governance.access.vocabulary import OrganisationRole, Permission
from governance.database.clock import PortalNow, portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting, explain
from governance.lifecycle import Conflict, Forbidden, Reason

TO_ONESELF = "Nobody gives an organisation-wide role to themselves; ask another member of governance."

BY_TWO = "One member of governance puts a person forward for governance, and another gives the role."

explain("organisation_role_not_to_oneself", Forbidden, "sod.self", TO_ONESELF)
explain("organisation_role_by_entitled", Forbidden, "sod.same_person", BY_TWO)
explain("person_not_raised_by_oneself", Forbidden, "sod.self", "Nobody raises their own account.")
explain("user_username_once", Conflict, "duplicate", "Another account has this user name.")
explain("user_email_once", Conflict, "duplicate", "Another account has this e-mail address.")


def create_person(
    *,
    actor: User | Command,
    username: str,
    name: str,
    email: str,
    password: str = "",
    door: Door = Door.WEB,
) -> User:
    """Add a person. Without a password they set one through “forgotten password”.

    Raises Forbidden without person.change, InvalidInput, Conflict `duplicate`.
    """
    with acting(actor, door=door, verb="person.create"):
        _require(actor)
        checks = Checks()
        username = _username(checks, username)
        person = User(username=username, name=checks.text("name", name, limit=150, required=True))
        person.email = _email(checks, email)
        if password:
            _password(checks, password, person)
        checks.done()
        _free(person)
        if password:
            person.set_password(password)
        else:
            person.set_unusable_password()
        person.save(force_insert=True)
    return person


def change_person(
    *,
    actor: User | Command,
    person: User,
    name: str | None = None,
    email: str | None = None,
    door: Door = Door.WEB,
) -> User:
    """Change the printed name or the address of a person; their user name stays.

    Raises InvalidInput, Conflict `closed` for a closed account, `duplicate` for an address another account has.
    """
    with acting(actor, door=door, verb="person.change"):
        _require(actor)
        locked = _lock(person)
        checks = Checks()
        if name is not None:
            locked.name = checks.text("name", name, limit=150, required=True)
        if email is not None:
            locked.email = _email(checks, email)
        checks.done()
        _free(locked)
        locked.save(update_fields=["name", "email"])
    return locked


def close_account(*, actor: User | Command, person: User, reason: str, door: Door = Door.WEB) -> User:
    """Close a person's or machine's account at once and for good: sessions and tokens end with it.

    Roles on systems and units are the inventory's to end (`inventory.services.people.close_person`). Raises Forbidden
    for one's own account, Conflict `closed`, `last` for the last but one member of governance.
    """
    with acting(actor, door=door, verb="person.close", reason=reason):
        _require(actor)
        locked = _lock(person)
        checks = Checks()
        reason = checks.text("reason", reason, limit=500, required=True)
        checks.done()
        if isinstance(actor, User) and actor.pk == locked.pk:
            raise Forbidden(Reason("sod.self", "Nobody closes their own account; ask another member of governance."))
        _two_remain(locked)
        Token.objects.filter(Q(user=locked) | Q(user__sponsor=locked) | Q(minted_by=locked), revoked_at=None).update(
            revoked_at=PortalNow(), revoked_by=actor if isinstance(actor, User) else None
        )
        locked.groups.clear()
        locked.is_active = False
        locked.closed_at = portal_now()
        locked.closed_reason = reason
        locked.set_unusable_password()
        locked.save(update_fields=["is_active", "closed_at", "closed_reason", "password"])
        User.objects.filter(pk=locked.pk).update(session_version=F("session_version") + 1)
    return locked


def grant_organisation_role(
    *, actor: User | Command, person: User, role: OrganisationRole, reason: str = "", door: Door = Door.WEB
) -> None:
    """Give an organisation-wide role; that of governance is given by two.

    The first member of governance puts the person forward, which gives no right; who does so next gives the role.
    One alone could otherwise make an account of their own a second person for whatever takes two.
    Raises Forbidden `sod.self`, `sod.same_person`, Conflict `duplicate` or `closed`.
    """
    with acting(actor, door=door, verb="person.change", reason=reason):
        _require(actor)
        locked = _lock(person)
        if isinstance(actor, User) and actor.pk == locked.pk:
            raise Forbidden(Reason("sod.self", TO_ONESELF))
        if locked.kind != User.Kind.HUMAN:
            raise Conflict(Reason("state", "Only people hold organisation-wide roles."))
        group = Group.objects.get(name=OrganisationRole(role))
        if locked.groups.filter(pk=group.pk).exists():
            raise Conflict(Reason("duplicate", f"{locked} has this role already."))
        if role == OrganisationRole.GOVERNANCE and isinstance(actor, User) and not _put_forward(locked, actor):
            return
        locked.groups.add(group)
        _staff(locked)


def end_organisation_role(
    *, actor: User | Command, person: User, role: OrganisationRole, reason: str = "", door: Door = Door.WEB
) -> None:
    """Take an organisation-wide role away, at once, or what somebody was put forward for.

    Raises Conflict `state`, `last`.
    """
    with acting(actor, door=door, verb="person.change", reason=reason):
        _require(actor)
        locked = _lock(person)
        group = Group.objects.get(name=OrganisationRole(role))
        held, governs = locked.groups.filter(pk=group.pk).exists(), role == OrganisationRole.GOVERNANCE
        if not held and not (governs and locked.put_forward_by_id):
            raise Conflict(Reason("state", f"{locked} does not have this role."))
        if governs:
            _two_remain(locked)
            locked.put_forward_by = None
            locked.save(update_fields=["put_forward_by"])
        locked.groups.remove(group)
        _staff(locked)


def put_forward() -> QuerySet[User]:
    """Open accounts somebody put forward for governance, where another has yet to give the role."""
    return User.objects.filter(put_forward_by__isnull=False, closed_at=None).exclude(
        groups__name=OrganisationRole.GOVERNANCE
    )


def open_members(role: OrganisationRole) -> int:
    """How many open accounts hold the role."""
    return User.objects.filter(groups__name=role, is_active=True, closed_at=None).count()


def _require(actor: User | Command) -> None:
    if isinstance(actor, User):
        require(actor, Permission.PERSON_CHANGE)


def _lock(person: User) -> User:
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.closed_at is not None:
        raise Conflict(Reason("closed", "This account is closed; a closed account stays as it is."))
    return locked


def _put_forward(person: User, actor: User) -> bool:
    """Whether another member of governance put the person forward before; if nobody did, this one has done so now."""
    if person.put_forward_by_id == actor.pk:
        raise Forbidden(Reason("sod.same_person", f"You put {person} forward; another member gives the role."))
    if person.put_forward_by_id is not None:
        return True
    person.put_forward_by = actor
    person.save(update_fields=["put_forward_by"])
    return False


def _two_remain(leaving: User) -> None:
    """Refuse what would leave governance to one person, who could then give nobody a role but be given none.

    The rows of all members are locked, so that two leaving at once are counted one after the other.
    """
    members = list(
        User.objects.filter(groups__name=OrganisationRole.GOVERNANCE, is_active=True, closed_at=None)
        .order_by("pk")
        .select_for_update(of=["self"], no_key=True)
        .values_list("pk", flat=True)
    )
    if leaving.pk in members and len(members) <= 2:
        raise Conflict(Reason("last", "Governance needs two people: add another one first."))


def _staff(person: User) -> None:
    """Only governance opens the admin site."""
    person.is_staff = person.is_superuser or person.groups.filter(name=OrganisationRole.GOVERNANCE).exists()
    person.save(update_fields=["is_staff"])


def _username(checks: Checks, username: str) -> str:
    username = checks.text("username", username, limit=150, required=True)
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    if set(username) - allowed:
        checks.refuse("username", "Holds letters without accents, digits, dots, hyphens and underscores only.")
    return username


def _email(checks: Checks, email: str) -> str:
    email = checks.text("email", email, limit=254, required=True)
    try:
        validate_email(email)
    except ValidationError:
        checks.refuse("email", "Must be an e-mail address.")
    return email


def _password(checks: Checks, password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        for sentence in error.messages:
            checks.refuse("password", sentence)


def _free(person: User) -> None:
    others = User.objects.exclude(pk=person.pk)
    if others.filter(username__iexact=person.username).exists():
        raise Conflict(Reason("duplicate", "Another account has this user name."))
    if others.filter(email__iexact=person.email).exists():
        raise Conflict(Reason("duplicate", "Another account has this e-mail address."))
