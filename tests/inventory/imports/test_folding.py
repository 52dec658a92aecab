"""Texts are the same but for blanks, case and the marks a re-encoding lost; nothing else."""

import pytest

from inventory.imports.folding import bare, fold, is_lossy_copy, loose_fold


@pytest.mark.parametrize(
    "written", ["Edge  case", " edge case\n", "EDGE CASE", "Edge\u202fcase", "Ed\u200bge case", "\ufeffEdge\u00a0case"]
)
def test_blanks_zero_width_marks_and_case_do_not_tell_names_apart(written: str) -> None:
    assert fold(written) == fold("Edge case")


def test_case_still_tells_content_apart() -> None:
    assert bare("NO ") != bare("No")


@pytest.mark.parametrize(
    ("original", "copy"),
    [
        ("power.\u202f", "power.?"),
        ("list\u200b, etc", "list?, etc"),
        ("(\U0001d6c3-version)", "(??-version)"),
        ("(\u03b2-version)", "(?-version)"),
        ("Really?\u202fYes", "Really??Yes"),
    ],
)
def test_a_copy_that_lost_marks_is_recognised(original: str, copy: str) -> None:
    assert is_lossy_copy(original, copy)
    assert loose_fold(original) == loose_fold(copy)


@pytest.mark.parametrize(
    ("original", "other"),
    [("\u7814\u7a76", "\u958b\u767a"), ("plain", "plain?"), ("\u03b2-version", "a-version"), ("\u03b2?", "x?")],
)
def test_a_different_text_is_no_copy(original: str, other: str) -> None:
    assert not is_lossy_copy(original, other)


def test_a_long_run_of_lost_marks_takes_no_time() -> None:
    assert not is_lossy_copy("\U0001d6c3" * 20_000 + "x", "?" * 30_000 + "y")
