"""Why an incident happened: whys down to a root cause, what contributed, and the fishbone that draws it."""

from __future__ import annotations

import pytest

from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting, seal_now
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from incidents.causes import CATEGORIES, FACTORS, MOST_WHYS, TITLES
from incidents.fishbone import SHOWN, draw_fishbone
from incidents.models import ContributingFactor, Incident, Participant, Why
from incidents.services import (
    add_factor,
    add_participant,
    add_why,
    agree_review,
    complete_review,
    take_back_factor,
    take_back_why,
    write_review,
)
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import browser, text
from tests.incidents.test_review import WORDS, ready
from tests.incidents.walk import SMALL, in_state, reported
from tests.loosening import loosen
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db


def asked(scene: Scene, incident: Incident, number: int = 1, root: bool = False) -> Why:
    """One more question of the chain."""
    return add_why(
        actor=scene["incidents"], incident=incident, question=f"Why {number}?", answer=f"Because {number}.", root=root
    )


def test_each_question_asks_about_the_answer_before_it_down_to_a_root_cause(scene: Scene) -> None:
    incident = reported(scene)
    first, second = asked(scene, incident), asked(scene, incident, 2, root=True)
    assert (first.number, second.number, second.root) == (1, 2, True)
    assert Incident.objects.get(pk=incident.pk).root_cause == "Because 2."
    with pytest.raises(Conflict, match="come to its root cause"):
        asked(scene, incident, 3)
    with pytest.raises(Conflict, match="Only the last"):
        take_back_why(actor=scene["incidents"], why=first)
    take_back_why(actor=scene["incidents"], why=second)
    again = asked(scene, incident, 2, root=True)
    assert (again.number, Incident.objects.get(pk=incident.pk).root_cause) == (2, "Because 2.")
    with pytest.raises(Conflict, match="Only the last"):
        take_back_why(actor=scene["incidents"], why=second)
    verbs = list(
        Event.objects.filter(table_name="incidents_why", verb__startswith="incident.")
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert verbs == [*["incident.add_why"] * 2, "incident.take_back_why", "incident.add_why"]


def test_a_chain_ends_somewhere(scene: Scene) -> None:
    incident = reported(scene)
    for number in range(MOST_WHYS):
        asked(scene, incident, number)
    with pytest.raises(Conflict, match="explains nothing"):
        asked(scene, incident)


@pytest.mark.parametrize("loosened", [False, True])
def test_the_database_refuses_a_question_below_a_root_cause_and_one_rewritten(scene: Scene, loosened: bool) -> None:
    incident, leader = reported(scene), scene["incidents"]
    asked(scene, incident, root=True)
    if loosened:
        loosen("^why_chain_is_whole$")

    def write() -> None:
        with acting(leader, door=Door.COMMAND, verb="incident.add_why"):
            Why.objects.create(incident=incident, number=2, question="?", answer="!", at=portal_now(), by=leader)
        seal_now()

    if loosened:
        write()
        return
    with pytest.raises(Conflict, match="root cause"):
        write()
    for model, change in ((Why, {"answer": "Other."}), (Why, {"root": False})):
        with (
            pytest.raises(Conflict, match="taken back at most"),
            acting(leader, door=Door.COMMAND, verb="incident.add_why"),
        ):
            model.objects.update(**change)


def test_a_factor_is_a_word_of_its_category_or_none_and_is_named_once(scene: Scene) -> None:
    incident, leader = reported(scene), scene["incidents"]
    data = add_factor(actor=leader, incident=incident, category="data", factor="upstream-change", text="Codes changed")
    assert data.title == TITLES["upstream-change"]
    add_factor(actor=leader, incident=incident, category="people", text="Nobody was asked")
    for wrong in ({"category": "data", "factor": "misuse"}, {"category": "weather"}, {"category": "data", "text": " "}):
        with pytest.raises(InvalidInput):
            add_factor(actor=leader, incident=incident, **{"text": "So", **wrong})  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="named already"):
        add_factor(actor=leader, incident=incident, category="data", factor="upstream-change", text="Again")
    take_back_factor(actor=leader, factor=data)
    with pytest.raises(Conflict, match="before"):
        take_back_factor(actor=leader, factor=data)
    add_factor(actor=leader, incident=incident, category="data", factor="upstream-change", text="Again")


