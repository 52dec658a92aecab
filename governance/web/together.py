"""One change to many rows of a list: what it would come to first, then each by the same service as a single one.

An app says with `Many` which rows, and with `Field` what of them may be changed together and by which of its services.
Nothing that is signed, approved, verified, waived or accepted is a field: each of those is one person's word on one
thing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.canonical import digest
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Door, acting, seal_now
from governance.lifecycle import Conflict, Reason, Refusal

MOST = 200
MOST_CHOICES = 200
CHANGES, UNCHANGED, REFUSED = "changes", "unchanged", "refused"
REASON = 500
Choices = list[tuple[str, str]]


class Change(Protocol):
    """The single edit of one row. Raises what the service raises."""

    def __call__(self, *, actor: User, row: Any, value: Any, reason: str, door: Door) -> object:
        """Carry it out."""


@dataclass(frozen=True)
class Field:
    """One thing that many rows can be given together. Without `choices` it is an instant.

    `read(checks, actor, rows, text)` gives the value a text stands for; `before(row)` and `after(value)` are texts
    that are equal where nothing would change; `words` says that they are code words.
    """

    word: str
    label: str
    read: Callable[[Checks, User, Sequence[Any], str], Any]
    before: Callable[[Any], str]
    after: Callable[[Any], str]
    change: Change
    choices: Callable[[User, Sequence[Any]], Choices] | None = None
    hint: str = ""
    words: bool = False


@dataclass(frozen=True)
class Many:
    """Rows of one kind. `order` is that in which single edits lock them, so that two such acts never wait for each
    other; `href(row)` is a row's page, `page` the name of the list's address."""

    noun: str
    plural: str
    verb: str
    page: str
    rows: Callable[[], QuerySet[Any]]
    fields: tuple[Field, ...]
    href: Callable[[Any], str]
    order: tuple[str, ...] = ("pk",)
    key: str = "pk"
    name: Callable[[Any], str] = str

    def field(self, word: str) -> Field | None:
        """The field of that word."""
        return next((one for one in self.fields if one.word == word), None)

    def find(self, actor: User, keys: Sequence[object]) -> list[Any]:
        """The rows of these keys in their order. Raises InvalidInput for none, too many, and any that is not seen."""
        wanted = sorted({str(key) for key in keys if str(key)})
        if not wanted or len(wanted) > MOST:
            raise InvalidInput({self.plural: [f"Choose between one and {MOST} {self.plural}."]})
        known = [key for key in wanted if "\0" not in key and (self.key != "pk" or (key.isdecimal() and len(key) < 19))]
        seen = rights.visible(actor, self.rows().filter(**{f"{self.key}__in": known}))
        found = list(seen.order_by(*self.order))
        if missing := sorted(set(wanted) - {str(getattr(row, self.key)) for row in found}):
            raise InvalidInput({self.plural: [f"No {self.noun} you may see is {key[:120]}." for key in missing[:5]]})
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or would become, of one row; `reasons` say why it is refused."""

    key: str
    name: str
    href: str
    before: str
    after: str
    status: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """One change to many rows; `seen` stands for exactly this summary."""

    field: str
    value: str
    outcomes: tuple[Outcome, ...]

    @property
    def seen(self) -> str:
        """The digest of what was shown."""
        told = [[each.key, each.before, each.after, each.status] for each in self.outcomes]
        return digest({"field": self.field, "value": self.value, "outcomes": told})

    def of(self, status: str) -> tuple[Outcome, ...]:
        """The rows of which that became."""
        return tuple(each for each in self.outcomes if each.status == status)


class _OnlyTried(Exception):  # noqa: N818  takes everything back, tells nobody
    """Leaves the transaction of a summary."""


