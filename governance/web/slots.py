"""Places on shared pages that apps further right fill from their AppConfig.ready, so that no app imports rightwards.

Panel      a card on the page of a system, a release, a review or a change
Tab        a part of the record on the page of a system, asked of the database only while it is open
Action     a button there, with the reasons that block it
Answer     a plain question answered at the top of a system's page
WorkSource items on My work: waiting for me, due soon, started by me
Entry      a line of the navigation, or of the menu under the person's name
Mark       a word beside a row of the list of systems
DateSource dates of the revalidation calendar
Stat       a number (or a small table) for the governance team on My work
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import Model
from django.http import HttpRequest

from governance.access.models import User
from governance.lifecycle import Offer, Reason


class Place(StrEnum):
    """Pages that have room for panels."""

    SYSTEM = "system"
    RELEASE = "release"
    REVIEW = "review"
    CHANGE = "change"


class Group(StrEnum):
    """The lists of My work."""

    WAITING = "waiting"
    DUE = "due"
    STARTED = "started"


@dataclass(frozen=True)
class Panel:
    """A card. `context(request, object)` gives what the template needs, or None when there is nothing to show."""

    key: str
    place: Place
    template: str
    context: Callable[[HttpRequest, Any], Mapping[str, Any] | None]
    order: int = 100


@dataclass(frozen=True)
class Tab:
    """A part of a system's record. `context(request, system)` gives what the template needs as `data`."""

    key: str
    label: str
    template: str
    context: Callable[[HttpRequest, Any], Mapping[str, Any]]
    order: int = 100


