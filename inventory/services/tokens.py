"""Machines' tokens: minted for named systems or units, revoked. A token never reaches further than its minter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model, Q, QuerySet

from governance.access.models import LONGEST_TOKEN_LIFE, Token, User
from governance.access.rights import NotVisible, can, permissions_of
from governance.access.roles import SCOPE_PERMISSIONS
from governance.access.tokens import fresh_token
from governance.access.vocabulary import Permission, Scope
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from inventory.models import System, TokenLimit, Unit


@dataclass(frozen=True)
class MintedToken:
    """A token that was just minted, with its text: shown once, kept nowhere."""

    token: Token
    text: str = field(repr=False)


def mint_token(
    *,
    actor: User | Command,
    person: User,
    name: str,
    scopes: Sequence[str],
    expiry: datetime,
    systems: Sequence[System] = (),
    units: Sequence[Unit] = (),
    description: str = "",
    door: Door = Door.WEB,
) -> MintedToken:
    """Mint a token for a machine that `person` answers for; a person mints for themselves only.

    Needs token.mint on every system and unit named, and every right the scopes give there: no token is wider than
    its minter. Raises InvalidInput, Forbidden, NotVisible.
    """
    with acting(actor, door=door, verb="token.create"):
        now = portal_now()
        checks = Checks()
        name = checks.text("name", name, limit=120, required=True)
        description = checks.text("description", description, limit=500)
        _check_limits(checks, scopes, expiry, now, [*systems, *units])
        checks.done()
        if person.kind != User.Kind.HUMAN or (isinstance(actor, User) and actor.pk != person.pk):
            raise Forbidden(Reason("forbidden", "People mint tokens, each for themselves."))
        places: list[System | Unit] = [*systems, *units]
        for place in places:
            _may_mint(person, place, scopes)
        machine = _machine(person, name)
        fresh = fresh_token()
        token = Token.objects.create(
            digest=fresh.digest,
            token_key=fresh.key,
            user=machine,
            minted_by=person,
            name=name,
            description=description,
            scopes=sorted(set(scopes)),
            created=now,
            expiry=expiry,
        )
        for system in systems:
            TokenLimit.objects.create(token=token, system=system)
        for unit in units:
            TokenLimit.objects.create(token=token, unit=unit)
        return MintedToken(token, fresh.text)


def revoke_token(*, actor: User | Command, token: Token, door: Door = Door.WEB) -> Token:
    """Revoke a token; it is refused from the next call on.

    Its minter, its sponsor and governance may. Raises NotVisible for others, Conflict `state` when it is revoked.
    """
    with acting(actor, door=door, verb="token.revoke"):
        locked = Token.objects.select_for_update(of=["self"]).select_related("user").get(pk=token.pk)
        if isinstance(actor, User) and not visible_tokens(actor).filter(pk=locked.pk).exists():
            raise NotVisible
        if locked.revoked_at is not None:
            raise Conflict(Reason("state", "This token has been revoked already."))
        locked.revoked_at = portal_now()
        locked.revoked_by = actor if isinstance(actor, User) else None
        locked.save(update_fields=["revoked_at", "revoked_by"])
    return locked


def visible_tokens(person: User) -> QuerySet[Token]:
    """The tokens a person minted or answers for; for governance, all."""
    tokens: QuerySet[Token] = Token.objects.select_related("user__sponsor", "minted_by").prefetch_related(
        "limits__system", "limits__unit"
    )
    if can(person, Permission.PERSON_CHANGE):
        return tokens
    return tokens.filter(Q(minted_by=person.pk) | Q(user__sponsor=person.pk))


def _check_limits(
    checks: Checks, scopes: Sequence[str], expiry: datetime, now: datetime, places: Sequence[Model]
) -> None:
    if not scopes:
        checks.refuse("scopes", "Name at least one scope.")
    for scope in scopes:
        checks.choice("scopes", scope, frozenset(Scope))
    if not now < expiry <= now + LONGEST_TOKEN_LIFE:
        checks.refuse("expires", f"Must be in the future, at most {LONGEST_TOKEN_LIFE.days} days from now.")
    if not places:
        checks.refuse("systems", "Name at least one system or unit: a token without limits reaches nothing.")


def _may_mint(person: User, place: System | Unit, scopes: Sequence[str]) -> None:
    words = permissions_of(person, place)
    if not words:
        raise NotVisible
    needed = {Permission.TOKEN_MINT, *(word for scope in scopes for word in SCOPE_PERMISSIONS[Scope(scope)])}
    if missing := sorted(needed - words):
        raise Forbidden(
            Reason("forbidden", f"A token is never wider than its minter: you lack {', '.join(missing)} on “{place}”.")
        )


def _machine(sponsor: User, name: str) -> User:
    """The machine of this name the person answers for: the same one again when its token is replaced."""
    found = User.objects.filter(kind=User.Kind.MACHINE, sponsor=sponsor, name=name, closed_at=None, is_active=True)
    if machine := found.order_by("pk").first():
        return machine
    machine = User(username=f"machine-{fresh_token().digest[:16]}", name=name, kind=User.Kind.MACHINE, sponsor=sponsor)
    machine.set_unusable_password()
    machine.save(force_insert=True)
    return machine
