"""Reading the ledger as people tell it: acts (what one person did in one go) made of events (rows that changed)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from governance.ledger.models import Event
from governance.ledger.verbs import VERBS

TOLD_AT_MOST = 400
ICONS = {
    "assignment": "user-check", "change": "arrows-diff", "condition": "list-check", "deployment": "cloud",
    "document": "file-text",
    "finding": "message-2",
    "gate": "shield-check", "hold": "hand-stop", "incident": "alert-octagon", "inventory": "file-import",
    "pack": "gavel", "person": "user", "release": "package", "review": "signature", "system": "box", "token": "key",
    "unit": "building", "waiver": "adjustments",
}  # fmt: skip
SUBJECTS = {
    "access_token": "name", "changes_change": "title", "inventory_assignment": "role",
    "inventory_documentrevision": "number",
    "inventory_document": "title", "inventory_release": "version", "validation_finding": "title",
    "validation_condition": "text", "validation_signoff": "decision", "inventory_unit": "name",
    "access_user": "username", "validation_waiver": "title",
    "incidents_incident": "title", "incidents_actionitem": "text",
    "incidents_servicecheck": "text", "incidents_timelineentry": "text",
    "incidents_temporarymeasure": "text", "incidents_participant": "function",
    "incidents_regulatorclock": "title", "incidents_incidentlink": "title", "incidents_incidentupdate": "audience",
}  # fmt: skip
STOPS = {"revoke", "suspend", "discard", "place", "refuse", "withdraw", "end", "close", "reject"}
DECIDES = {"sign", "approve", "verify", "confirm", "adopt", "lift", "reinstate"}
_LONGEST = 120
_SILENT = {"updated_at", "search", "id"}


@dataclass(frozen=True, slots=True)
class Change:
    """One column of one row, before and after, as text."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row an act touched."""

    noun: str
    key: str
    op: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """What one person or machine did in one transaction under one verb."""

    at: datetime
    who: str
    kind: str
    verb: str
    sentence: str
    reason: str
    door: str
    block: int | None
    system_id: int | None
    lines: tuple[Line, ...]
    subject: str = ""

    @property
    def icon(self) -> str:
        """An icon that stands for the noun of the verb."""
        return ICONS.get(self.verb.split(".", maxsplit=1)[0], "git-commit")

    @property
    def tint(self) -> str:
        """The colour of the icon: what stops is red, what is decided green, the rest blue."""
        word = self.verb.rsplit(".", maxsplit=1)[-1]
        return "red" if word in STOPS else "green" if word in DECIDES else "blue"


def events() -> QuerySet[Event]:
    """All events with the block they are sealed in, newest first."""
    return Event.objects.select_related("link").order_by("-id")


def events_of_system(system_id: int) -> QuerySet[Event]:
    """What happened to a system and everything that hangs on it."""
    return events().filter(system_id=system_id)


def events_of_release(system_id: int, release_id: int) -> QuerySet[Event]:
    """What happened to a release and what hangs on it directly or on its submissions."""
    of_system = events_of_system(system_id)
    submissions = of_system.filter(table_name="validation_submission", after__release_id=release_id)
    keys = [int(key) for key in submissions.order_by().values_list("key", flat=True).distinct() if key.isdigit()]
    return of_system.filter(
        Q(table_name="inventory_release", key=str(release_id))
        | Q(after__release_id=release_id)
        | Q(after__submission_id__in=keys)
    )


def told(found: QuerySet[Event]) -> list[Act]:
    """The newest TOLD_AT_MOST events as acts, newest first."""
    return acts(found[:TOLD_AT_MOST])


def acts(found: Iterable[Event]) -> list[Act]:
    """Neighbouring events of one transaction and verb as one act, in at most one further statement."""
    rows = list(found)
    names = _names(rows)
    groups = groupby(rows, key=lambda event: (event.xid, event.verb, event.actor_name, event.system_id))
    return [_act(list(group), names) for _, group in groups]


def _names(rows: Iterable[Event]) -> dict[int, str]:
    """The people that roles were given to or taken from."""
    images = (event.after or event.before or {} for event in rows if event.table_name == "inventory_assignment")
    wanted = {image["person_id"] for image in images if "person_id" in image}
    people = get_user_model()._default_manager.filter(pk__in=wanted or {0})  # one statement, found or not
    return {person.pk: str(person) for person in people}


def _subject(group: Sequence[Event], names: dict[int, str]) -> str:
    """What the act was about, in a few words, if its rows say so."""
    for event in reversed(group):
        column = SUBJECTS.get(event.table_name)
        image = event.after or event.before or {}
        if column and image.get(column) not in (None, ""):
            words = str(image[column]).replace("_", " ") if column in {"role", "decision"} else str(image[column])
            holder = names.get(image.get("person_id") or 0) if column == "role" else None
            return _short(f"{words}, {holder}" if holder else words)
    return ""


def _act(group: Sequence[Event], names: dict[int, str]) -> Act:
    first = group[0]
    link = getattr(first, "link", None)
    return Act(
        at=first.at,
        who=first.actor_name,
        kind=first.actor_kind,
        verb=first.verb,
        sentence=VERBS.get(first.verb, first.verb),
        reason=first.reason,
        door=first.door,
        block=link.block_id if link else None,
        system_id=first.system_id,
        lines=tuple(_line(event) for event in reversed(group)),
        subject=_subject(group, names),
    )


def _line(event: Event) -> Line:
    noun = event.table_name.split("_", 1)[-1].replace("_", " ")
    return Line(noun, event.key, event.get_op_display(), tuple(_changes(event.before or {}, event.after or {})))


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for field in after if after else before:
        old, new = before.get(field), after.get(field)
        if old != new and field not in _SILENT and not (not before and new in (None, "", [], {})):
            yield Change(field.removesuffix("_id").replace("_", " "), _short(old), _short(new))


def _short(value: Any) -> str:
    text = "—" if value in (None, "") else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
