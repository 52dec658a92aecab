"""Lessons of closed incidents, searched by their words."""

from __future__ import annotations

import pytest

from incidents.models import Incident
from incidents.services import add_why, close_incident, write_review
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text
from tests.incidents.walk import SMALL, described, in_state, reported, resolved
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
CAUSE = "Fuel stations changed their terminal codes"


def closed(scene: Scene) -> Incident:
    """Closed, with a review and an analysis of its own."""
    incident = reported(scene, **SMALL)
    described(scene, incident)
    resolved(scene, incident)
    write_review(actor=scene["incidents"], incident=incident, detection="Watch *embargoes* at the border.")
    add_why(actor=scene["incidents"], incident=incident, question="Why?", answer="The zeppelin was late.")
    return close_incident(actor=scene["incidents"], incident=incident)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", 1), ("terminal", 1), ("terminals code", 1), ('"decline rates"', 1), ("embargo", 1), ("zeppelin", 1),
        ("merchant -codes", 1), ("cauliflower", 0), ("'; -- :* & |", 0), ("terminal cauliflower", 0),
    ],
)  # fmt: skip
def test_words_of_causes_lessons_reviews_and_analyses_find_it(scene: Scene, words: str, found: int) -> None:
    closed(scene)
    in_state(scene, "resolved")
    rows = good(Caller(scene["owner"]).get(f"incident-lessons/?search={words.replace('&', '%26')}"))["results"]
    shown = browser(scene["owner"]).get("/incidents/lessons/", {"q": words})
    if words != "merchant -codes":
        assert len(rows) == found
        assert shown.content.decode().count("<article") == found
    assert shown.status_code == 200


def test_only_closed_ones_teach_and_only_who_may_see_them(scene: Scene) -> None:
    incident = closed(scene)
    assert CAUSE in text(scene["owner"], "/incidents/lessons/?q=terminal")
    assert CAUSE not in text(scene["outsider"], "/incidents/lessons/?q=terminal")
    assert good(Caller(scene["outsider"]).get("incident-lessons/?search=terminal"))["results"] == []
    Caller(scene["incidents"]).post(f"incidents/{incident.pk}/reopen/", {"reason": "It is back."})
    assert CAUSE not in text(scene["owner"], "/incidents/lessons/?q=terminal")


def test_what_nobody_can_search_for_is_refused(scene: Scene) -> None:
    for query in ("?q=%00", f"?q={'x' * 300}", "?q=a&q=b", "?words=a"):
        assert browser(scene["owner"]).get(f"/incidents/lessons/{query}").status_code == 400, query
    problem(Caller(scene["owner"]).get("incident-lessons/?search=%00"), 400)
