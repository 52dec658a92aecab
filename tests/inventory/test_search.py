"""A search finds what fits, however many systems have the word."""

from __future__ import annotations

import pytest

from governance.access import rights
from governance.access.vocabulary import Role
from inventory import queries
from inventory.models import System
from tests.governance.access.people import appoint, person, system

pytestmark = pytest.mark.django_db


def test_somebody_who_sees_little_finds_it_by_a_word_that_many_systems_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "RARE", 2)
    reader = person("reader")
    scorers = [system(f"scorer-{number}") for number in range(5)]
    appoint(reader, Role.VIEWER, system=scorers[-1])
    seen = rights.visible(reader, System.objects.all())
    assert list(queries.searched(seen, "scorer")) == [scorers[-1]]
    assert queries.searched(System.objects.all(), "scor").count() == 5


def test_a_rare_word_finds_what_has_it_and_nothing_else() -> None:
    found = system("quixotic")
    system("other")
    assert list(queries.searched(System.objects.all(), "quixotic")) == [found]
    assert not queries.searched(System.objects.all(), "nothing-of-the-kind").exists()
