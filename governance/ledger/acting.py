"""Who acts, through which door, and why: the context every governed write happens in."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import structlog
from django.apps import apps
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from psycopg import Error
from psycopg.pq import TransactionStatus

from governance.ledger.verbs import VERBS
from governance.lifecycle import Conflict, Forbidden, Reason, Refusal

if TYPE_CHECKING:
    from governance.access.models import User

logger = logging.getLogger(__name__)

UNIQUE_VIOLATION, EXCLUSION_VIOLATION = "23505", "23P01"
BUSY = frozenset({"40001", "40P01", "55P03"})


class Door(StrEnum):
    """The way a person or machine came in."""

    WEB = "web"
    ADMIN = "admin"
    API = "api"
    COMMAND = "command"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Command:
    """The portal itself, acting through a management command or job: `system:<name>`."""

    name: str


@dataclass(frozen=True, slots=True)
class Acting:
    """What the trigger functions read: who, through which door, for which request, verb and reason."""

    actor_id: int | None
    actor_kind: str
    actor_name: str
    sponsor_id: int | None
    minter_id: int | None
    token_id: str | None
    door: str
    request_id: str
    verb: str
    reason: str


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a violated database constraint means to a person."""

    refusal: type[Refusal]
    reason: Reason


_explanations: dict[str, Explanation] = {}


def explain(constraint: str, refusal: type[Refusal], code: str, sentence: str) -> None:
    """Register what people are told when the database refuses by `constraint`."""
    _explanations[constraint] = Explanation(refusal, Reason(code, sentence))


explain("ledger_no_delete", Conflict, "kept", "Governed records are kept: nothing of them is ever deleted.")
explain("ledger_append_only", Conflict, "kept", "The ledger is append-only.")
explain("ledger_key", Conflict, "frozen", "The identity of a record never changes.")


def is_acting() -> bool:
    """Whether somebody's act is under way here."""
    return _current.get() is not None


@contextmanager
def acting(actor: User | Command, *, door: Door, verb: str, reason: str = "") -> Iterator[None]:
    """Open the outermost transaction in the name of `actor`; a nested call joins it under its own verb.

    What the block writes is recorded as done by `actor`. Inside a transaction that is already open (a test, a
    migration, the admin) the events are sealed, and deferred constraints checked, when the block ends. Raises
    Forbidden or Conflict for a violated constraint, Conflict `busy` when concurrent work collided; a Refusal that
    leaves the outermost block is recorded as a Denial after the rollback. Raises ValueError for an unknown verb.
    """
    if verb not in VERBS:
        raise ValueError(f"{verb!r} is no verb of the ledger")
    outer = _current.get()
    if outer is not None and connection.in_atomic_block:
        with _announced(replace(outer, verb=verb, reason=reason or outer.reason)):
            yield
        return
    context = _context(actor, door, verb, reason)
    try:
        with _opened(context):
            yield
    except Refusal as refusal:
        _deny(context, refusal)
        raise
    except IntegrityError as error:
        explained = explanation_of(error)
        if explained is None:
            raise
        _deny(context, explained)
        raise explained from error
    except OperationalError as error:
        if _sqlstate(error) not in BUSY:
            raise
        raise Conflict(Reason("busy", "Somebody else is changing this at the moment. Please try again.")) from error


def announcement(actor: User | Command, *, door: Door, verb: str, reason: str = "") -> str:
    """What `ledger.acting` must hold, transaction-locally, for a statement that is a transaction of its own.

    For writers that count round trips; everybody else uses `acting`. Raises ValueError for an unknown verb.
    """
    if verb not in VERBS:
        raise ValueError(f"{verb!r} is no verb of the ledger")
    return json.dumps(asdict(_context(actor, door, verb, reason)))


def seal_now() -> None:
    """Check every deferred constraint and seal what the open transaction has written so far.

    For tests that roll back, and for work inside a transaction somebody else opened.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def _opened(context: Acting) -> Iterator[None]:
    surrounded = connection.in_atomic_block
    with transaction.atomic(), _announced(context, restore=surrounded):
        yield
        if surrounded:
            seal_now()


@contextmanager
def _announced(context: Acting, *, restore: bool = True) -> Iterator[None]:
    """Tell the database and this thread who acts; afterwards who acted before, unless the transaction is lost."""
    token = _current.set(context)
    try:
        before = _tell(json.dumps(asdict(context)))
        yield
    finally:
        _current.reset(token)
        if restore and _usable():
            _tell(before)


def _usable() -> bool:
    driver = connection.connection
    return driver is not None and driver.info.transaction_status == TransactionStatus.INTRANS


def _tell(acting: str) -> str:
    """Set who acts until the transaction ends; returns what was set before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('ledger.acting', true), ''), set_config('ledger.acting', %s, true)",
            [acting],
        )
        (before, _) = cursor.fetchone()
    return str(before)


def _context(actor: User | Command, door: Door, verb: str, reason: str) -> Acting:
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:100]
    rest = {"door": str(door), "request_id": request_id, "verb": verb, "reason": reason}
    if isinstance(actor, Command):
        return Acting(None, "system", f"system:{actor.name}", None, None, None, **rest)
    if actor.pk is None:
        raise ValueError("an account that is not saved cannot act")
    token = getattr(actor, "token", None)
    return Acting(
        actor_id=actor.pk,
        actor_kind=actor.kind,
        actor_name=actor.get_full_name()[:200],
        sponsor_id=actor.sponsor_id,
        minter_id=getattr(token, "minted_by_id", None),
        token_id=None if token is None else str(token.pk),
        **rest,
    )


def explanation_of(error: IntegrityError) -> Refusal | None:
    """The refusal a violated constraint stands for; None when nobody but a programmer can do anything about it."""
    cause = error.__cause__
    if not isinstance(cause, Error):
        return None
    name = cause.diag.constraint_name or ""
    if name in _explanations:
        explanation = _explanations[name]
        return explanation.refusal(explanation.reason)
    if name.endswith(("_moves", "_begins")) and name.startswith((cause.diag.table_name or "?") + "_"):
        return Conflict(Reason("state", "This cannot be moved from its present state in that way."))
    if cause.sqlstate in {UNIQUE_VIOLATION, EXCLUSION_VIOLATION}:
        return Conflict(Reason("duplicate", _messages().get(name, "Such a record exists already.")))
    if name in _messages():
        return Conflict(Reason("invalid", _messages()[name]))
    return None


@cache
def _messages() -> dict[str, str]:
    """The sentences the models give their own constraints."""
    return {
        constraint.name: str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }


def _sqlstate(error: DatabaseError) -> str | None:
    cause = error.__cause__
    return cause.sqlstate if isinstance(cause, Error) else None


def _deny(context: Acting, refusal: Refusal) -> None:
    """Record a refusal; if even that fails, the refusal itself still stands and the log says so."""
    if connection.in_atomic_block and connection.needs_rollback:
        return
    kind = "forbidden" if isinstance(refusal, Forbidden) else "conflict"
    reasons = json.dumps([{"code": reason.code, "text": reason.text} for reason in refusal.reasons])
    try:
        with _opened(context), connection.cursor() as cursor:
            cursor.execute("SELECT ledger_deny(%s, %s, %s::jsonb)", [kind, refusal.code[:100], reasons])
    except DatabaseError:
        logger.exception("a denial could not be recorded")
