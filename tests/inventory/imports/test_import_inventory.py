"""An import takes a whole edition or nothing, adds no system twice, loses no row and no word a person wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from governance.access.models import User
from governance.ledger.acting import Command, Door
from governance.ledger.models import Denial, Event
from governance.ledger.verification import verify
from governance.lifecycle import Conflict, Forbidden
from inventory.imports.reader import Refused
from inventory.imports.schema import MappingDocument, parse
from inventory.models import ExternalId, ImportedRow, ImportRun, Release, System, Unit, UnmappedValue
from inventory.services.imports import ImportReport, import_inventory, resolve_unmapped
from tests.loosening import AGREEMENT, loosen

pytestmark = pytest.mark.django_db

MAPPING = """\
name: small
version: "1"
title: A small register
source: small
system: title
units: [organisation, unit]
texts: {purpose: {column: why}}
values:
  phase:
    column: stage
    blank: not_stated
    otherwise: unknown
    values: {planned: [Planned], production: [Live], retired: ["Off"]}
columns:
  - {name: title, header: Title}
  - {name: organisation, header: Organisation}
  - {name: unit, header: Unit}
  - {name: why, header: Why}
  - {name: stage, header: Stage}
"""
SMALL = parse(MAPPING, name="small")
IDENTIFIED = parse(
    MAPPING.replace("system: title", "system: title\nidentifier: key") + "  - {name: key, header: Key}\n", name="small"
)
HEADER = "Title,Organisation,Unit,Why,Stage,Colour\n"
FIRST = HEADER + (
    "Chatbot,Ministry,Office,Answers,Live,red\n"
    "Usage,Ministry,Office,One,Planned,red\n"
    "Usage,Ministry,Office,Two,Planned,red\n"
    "Usage,Ministry,Office,Three,Planned,red\n"
    "Chatbot,ministry ,Lab,Tries,Asleep,red\n"
    "Alone,Agency,,Waits,,red\n"
)

Take = Callable[..., ImportReport]


@pytest.fixture
def take() -> Take:
    def run(content: str, mapping: MappingDocument = SMALL, **options: Any) -> ImportReport:
        options = {"actor": Command("import_inventory"), "door": Door.COMMAND, **options}
        return import_inventory(content=content.encode(), file_name="small.csv", mapping=mapping, **options)

    return run


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.vanished


def system(purpose: str) -> System:
    return System.objects.get(purpose=purpose)


def test_every_row_becomes_a_system_with_what_was_written_kept(take: Take) -> None:
    report = take(FIRST)
    assert figures(report) == (6, 0, 0, 0)
    assert System.objects.count() == ImportedRow.objects.count() == 6
    row = ImportedRow.objects.get(system__purpose="Tries")
    assert (row.line, row.written["stage"], row.kept) == (6, "Asleep", {"Colour": "red"})
    assert row.system.phase == System.Phase.UNKNOWN
    assert system("Waits").phase == System.Phase.NOT_STATED


def test_units_are_a_tree_and_spelling_does_not_double_them(take: Take) -> None:
    take(FIRST)
    assert set(Unit.objects.values_list("parent__name", "name")) == {
        (None, "Ministry"), (None, "Agency"), ("Ministry", "Office"), ("Ministry", "Lab"),
    }  # fmt: skip
    assert system("Waits").unit.name == "Agency"


def test_slugs_are_readable_and_stay(take: Take) -> None:
    take(FIRST)
    before = dict(System.objects.values_list("pk", "slug"))
    assert sorted(before.values()) == [
        "alone", "chatbot", "chatbot-lab", "usage", "usage-office", "usage-office-2",
    ]  # fmt: skip
    take(FIRST.replace("Answers", "Replies"))
    assert dict(System.objects.values_list("pk", "slug")) == before


def test_importing_twice_writes_nothing(take: Take) -> None:
    take(FIRST)
    report = take(FIRST)
    assert figures(report) == (0, 0, 6, 0)
    assert ImportRun.objects.count() == 1


def test_a_dry_run_says_what_would_happen_and_writes_nothing(take: Take) -> None:
    assert figures(take(FIRST, dry_run=True)) == (6, 0, 0, 0)
    assert (System.objects.count(), Unit.objects.count(), ImportRun.objects.count()) == (0, 0, 0)


def test_the_next_edition_updates_adds_and_marks_what_is_gone(take: Take) -> None:
    take(FIRST)
    second = FIRST.replace("Answers", "Replies").replace("Alone,Agency,,Waits,,red\n", "New,Agency,,Starts,Live,red\n")
    report = take(second)
    assert figures(report) == (1, 1, 4, 1)
    assert report.gone == ("Agency · Alone",)
    assert ImportedRow.objects.get(system__purpose="Waits").gone_since == report.run
    assert system("Replies").slug == "chatbot"
    assert set(ImportedRow.objects.filter(gone_since=None).values_list("seen_in", flat=True)) == {report.run.pk}  # type: ignore[union-attr]


def test_what_was_gone_may_come_back(take: Take) -> None:
    take(FIRST)
    take(FIRST.replace("Alone,Agency,,Waits,,red\n", ""))
    assert figures(take(FIRST)) == (0, 1, 5, 0)
    assert not ImportedRow.objects.exclude(gone_since=None).exists()


def test_namesakes_keep_their_place(take: Take) -> None:
    take(FIRST)
    three = system("Three").pk
    take(FIRST.replace("Three", "Third"))
    assert system("Third").pk == three


def test_blanks_alone_change_nothing(take: Take) -> None:
    take(FIRST)
    assert figures(take(FIRST.replace("Answers", " Answers\u202f"))) == (0, 0, 6, 0)


def test_a_field_a_person_changed_is_kept_and_listed(take: Take) -> None:
    take(FIRST)
    System.objects.filter(purpose="Answers").update(purpose="Helps citizens")
    report = take(FIRST.replace("Answers", "Replies"))
    assert system("Helps citizens").slug == "chatbot"
    assert report.conflicts == (
        {"system": "chatbot", "line": "2", "field": "purpose", "kept": "Helps citizens", "offered": "Replies"},
    )
    assert figures(take(FIRST.replace("Answers", "Replies"))) == (0, 0, 6, 0)


def test_a_phase_moves_only_where_the_lifecycle_allows(take: Take, developer: User) -> None:
    take(FIRST)
    running = system("Answers")
    release = Release.objects.create(
        system=running, version="1", created_by=developer, created_at=running.created_at, updated_at=running.created_at
    )
    loosen(AGREEMENT)
    for state in ("in_review", "approved"):
        Release.objects.filter(pk=release.pk).update(state=state)
    report = take(FIRST.replace("Live", "Off").replace("Planned", "Off"))
    assert {conflict["system"] for conflict in report.conflicts} == {"chatbot"}
    assert system("One").phase == System.Phase.RETIRED
    report = take(FIRST)
    assert system("One").phase == System.Phase.RETIRED
    assert {conflict["offered"] for conflict in report.conflicts} == {"planned"}


def test_a_system_registered_by_hand_is_adopted_not_doubled(take: Take) -> None:
    office = Unit.objects.create(name="Office", slug="o", parent=Unit.objects.create(name="MINISTRY", slug="m"))
    take_in_hand = {"created_at": "2024-01-01T00:00Z", "updated_at": "2024-01-01T00:00Z"}
    by_hand = System.objects.create(slug="mine", name="chat bot", unit=office, impact="rights", **take_in_hand)
    report = take(FIRST)
    assert figures(report) == (5, 1, 0, 0)
    by_hand.refresh_from_db()
    assert (by_hand.name, by_hand.purpose, by_hand.impact) == ("chat bot", "Answers", "rights")
    assert [conflict["field"] for conflict in report.conflicts] == ["name"]


def test_an_identifier_finds_a_renamed_row_and_may_stand_once(take: Take) -> None:
    lines = "Title,Organisation,Unit,Why,Stage,Key\nChatbot,Ministry,Office,Answers,Live,A-1\n"
    take(lines, IDENTIFIED)
    assert ExternalId.objects.get().value == "A-1"
    assert figures(take(lines.replace("Chatbot", "Assistant"), IDENTIFIED)) == (0, 1, 0, 0)
    with pytest.raises(Refused) as caught:
        take(lines + "Other,Ministry,Office,Answers,Live,A-1\n", IDENTIFIED)
    assert [(error.line, error.field) for error in caught.value.errors] == [(3, "key")]


def test_an_unmapped_value_is_work_until_somebody_says_what_it_means(take: Take) -> None:
    report = take(FIRST)
    assert report.unmapped == {"phase": {"Asleep": 1}}
    value = UnmappedValue.objects.get()
    assert (value.field, value.written, value.rows, value.state) == ("phase", "Asleep", 1, "open")
    resolve_unmapped(actor=Command("import_inventory"), value=value, meaning="pilot", door=Door.COMMAND)
    report = take(FIRST)
    assert (figures(report), report.unmapped) == ((0, 1, 5, 0), {})
    assert system("Tries").phase == System.Phase.PILOT


@pytest.mark.parametrize(
    "broken", [FIRST + '"cut', FIRST + "a,b\n", FIRST + ",,,,,\n", FIRST.replace("Why", "When"), HEADER]
)
def test_a_file_with_a_fault_changes_nothing(take: Take, broken: str) -> None:
    with pytest.raises(Refused):
        take(broken)
    assert (System.objects.count(), Unit.objects.count(), ImportRun.objects.count()) == (0, 0, 0)


def test_a_person_needs_the_right_to_import(take: Take, developer: User) -> None:
    with pytest.raises(Forbidden):
        take(FIRST, actor=developer)
    assert System.objects.count() == 0
    assert Denial.objects.get().verb == "inventory.import"


def test_a_value_nobody_reads_may_be_longer_than_an_index_entry(take: Take) -> None:
    long = "".join(chr(0x4E00 + number % 5000) for number in range(9000))
    take(FIRST.replace("Asleep", long))
    assert UnmappedValue.objects.get().written == long
    assert figures(take(FIRST.replace("Asleep", long))) == (0, 0, 6, 0)


def test_markup_and_formulas_arrive_as_text(take: Take) -> None:
    take(FIRST.replace("Answers", "<script>alert(1)</script>{{7*7}}").replace("Waits", "=1+1"))
    assert system("=1+1").purpose == "=1+1"
    assert system("<script>alert(1)</script>{{7*7}}").slug == "chatbot"


def test_the_counts_name_every_word(take: Take) -> None:
    assert take(FIRST).counts == {
        "organisations": 2,
        "units": 2,
        "phase": {
            "planned": 3, "development": 0, "pilot": 0, "production": 1, "retired": 0, "blank": 1, "unmapped": 1,
        },
        "impact": {"neither": 0, "rights": 0, "safety": 0, "rights+safety": 0, "undetermined": 0, "blank": 6},
    }  # fmt: skip


@pytest.fixture
def developer() -> User:
    return User.objects.create_user("devi", name="Devi")


def test_the_ledger_holds_every_row_and_who_brought_it(take: Take) -> None:
    take(FIRST)
    events = Event.objects.filter(verb="inventory.import", actor_name="system:import_inventory")
    assert Counter(events.values_list("table_name", flat=True)) == {
        "inventory_importrun": 1,
        "inventory_unit": 4,
        "inventory_system": 6,
        "inventory_importedrow": 6,
        "inventory_unmappedvalue": 1,
    }
    take(FIRST + "New,Agency,,Starts,Live,red\n")
    assert events.count() == 18 + 3  # the run, the system, its row; rows merely seen again are no event


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_register_do_not_run_at_once(take: Take, app_connection: Callable[..., Any]) -> None:
    other = app_connection()
    other.execute("SELECT pg_advisory_xact_lock(hashtextextended('inventory.import:small', 0))")
    with pytest.raises(Conflict, match="is running"):
        take(FIRST)
    assert System.objects.count() == 0
    other.rollback()
    assert take(FIRST).created == 6


@pytest.mark.django_db(transaction=True)
def test_an_edition_written_in_parts_is_one_block_with_an_event_for_every_row_and_verifies(
    take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.database.copying.PART", 4)
    monkeypatch.setattr("governance.database.copying._BLOCK", 3)
    take(FIRST)
    kept = Event.objects.filter(table_name__in=("inventory_system", "inventory_importedrow"), op="I")
    assert Counter(kept.values_list("table_name", flat=True)) == {"inventory_system": 6, "inventory_importedrow": 6}
    assert len(set(kept.values_list("link__block_id", flat=True))) == 1
    take(FIRST.replace("Answers", "Replies").replace("Alone,Agency,,Waits,,red\n", "New,Agency,,Starts,Live,red\n"))
    assert verify().ok