@dataclass(frozen=True, slots=True)
class Action:
    """A button: POST to `href`, or a link to a form with `link=True`. Blocked when it has reasons.

    `asks_reason` shows a field named `reason` first, `choices` a list to choose `choice_name` from. `confirm` asks
    once more.
    """

    label: str
    href: str
    icon: str = "arrow-right"
    style: str = ""
    link: bool = False
    asks_reason: bool = False
    confirm: str = ""
    reasons: tuple[Reason, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    choice_name: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ActionSource:
    """Buttons for the page of a system or a release. `offer(request, object)` leaves out what the person's roles do
    not cover and says of the rest what stands in the way."""

    key: str
    place: Place
    offer: Callable[[HttpRequest, Any], Iterable[Action]]
    order: int = 100


@dataclass(frozen=True)
class Answer:
    """A plain question at the top of a system's page. `answer(request, system)` gives what `template` needs.

    Without a template, `text` of the context is shown; an empty text shows as “nobody said”. Several apps may answer
    the same question, each in its part.
    """

    key: str
    question: str
    answer: Callable[[HttpRequest, Any], Mapping[str, Any]]
    template: str = "web/_answer.html"
    order: int = 100


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing a person can do or waits for. `title` is the noun, `action` the verb that is asked for.

    `topic` is the word under which a reminder of its due date goes out (governance.notify.topics). What somebody gave
    this very person to do stands `first`.
    """

    title: str
    href: str
    action: str
    about: str = ""
    since: datetime | None = None
    due: datetime | None = None
    icon: str = "clipboard-check"
    topic: str = ""
    first: bool = False


@dataclass(frozen=True)
class WorkSource:
    """A kind of work. `items` must take one statement whatever the number of rows; `count` one cheap statement.

    Only the counts of WAITING sources make up the number beside My work in the header.
    """

    key: str
    group: Group
    items: Callable[[User], Iterable[WorkItem]]
    count: Callable[[User], int] | None = None
    order: int = 100


@dataclass(frozen=True)
class Entry:
    """A line of the navigation, shown to those for whom `shown` holds (nobody decides by it: the page does)."""

    key: str
    label: str
    url_name: str
    icon: str
    shown: Callable[[User], bool]
    order: int = 100


@dataclass(frozen=True)
class Stat:
    """A figure for the governance team. `context` gives what the template needs."""

    key: str
    template: str
    context: Callable[[HttpRequest], Mapping[str, Any] | None]
    order: int = 100


@dataclass(frozen=True, slots=True)
class Sign:
    """A word shown beside a row, in the colour of `word`, leading somewhere."""

    word: str
    label: str
    href: str


@dataclass(frozen=True)
class Mark:
    """What is told beside systems in their list. `signs(keys)` takes one statement whatever the number of rows."""

    key: str
    signs: Callable[[Sequence[int]], Mapping[int, Sign]]
    order: int = 100


@dataclass(frozen=True, slots=True)
class Dated:
    """Something that ends, falls due or comes round again at an instant, and where it stands."""

    at: datetime
    title: str
    href: str
    kind: str


@dataclass(frozen=True)
class DateSource:
    """A kind of dates of the revalidation calendar: what a person sees of them, half-open [since, until), few
    statements whatever the number of rows."""

    key: str
    dates: Callable[[User, datetime, datetime], Iterable[Dated]]
    order: int = 100


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def order(self) -> int: ...


T = TypeVar("T", bound=_Keyed)


class Slot(Generic[T]):
    """What was registered, by key, in order. Registering the same key twice is a mistake and refused."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._fillings: dict[str, T] = {}

    def register(self, filling: T) -> None:
        """Add one filling. Raises ValueError for a key that is taken by another."""
        if self._fillings.setdefault(filling.key, filling) != filling:
            raise ValueError(f"slot {self.name} already has {filling.key!r}")

    def remove(self, key: str) -> None:
        """Take a filling out again."""
        del self._fillings[key]

    def __iter__(self) -> Iterator[T]:
        """Fillings by order, then key."""
        return iter(sorted(self._fillings.values(), key=lambda filling: (filling.order, filling.key)))


PANELS: Slot[Panel] = Slot("panels")
TABS: Slot[Tab] = Slot("tabs")
ACTIONS: Slot[ActionSource] = Slot("actions")
ANSWERS: Slot[Answer] = Slot("answers")
WORK: Slot[WorkSource] = Slot("work")
NAVIGATION: Slot[Entry] = Slot("navigation")
ACCOUNT: Slot[Entry] = Slot("account")
STATS: Slot[Stat] = Slot("stats")
MARKS: Slot[Mark] = Slot("marks")
DATES: Slot[DateSource] = Slot("dates")

# So many of each kind of work a page lists; and so many of what falls due are read, the nearest first, for reminders.
SHOWN, READ = 50, 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A filling ready to be included."""

    key: str
    template: str
    context: Mapping[str, Any]


def panels(place: Place, request: HttpRequest, target: Model) -> list[Shown]:
    """The panels of a page that have something to show."""
    found = ((panel, panel.context(request, target)) for panel in PANELS if panel.place is place)
    return [Shown(panel.key, panel.template, context) for panel, context in found if context is not None]


def tab(key: str, request: HttpRequest, target: Model) -> Shown | None:
    """The tab of this key with what it shows; None where no app has one."""
    return next((Shown(one.key, one.template, one.context(request, target)) for one in TABS if one.key == key), None)


def actions(place: Place, request: HttpRequest, target: Model) -> list[Action]:
    """The buttons of a page, in the order of their sources."""
    return [action for source in ACTIONS if source.place is place for action in source.offer(request, target)]


def offered(
    offers: Iterable[Offer], describe: Mapping[str, Action], *, hidden: frozenset[str] = frozenset({"forbidden"})
) -> list[Action]:
    """Buttons for what a machine offers: verbs the person's roles do not cover are left out, blocked ones say why."""
    return [
        replace(describe[offer.verb], reasons=offer.reasons)
        for offer in offers
        if offer.verb in describe and not (offer.reasons and offer.reasons[0].code in hidden)
    ]


@dataclass(frozen=True, slots=True)
class Answered:
    """A plain question with everything that answers it."""

    key: str
    question: str
    parts: tuple[Shown, ...]


def answers(request: HttpRequest, target: Model) -> list[Answered]:
    """The plain questions, each once and where it is first asked, with what answers them."""
    found: dict[str, list[Shown]] = {}
    for answer in ANSWERS:
        shown = Shown(answer.key, answer.template, answer.answer(request, target))
        found.setdefault(answer.question, []).append(shown)
    return [Answered(parts[0].key, question, tuple(parts)) for question, parts in found.items()]


def stats(request: HttpRequest) -> list[Shown]:
    """The figures that have something to show."""
    found = ((stat, stat.context(request)) for stat in STATS)
    return [Shown(stat.key, stat.template, context) for stat, context in found if context is not None]


def signs(keys: Sequence[int]) -> dict[int, list[Sign]]:
    """What stands beside each of these systems, by key; those with nothing are left out."""
    found: dict[int, list[Sign]] = {}
    for mark in MARKS if keys else ():
        for key, sign in mark.signs(keys).items():
            found.setdefault(key, []).append(sign)
    return found


def dates(person: User, since: datetime, until: datetime) -> list[Dated]:
    """Everything on the revalidation calendar of a person."""
    return [found for source in DATES for found in source.dates(person, since, until)]


def entries(slot: Slot[Entry], person: User) -> list[Entry]:
    """The lines of a menu as this person sees it."""
    return [entry for entry in slot if entry.shown(person)]


def work(person: User, group: Group, most: int | None = None) -> list[WorkItem]:
    """The items of one list of My work, the most pressing first; no more than `most` of each kind."""
    kinds = [sorted(source.items(person), key=_pressing)[:most] for source in WORK if source.group is group]
    return sorted((item for items in kinds for item in items), key=_pressing)


def falling_due(person: User) -> Iterator[WorkItem]:
    """Everything that falls due for a person, kind by kind, each asked for only when the ones before are read."""
    return (item for source in WORK if source.group is Group.DUE for item in source.items(person))


def waiting_count(person: User) -> int:
    """The number beside My work in the header: counted where a source can count, listed where it cannot."""
    waiting = [source for source in WORK if source.group is Group.WAITING]
    return sum(source.count(person) if source.count else sum(1 for _ in source.items(person)) for source in waiting)


def _pressing(item: WorkItem) -> tuple[bool, bool, float, float]:
    due = item.due.timestamp() if item.due else 0.0
    return not item.first, item.due is None, due, item.since.timestamp() if item.since else 0.0
