"""Rows of two editions are paired by identifier, then by name, then by name with lost marks; none twice, none lost."""

from inventory.imports.identity import Identity, Pairing, pair


def row(reference: int, name: str, *, digest: str = "", identifier: str = "", unit: str = "Unit") -> Identity:
    return Identity(reference, identifier, ("Organisation", unit), name, digest or f"{name}{reference}")


def test_an_identifier_outweighs_a_name() -> None:
    known = [row(1, "Chatbot", identifier="A"), row(2, "Other", identifier="B")]
    assert pair(known, [row(10, "Renamed", identifier="A"), row(11, "Other", identifier="C")]) == Pairing(
        [(1, 10), (2, 11)], [], []
    )


def test_blanks_and_case_do_not_make_a_second_system() -> None:
    assert pair([row(1, "Shoreline Modeling")], [row(10, " shoreline\u202fmodeling\n")]).matches == [(1, 10)]


def test_the_same_name_in_another_unit_is_another_system() -> None:
    pairing = pair([row(1, "Chatbot")], [row(10, "Chatbot", unit="Elsewhere")])
    assert pairing == Pairing([], [10], [1])


def test_namesakes_are_paired_one_by_one_the_third_with_the_third() -> None:
    known = [row(number, "Usage") for number in (1, 2, 3)]
    assert pair(known, [row(number, "Usage") for number in (11, 12, 13, 14)]) == Pairing(
        [(1, 11), (2, 12), (3, 13)], [14], []
    )


def test_namesakes_with_equal_content_find_each_other_first() -> None:
    known = [row(1, "Usage", digest="a"), row(2, "Usage", digest="b"), row(3, "Usage", digest="b")]
    incoming = [row(11, "Usage", digest="b"), row(12, "Usage", digest="c"), row(13, "Usage", digest="b")]
    assert sorted(pair(known, incoming).matches) == [(1, 12), (2, 11), (3, 13)]


def test_a_name_that_lost_marks_is_still_itself() -> None:
    assert pair([row(1, "\u03b2-decay")], [row(10, "?-decay")]).matches == [(1, 10)]
    assert pair([row(1, "?-decay")], [row(10, "\u03b2-decay")]).matches == [(1, 10)]


def test_names_in_another_script_are_not_taken_for_each_other() -> None:
    assert pair([row(1, "\u7814\u7a76")], [row(10, "\u958b\u767a")]) == Pairing([], [10], [1])
