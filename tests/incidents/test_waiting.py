"""The number beside My work: on every page, so it is cheap; and what the list shows when it is opened."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access import rights
from governance.access.models import User
from governance.web import slots
from governance.web.slots import Group
from tests.governance.validation.scene import Scene
from tests.incidents.walk import in_state, reported

pytestmark = pytest.mark.django_db


def test_the_number_is_what_the_list_shows_and_takes_few_statements(scene: Scene) -> None:
    kinds = sum(1 for source in slots.WORK if source.group is Group.WAITING)
    scene.submitted()
    reported(scene)
    in_state(scene, "triaged")
    waits: set[str] = set()
    for person in User.objects.filter(closed_at=None):
        with rights.one_reading(), CaptureQueriesContext(connection) as asked:
            number = slots.waiting_count(person)
        assert len(asked) <= kinds  # the person's rights included
        assert number == len(slots.work(person, Group.WAITING)), person
        for source in slots.WORK:
            if source.count is not None:
                listed = list(source.items(person))
                assert source.count(person) == len(listed), (source.key, person)
                waits |= {source.key} if listed else set()
    assert {"incidents", "reviews"} <= waits
