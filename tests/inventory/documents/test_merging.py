"""Two people wrote from the same revision."""

from inventory.documents.merging import Merged, merged


def test_what_only_one_changed_is_taken_and_what_both_changed_is_shown_from_both() -> None:
    base = {"mine": "a", "theirs": "a", "both": "a", "same": "a", "alike": "a"}
    mine = {"mine": "b", "theirs": "a", "both": "b", "same": "a", "alike": "c"}
    theirs = {"mine": "a", "theirs": "c", "both": "c", "same": "a", "alike": "c", "new": "d"}
    assert merged(base, mine, theirs) == {
        "mine": Merged("b"),
        "theirs": Merged("c"),
        "both": Merged("b", "c", both=True),
        "same": Merged("a"),
        "alike": Merged("c"),
        "new": Merged("d"),
    }


def test_a_section_taken_out_by_them_and_changed_by_me_is_kept() -> None:
    assert merged({"a": "x"}, {"a": "y"}, {})["a"] == Merged("y", "", both=True)