def change_many(
    many: Many, *, actor: User, keys: Sequence[object], field: str, value: str, reason: str, seen: str = "",
    only_try: bool = False, door: Door = Door.WEB,
) -> Together:  # fmt: skip
    """Change one thing of the named rows, each judged for itself; what is refused is told and left as it was.

    `seen` names the summary that was agreed to. Raises InvalidInput, Conflict `stale` when the summary is another now,
    NotVisible never: who may not see a row hears that there is none.
    """
    rows = many.find(actor, keys)
    checks = Checks()
    word = checks.choice("field", field, [one.word for one in many.fields])
    reason = checks.text("reason", reason, limit=REASON, required=True)
    chosen = many.field(word)
    wanted = chosen.read(checks, actor, rows, value) if chosen else None
    checks.done()
    assert chosen is not None  # noqa: S101  checked above
    done = Together(word, value, ())
    try:
        with acting(actor, door=door, verb=many.verb, reason=reason):
            outcomes = [_one(many, chosen, actor, row, wanted, reason, door) for row in rows]
            done = Together(word, value, tuple(outcomes))
            if seen and seen != done.seen:
                raise Conflict(Reason("stale", "The summary is another by now; look at it again."))
            if only_try:
                seal_now()
                raise _OnlyTried
    except _OnlyTried:
        pass
    return done


def _one(many: Many, field: Field, actor: User, row: Any, wanted: Any, reason: str, door: Door) -> Outcome:
    before, after = field.before(row), field.after(wanted)
    told = (str(getattr(row, many.key)), many.name(row), many.href(row), before, after)
    if before == after:
        return Outcome(*told, UNCHANGED)
    try:
        with transaction.atomic():
            field.change(actor=actor, row=row, value=wanted, reason=reason, door=door)
    except Refusal as refusal:
        return Outcome(*told, REFUSED, tuple(one.text for one in refusal.reasons))
    except InvalidInput as invalid:
        return Outcome(*told, REFUSED, tuple(text for texts in invalid.errors.values() for text in texts))
    return Outcome(*told, CHANGES)


def read_choice(field_choices: Callable[[User, Sequence[Any]], Choices]) -> Callable[..., Any]:
    """How a word out of those choices is read."""

    def read(checks: Checks, actor: User, rows: Sequence[Any], text: str) -> Any:
        return checks.choice("value", text, [word for word, _ in field_choices(actor, rows)])

    return read


def read_instant(checks: Checks, actor: User, rows: Sequence[Any], text: str) -> Any:
    """An instant as a form or a program writes it; in UTC where no zone is said."""
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        checks.refuse("value", "Must be an instant, such as 2027-01-31T12:00Z.")
        return None
    return checks.instant("value", found if found.tzinfo else found.replace(tzinfo=UTC))


def written(instant: Any) -> str:
    """An instant as a summary shows it."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if instant else "—"


def named(person: User | None) -> str:
    """A person as a summary shows them, and no other."""
    return f"{person} ({person.username})" if person else "—"


def holders_among(permission: Permission) -> Callable[[User, Sequence[Any]], Choices]:
    """Who could do it on any of the rows: people with that right on one of their systems, by username."""

    def choices(actor: User, rows: Sequence[Any]) -> Choices:
        found: dict[str, str] = {}
        for one in _systems(rows):
            people = rights.holders(permission, one).filter(kind=User.Kind.HUMAN, is_active=True)
            found |= dict(people.values_list("username", "name"))
        return sorted(found.items(), key=lambda pair: pair[1].casefold())[:MOST_CHOICES]

    return choices


def _systems(rows: Sequence[Any]) -> list[Model]:
    return list({row.system_id: row for row in rows}.values())


def read_person(permission: Permission) -> Callable[..., Any]:
    """How one of those people is read."""
    among = holders_among(permission)

    def read(checks: Checks, actor: User, rows: Sequence[Any], text: str) -> Any:
        if text not in dict(among(actor, rows)):
            checks.refuse("value", "Choose somebody who could do it on one of them.")
            return None
        return User.objects.get(username=text)

    return read