def test_only_who_runs_it_analyses_and_only_until_it_is_over(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(Forbidden):
        add_why(actor=scene["owner"], incident=incident, question="Why?", answer="So.")
    over = in_state(scene, "closed")
    with pytest.raises(Conflict, match="reopen it"):
        asked(scene, over)


def test_what_is_found_later_is_agreed_with_anew_and_nothing_after_the_review_is_complete(scene: Scene) -> None:
    incident, leader = ready(scene), scene["incidents"]
    add_participant(actor=leader, incident=incident, person=scene["auditor"], function="legal", stage="improvement")
    write_review(actor=leader, incident=incident, **WORDS)  # type: ignore[arg-type]
    agree_review(actor=scene["auditor"], incident=incident)
    asked(scene, incident)
    assert Participant.objects.get().agreed_at is None
    complete_review(actor=leader, incident=incident)
    with pytest.raises(Conflict, match="complete"):
        asked(scene, incident)


def test_the_page_draws_the_fishbone_lists_it_and_takes_words_back(scene: Scene) -> None:
    incident = reported(scene, **SMALL)
    address = f"/incidents/{incident.pk}/analysis/"
    leader = browser(scene["incidents"])
    assert f'href="{address}"' in text(scene["owner"], f"/incidents/{incident.pk}/")
    shown = leader.get(f"{address}whys/new/").content.decode()
    assert "Because" in shown
    leader.post(f"{address}whys/new/", {"question": "Why did it drift?", "answer": "New *codes*.", "root": "on"})
    leader.post(f"{address}factors/new/", {"cause": "data:upstream-change", "text": "Merchant codes"})
    leader.post(f"{address}factors/new/", {"cause": "people:", "text": "Nobody was told"})
    shown = text(scene["owner"], address)
    assert "Root cause" in shown
    assert 'class="chart fishbone"' in shown
    assert "Data: Merchant codes" in shown
    assert "People: Nobody was told" in shown
    assert "Take back" not in shown
    assert leader.post(f"{address}factors/new/", {"cause": "data:nothing", "text": "?"}).status_code == 400
    for part, row in (("whys", Why.objects.get()), ("factors", ContributingFactor.objects.first())):
        assert row is not None
        assert leader.post(f"{address}{part}/{row.pk}/take-back/").status_code == 302
        assert browser(scene["outsider"]).post(f"{address}{part}/{row.pk}/take-back/").status_code == 404
        assert browser(scene["owner"]).post(f"{address}{part}/{row.pk}/take-back/").status_code == 403
    assert "Merchant codes" not in text(scene["owner"], address)


def test_the_same_over_rest(scene: Scene) -> None:
    incident = reported(scene)
    caller, address = Caller(scene["incidents"]), f"incidents/{incident.pk}/"
    good(caller.post(f"{address}whys/", {"question": "Why?", "answer": "So.", "root_cause": True}), 201)
    told = good(
        caller.post(f"{address}factors/", {"category": "model", "factor": "wrong-threshold", "text": "0.4"}), 201
    )
    (why,), (factor,) = told["whys"], told["factors"]
    assert (why["root_cause"], factor["title"]) == (True, TITLES["wrong-threshold"])
    problem(caller.post(f"{address}whys/", {"question": "Why?", "answer": "So."}), 409, "order")
    problem(caller.post(f"{address}factors/", {"category": "sky", "text": "x"}), 400)
    problem(Caller(scene["owner"]).post(f"{address}whys/", {"question": "Why?", "answer": "So."}), 403)
    problem(Caller(scene["outsider"]).post(f"{address}whys/", {"question": "Why?", "answer": "So."}), 404)
    assert good(caller.post(f"{address}whys/{why['id']}/take-back/"))["whys"] == []
    assert good(caller.post(f"{address}factors/{factor['id']}/take-back/"))["factors"] == []


def test_what_contributes_again_and_again_is_counted(scene: Scene) -> None:
    for _ in range(2):
        add_factor(
            actor=scene["incidents"], incident=reported(scene), category="data", factor="upstream-change", text="Codes"
        )
    taken = add_factor(
        actor=scene["incidents"], incident=reported(scene), category="data", factor="labels-wrong", text="Late"
    )
    take_back_factor(actor=scene["incidents"], factor=taken)
    tables = {table["key"]: table for table in good(Caller(scene["owner"]).get("incident-trends/"))["tables"]}
    ((title, number, systems, newest),) = tables["causes"]["rows"]
    assert (title, number, systems) == (TITLES["upstream-change"], 2, 1)
    assert newest == f"{portal_now():%Y-%m-%d}"
    assert "Repeat" in tables["causes"]["title"]


def test_a_fishbone_stands_still_whatever_is_said() -> None:
    assert draw_fishbone(CATEGORIES, []) is None
    few = draw_fishbone(CATEGORIES, [("data", "x" * 200), ("environment", "Rain")])
    assert few is not None
    assert len(few.bones) == len(CATEGORIES)
    assert [said.whole for said in few.causes] == ["x" * 200, "Rain"]
    assert len(few.causes[0].text) < 40
    many = draw_fishbone(CATEGORIES, [("data", f"Cause {n}") for n in range(40)])
    assert many is not None
    assert len(many.causes) == SHOWN + 1
    assert many.causes[-1].text == f"and {40 - SHOWN} more"
    assert all(0 < said.y < many.height for said in many.causes)


def test_every_word_of_the_vocabulary_is_of_one_category() -> None:
    words = [word for group in FACTORS.values() for word in group]
    assert len(words) == len(set(words)) == len(TITLES)
    assert set(FACTORS) == set(CATEGORIES)
