"""What changed between two texts, word by word, however long they are."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.documents.difference import Kind, difference, sections_difference

TEXT = st.text(alphabet=st.sampled_from("ab \n#é漢"), max_size=200)


def read(before: str, after: str) -> list[tuple[str, str]]:
    return [(stretch.kind.value, stretch.text) for stretch in difference(before, after)]


def test_one_word_more_is_one_word_added() -> None:
    assert read("It scores payments.", "It scores card payments.") == [
        ("same", "It scores "), ("added", "card "), ("same", "payments."),
    ]  # fmt: skip


def test_a_changed_word_is_removed_and_added_in_its_line_only() -> None:
    assert read("One.\nTwo old lines.\nThree.\n", "One.\nTwo new lines.\nThree.\n") == [
        ("same", "One.\nTwo "), ("removed", "old"), ("added", "new"), ("same", " lines.\nThree.\n"),
    ]  # fmt: skip


def test_nothing_changed_and_nothing_there() -> None:
    assert read("Same.", "Same.") == [("same", "Same.")]
    assert read("", "") == []
    assert read("", "New.") == [("added", "New.")]


@given(TEXT, TEXT)
def test_the_stretches_give_back_both_texts(before: str, after: str) -> None:
    found = difference(before, after)
    assert "".join(s.text for s in found if s.kind is not Kind.ADDED) == before
    assert "".join(s.text for s in found if s.kind is not Kind.REMOVED) == after
    assert all(one.kind is not other.kind for one, other in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n" * 50_000, "b\n" + "a\n" * 49_000),
        ("a b " * 25_000, "b a " * 25_000),
        ("x" * 100_000, "y" + "x" * 99_999),
        ("ab\n" * 1400, "ba\n" * 1400),
        ("\n".join(f"a {n % 190}" for n in range(1490)), "\n".join(f"a {n % 191}" for n in range(1490))),
    ],
)
def test_the_longest_and_dullest_texts_take_no_time(before: str, after: str) -> None:
    start = time.process_time()
    difference(before, after)
    assert time.process_time() - start < 2


def test_sections_come_in_the_order_given_also_those_one_revision_lacks() -> None:
    parts = sections_difference({"a": "x", "old": "gone"}, {"a": "x", "b": "new"}, ["b", "a"])
    assert [(part.id, part.changed) for part in parts] == [("b", True), ("a", False), ("old", True)]
