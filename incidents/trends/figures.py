"""What the trends say, counted from plain rows. Pure: no Django, no clock of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Value = str | int | float | None
MOST = 15
YEARLY_FROM = 60
# Worst first; severities are drawn so, in their order.
INKS = ("bad", "warn", "plain", "quiet", "faint")
OPEN = frozenset({"reported", "triaged", "contained"})


@dataclass(frozen=True, slots=True)
class Story:
    """One incident as the trends count it."""

    pk: int
    title: str
    system: str
    unit: str
    type: str
    severity: str
    state: str
    aware: datetime
    occurred: datetime | None = None
    contained: datetime | None = None
    resolved: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One action item: until when, and when it was done."""

    incident: str
    text: str
    owner: str
    due: datetime
    done: datetime | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One report that an authority was owed: the legal deadline, and when it was made or let go."""

    incident: str
    title: str
    deadline: datetime
    reported: datetime | None
    dropped: datetime | None

    def standing(self, at: datetime) -> str:
        """Met, late, missed (owed still, and past its deadline), running or dropped."""
        if self.dropped is not None:
            return "dropped"
        if self.reported is not None:
            return "met" if self.reported < self.deadline else "late"
        return "missed" if self.deadline <= at else "running"


@dataclass(frozen=True, slots=True)
class Cause:
    """A contributing factor of one incident, by the vocabulary's words."""

    title: str
    incident: int
    system: str
    aware: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """Everything the trends are counted from."""

    stories: tuple[Story, ...] = ()
    tasks: tuple[Task, ...] = ()
    duties: tuple[Duty, ...] = ()
    left_out: int = 0
    causes: tuple[Cause, ...] = ()
    # Incident → whether it was foreseen, and whether a risk stands for it now.
    foresight: Mapping[int, tuple[bool, bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Titles:
    """The words of the policy in force: id → title, worst severity first."""

    types: Mapping[str, str] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the trends, and how its numbers are drawn.

    `drawn` names the columns of numbers a chart shows; `layout` says how: stacked `columns` over time, stacked `bars`,
    `nested` bars that all begin at nought, or nothing. `inks` says how each of them looks.
    """

    key: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    empty: str
    note: str = ""
    layout: str = ""
    drawn: tuple[int, ...] = ()
    inks: tuple[str, ...] = INKS


def tables(read: Read, titles: Titles, at: datetime, since: datetime | None) -> tuple[Table, ...]:
    """Every table, in the order people read them."""
    return (
        by_month(read.stories, titles, at, since),
        _counted("type", "Incidents by type", "Type", read.stories, "type", titles.types),
        _counted("severity", "Incidents by severity", "Severity", read.stories, "severity", titles.severities),
        _counted("system", "Incidents by system", "System", read.stories, "system", {}),
        _counted("unit", "Incidents by business unit", "Business unit", read.stories, "unit", {}),
        times(read.stories),
        causes(read.causes),
        foresight(read),
        promises(read.tasks, at),
        duties(read.duties, at),
        overdue(read, at),
    )


def by_month(stories: Sequence[Story], titles: Titles, at: datetime, since: datetime | None) -> Table:
    """Incidents by the month somebody noticed them in, and by severity; by the year where that is too long a row."""
    first = since or min((story.aware for story in stories), default=at)
    months = _months(first, at)
    yearly = len(months) > YEARLY_FROM
    labels = sorted({month[:4] for month in months}) if yearly else months
    found = Counter((_label(story.aware, yearly=yearly), story.severity) for story in stories)
    words = {**titles.severities, **{one: one for _, one in sorted(found) if one not in titles.severities}}
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (label, *(found[label, word] for word in words), sum(found[label, word] for word in words)) for label in labels
    )
    return Table(
        "month", "Incidents over time", ("Year" if yearly else "Month", *words.values(), "All"),
        rows if stories else (), "No incident was noticed in this time.", layout="columns",
        note="Counted in the month somebody noticed them, in UTC.", drawn=tuple(range(1, len(words) + 1)),
    )  # fmt: skip


def _label(at: datetime, *, yearly: bool) -> str:
    return f"{at:%Y}" if yearly else f"{at:%Y-%m}"


def _months(first: datetime, last: datetime) -> list[str]:
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(start, end + 1)]


def _counted(key: str, title: str, head: str, stories: Sequence[Story], name: str, titles: Mapping[str, str]) -> Table:
    """How many incidents each has, the most first; words the policy orders keep its order."""
    total = Counter(getattr(story, name) for story in stories)
    still = Counter(getattr(story, name) for story in stories if story.state in OPEN)
    order = {word: place for place, word in enumerate(titles)} if name == "severity" else {}
    words = sorted(total, key=lambda word: (order.get(word, len(order)), -total[word], word.casefold()))
    rows: list[tuple[Value, ...]] = [
        (titles.get(word, word), still[word], total[word] - still[word], total[word]) for word in words[:MOST]
    ]
    if rest := words[MOST:]:
        opened, every = sum(still[word] for word in rest), sum(total[word] for word in rest)
        rows.append((f"{len(rest)} others", opened, every - opened, every))
    return Table(
        key,
        title,
        (head, "Open", "Over", "All"),
        tuple(rows),
        "No incident.",
        layout="bars",
        drawn=(1, 2),
        inks=("warn", "plain"),
    )


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of them lies, between two of them where it falls between; None of none."""
    if not values:
        return None
    ranked, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def _hours(begun: datetime | None, ended: datetime | None) -> float | None:
    return (ended - begun) / timedelta(hours=1) if begun and ended and ended >= begun else None


def times(stories: Iterable[Story]) -> Table:
    """How long it took to notice, to contain and to resolve: the median and what nine in ten stayed within."""
    kept = list(stories)
    steps = (
        ("To notice: since it began", [_hours(one.occurred, one.aware) for one in kept]),
        (
            "To contain: until the harm was stopped",
            [_hours(one.aware, one.contained or one.resolved) for one in kept],
        ),
        ("To resolve: until back in service", [_hours(one.aware, one.resolved) for one in kept]),
    )
    rows = []
    for title, measured in steps:
        known = [hours for hours in measured if hours is not None]
        median, ninth = quantile(known, 0.5), quantile(known, 0.9)
        rows.append((title, len(known), _rounded(median), _rounded(ninth)))
    return Table(
        "times", "How long it took", ("Step", "Known of", "Median, hours", "Nine in ten within, hours"),
        tuple(rows) if any(row[1] for row in rows) else (), "No incident has got so far yet.", layout="nested",
        note="Containing and resolving count from when somebody noticed. What is not known yet is not counted.",
        drawn=(3, 2), inks=("faint", "plain"),
    )  # fmt: skip


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 1)


def causes(found: Iterable[Cause]) -> Table:
    """What contributed, the most often named first; more than one incident makes it a repeat cause."""
    told: dict[str, list[Cause]] = {}
    for cause in found:
        told.setdefault(cause.title, []).append(cause)
    ranked = sorted(told.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    rows = tuple(
        (title, len(some), len({one.system for one in some}), f"{max(one.aware for one in some):%Y-%m-%d}")
        for title, some in ranked[:MOST]
    )
    return Table(
        "causes", "Repeat causes", ("Contributing factor", "Incidents", "Systems", "Last noticed"), rows,
        "No analysis names a contributing factor.", layout="bars", drawn=(1,), inks=("plain",),
        note="From the analyses. What is named for more than one incident came again.",
    )  # fmt: skip


def foresight(read: Read) -> Table:
    """Predicted against actual: how many incidents a risk of the register had foreseen."""
    said = Counter(read.foresight.get(story.pk) for story in read.stories)
    rows = (
        ("A risk had foreseen it", said[True, True]),
        ("Not foreseen, risk written down now", said[False, True]),
        ("Not foreseen, no risk written down yet", said[False, False]),
        ("Nobody said", said[None]),
    )
    return Table(
        "foresight", "Predicted against actual", ("Foresight", "Incidents"), rows if read.stories else (),
        "No incident.", layout="bars", drawn=(1,), inks=("plain",),
    )  # fmt: skip


def promises(tasks: Iterable[Task], at: datetime) -> Table:
    """What became of action items against their dates."""
    words = {
        "in_time": "Done in time", "late": "Done late", "open": "Open, not due yet", "overdue": "Open and overdue",
    }  # fmt: skip
    found: Counter[str] = Counter()
    for task in tasks:
        if task.done is not None:
            found["in_time" if task.done <= task.due else "late"] += 1
        else:
            found["overdue" if task.due <= at else "open"] += 1
    rows = tuple((title, found[word]) for word, title in words.items()) if found else ()
    return Table(
        "actions",
        "Action items",
        ("Action items", "Number"),
        rows,
        "None was given.",
        layout="bars",
        drawn=(1,),
        inks=("plain",),
    )


STANDINGS = {
    "met": "Met", "late": "Made late", "missed": "Missed", "running": "Running", "dropped": "Dropped",
}  # fmt: skip


def duties(kept: Iterable[Duty], at: datetime) -> Table:
    """Reports owed to authorities by what they were, and whether they were made before their legal deadline."""
    found = Counter((duty.title, duty.standing(at)) for duty in kept)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (title, *(found[title, word] for word in STANDINGS)) for title in sorted({title for title, _ in found})
    )
    return Table(
        "duties", "Duties to report", ("Duty", *STANDINGS.values()), rows, "No duty to report ran in this time.",
        layout="bars", note="Against the legal deadline. Duties that had not begun on that day are left out.",
        drawn=(1, 2, 3, 4), inks=("good", "warn", "bad", "quiet"),
    )  # fmt: skip


def overdue(read: Read, at: datetime) -> Table:
    """Action items and reports past their date, the oldest first."""
    late = [
        *((one.due, one.text, one.incident, one.owner) for one in read.tasks if one.done is None and one.due <= at),
        *((one.deadline, one.title, one.incident, "") for one in read.duties if one.standing(at) == "missed"),
    ]
    rows = tuple((what, where, who, f"{due:%Y-%m-%d}") for due, what, where, who in sorted(late))
    return Table("overdue", "Overdue now", ("What", "Incident", "Owner", "Due"), rows, "Nothing is overdue.")
