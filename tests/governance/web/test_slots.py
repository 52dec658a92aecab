"""Slots and announcements: left apps name a place, right apps fill it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from governance.access.models import User
from governance.lifecycle import Offer, Reason
from governance.web import announcements, slots
from governance.web.context import _folded
from governance.web.slots import Action, Entry, Group, Slot, WorkItem, WorkSource

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def entry(key: str, order: int = 100) -> Entry:
    return Entry(key, key, "web:my_work", "home", everybody, order)


def everybody(person: User) -> bool:
    return True


def test_fillings_come_in_their_declared_order_whatever_the_order_of_registration() -> None:
    slot: Slot[Entry] = Slot("trial")
    for filling in (entry("last", 300), entry("b"), entry("a"), entry("first", 1)):
        slot.register(filling)
    assert [filling.key for filling in slot] == ["first", "a", "b", "last"]


def test_a_key_is_taken_once() -> None:
    slot: Slot[Entry] = Slot("trial")
    slot.register(entry("a"))
    slot.register(entry("a"))
    with pytest.raises(ValueError, match="already has 'a'"):
        slot.register(replace(entry("a"), label="other"))


def test_work_is_sorted_by_due_date_then_by_age_and_only_waiting_counts() -> None:
    late = WorkItem("late", "/l", "sign", due=NOW, since=NOW)
    soon = WorkItem("soon", "/s", "sign", due=NOW + timedelta(days=1))
    old = WorkItem("old", "/o", "sign", since=NOW - timedelta(days=9))
    new = WorkItem("new", "/n", "sign", since=NOW)
    sources = [
        WorkSource("trial-a", Group.WAITING, lambda person: [new, soon], lambda person: 2),
        WorkSource("trial-b", Group.WAITING, lambda person: [old, late], lambda person: 2),
        WorkSource("trial-c", Group.STARTED, lambda person: [], lambda person: 5),
    ]
    person = User(username="somebody")
    before = list(slots.WORK)
    for source in before:
        slots.WORK.remove(source.key)
    try:
        for source in sources:
            slots.WORK.register(source)
        assert [item.title for item in slots.work(person, Group.WAITING)] == ["late", "soon", "old", "new"]
        assert slots.waiting_count(person) == 4
    finally:
        for source in sources:
            slots.WORK.remove(source.key)
        for source in before:
            slots.WORK.register(source)


def test_buttons_one_has_no_right_to_are_left_out_and_blocked_ones_say_why() -> None:
    offers = [
        Offer("submit", (Reason("blocked", "A document is missing."),)),
        Offer("suspend", (Reason("forbidden", "You need the right."),), forbidden=True),
        Offer("discard"),
    ]
    describe = {verb: Action(verb, f"/{verb}/") for verb in ("submit", "suspend", "discard")}
    buttons = slots.offered(offers, describe)
    assert [(button.label, [reason.text for reason in button.reasons]) for button in buttons] == [
        ("submit", ["A document is missing."]),
        ("discard", []),
    ]


@dataclass(frozen=True)
class Withdrawn:
    """A fact of this test."""

    name: str


@pytest.mark.django_db
def test_a_fact_reaches_its_subscribers_once_inside_the_transaction() -> None:
    told: list[str] = []

    def listen(fact: Withdrawn) -> None:
        told.append(fact.name)

    announcements.subscribe(Withdrawn, listen)
    announcements.subscribe(Withdrawn, listen)
    with transaction.atomic():
        announcements.announce(Withdrawn("dataset"))
    assert told == ["dataset"]


@pytest.mark.django_db(transaction=True)
def test_a_fact_announced_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        announcements.announce(Withdrawn("dataset"))


@pytest.mark.parametrize(("count", "shown", "folded"), [(3, 3, 0), (6, 6, 0), (7, 7, 0), (8, 6, 2), (12, 6, 6)])
def test_a_long_navigation_folds_what_does_not_fit(count: int, shown: int, folded: int) -> None:
    rows = [{"active": number == count - 1} for number in range(count)]
    found = _folded(rows)
    assert (len(found["shown"]), len(found["folded"])) == (shown, folded)
    assert [*found["shown"], *found["folded"]] == rows
    assert found["folded_active"] is bool(folded)
