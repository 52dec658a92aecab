"""Every right can be named in words, and refusals name it so."""

import re

import pytest

from governance.access.vocabulary import Permission
from governance.lifecycle import Forbidden, Machine, Transition


def test_every_right_has_words_of_its_own() -> None:
    words = [permission.words for permission in Permission]
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[a-z ]+", each) for each in words)


def test_a_refusal_names_the_missing_right_in_words() -> None:
    machine = Machine[None](
        "review", frozenset({"open"}), {"sign": Transition(frozenset({"open"}), "open", Permission.SIGN_AUDIT)}
    )
    with pytest.raises(Forbidden, match="You need the right to sign process audits on this review"):
        machine.decide("sign", "open", allowed=(), facts=None)
