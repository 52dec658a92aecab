"""A new edition replaces what the import put there and nothing a person wrote."""

from inventory.imports.merging import Conflict, merge


def test_what_the_import_wrote_it_may_rewrite() -> None:
    assert merge({"purpose": "old"}, {"purpose": "old"}, {"purpose": "new"}).changes == {"purpose": "new"}


def test_what_a_person_changed_stays_without_a_word_when_the_edition_says_nothing_new() -> None:
    merged = merge({"purpose": "mine"}, {"purpose": "old"}, {"purpose": " old"})
    assert (merged.changes, merged.conflicts) == ({}, ())


def test_what_a_person_changed_stays_and_is_listed_when_the_edition_says_something_new() -> None:
    merged = merge({"purpose": "mine"}, {"purpose": "old"}, {"purpose": "new"})
    assert (merged.changes, merged.conflicts) == ({}, (Conflict("purpose", "mine", "new"),))


def test_a_copy_that_lost_marks_does_not_replace_the_better_text() -> None:
    assert merge({"purpose": "a\u202fb"}, {"purpose": "a\u202fb"}, {"purpose": "a?b"}).changes == {}


def test_what_nobody_said_yet_may_be_filled_in_on_a_system_the_import_did_not_make() -> None:
    merged = merge({"purpose": "", "impact": "rights", "origin": "not_stated"}, {}, {
        "purpose": "new", "impact": "neither", "origin": "vendor",
    })  # fmt: skip
    assert merged.changes == {"purpose": "new", "origin": "vendor"}
    assert merged.conflicts == (Conflict("impact", "rights", "neither"),)
