"""Systems are registered, described, tiered and moved by those who may."""

from typing import Any

import pytest

from governance.access.rights import NotVisible
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden
from inventory.models import System
from inventory.services import answer_questionnaire, change_system, create_release, create_system, move_system
from inventory.services.systems import system_version
from tests.clocks import Clock
from tests.inventory.scene import ANSWERS, Scene, adopt_baseline, put_in_state


def test_governance_registers_a_system_that_knows_nothing_of_itself_yet(scene: Scene) -> None:
    added = create_system(actor=scene.governor, unit=scene.cards, name="Churn model")
    assert (added.slug, added.phase, added.impact, added.tier) == ("churn-model", "not_stated", "not_stated", "")


def test_registering_needs_the_right_on_the_unit(scene: Scene) -> None:
    for actor in (scene.owner, scene.stranger, scene.operator):
        with pytest.raises((Forbidden, NotVisible)):
            create_system(actor=actor, unit=scene.cards, name="Mine")
    assert not System.objects.filter(name="Mine").exists()


def test_a_system_begins_in_no_phase_it_cannot_have_come_to(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_system(actor=scene.governor, unit=scene.cards, name="Old", phase="retired")
    assert list(caught.value.errors) == ["phase"]


def test_every_wrong_field_is_named_at_once(scene: Scene) -> None:
    wrong: dict[str, Any] = {
        "purpose": "a\0", "impact": "huge", "vendor": 7, "links": [{"url": "javascript:1"}],
        "regimes": [{"regime": "ai-act", "scope": "maybe", "more": 1}], "responsibilities": {"": "x"},
        "objectives_review_on": "soon",
    }  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        change_system(actor=scene.owner, system=scene.scorer, **wrong)
    assert set(caught.value.errors) == {
        "purpose", "impact", "vendor", "links.0.url", "regimes.0.scope", "regimes.0.more", "responsibilities",
        "objectives_review_on",
    }  # fmt: skip


def test_an_owner_describes_the_system_and_the_time_of_it_is_kept(scene: Scene, clock: Clock) -> None:
    before = scene.scorer.updated_at
    changed = change_system(
        actor=scene.owner, system=scene.scorer, purpose="Scores card payments.", links=[{"url": "https://example.org"}]
    )
    assert changed.purpose == "Scores card payments."
    assert changed.links == [{"url": "https://example.org", "title": ""}]
    assert changed.updated_at >= before
    assert System.objects.get(pk=changed.pk).name == scene.scorer.name


@pytest.mark.parametrize("who", ["developer", "viewer", "operator"])
def test_people_who_see_it_without_the_right_do_not_change_it(scene: Scene, who: str) -> None:
    with pytest.raises(Forbidden):
        change_system(actor=getattr(scene, who), system=scene.scorer, purpose="Mine")


def test_who_does_not_see_it_is_told_of_nothing(scene: Scene) -> None:
    with pytest.raises(NotVisible):
        change_system(actor=scene.stranger, system=scene.scorer, purpose="Mine")
    with pytest.raises(NotVisible):
        move_system(actor=scene.stranger, system=scene.scorer, verb="retire")


def test_moving_to_another_unit_needs_the_right_there_too(scene: Scene) -> None:
    with pytest.raises(NotVisible):
        change_system(actor=scene.owner, system=scene.scorer, unit=scene.foreign.unit)
    moved = change_system(actor=scene.governor, system=scene.scorer, unit=scene.foreign.unit)
    assert moved.unit == scene.foreign.unit


def test_a_change_made_on_an_older_state_is_stale(scene: Scene, clock: Clock) -> None:
    seen = system_version(scene.scorer)
    change_system(actor=scene.owner, system=scene.scorer, purpose="One", expected=seen)
    with pytest.raises(Conflict) as caught:
        change_system(actor=scene.owner, system=scene.scorer, purpose="Two", expected=seen)
    assert caught.value.code == "stale"


def test_answers_come_to_a_tier_with_the_rule_and_the_pack_that_said_so(scene: Scene) -> None:
    adopt_baseline()
    tiered = answer_questionnaire(actor=scene.owner, system=scene.scorer, answers=ANSWERS)
    assert (tiered.tier, tiered.tier_pack) == ("medium", "baseline 2026.1")
    assert "(rule: matrix)" in tiered.tier_reason
    lifted = answer_questionnaire(
        actor=scene.owner, system=scene.scorer, answers={**ANSWERS, "vulnerable-groups": "yes"}
    )
    assert lifted.tier == "high"
    assert "(rule: protected-people)" in lifted.tier_reason


def test_open_questions_leave_the_tier_open(scene: Scene) -> None:
    adopt_baseline()
    still_open = answer_questionnaire(actor=scene.owner, system=scene.scorer, answers={"novelty": "new"})
    assert still_open.tier == ""
    assert "Not answered" in still_open.tier_reason


def test_an_answer_is_changed_but_not_taken_back_and_the_tier_stays(scene: Scene) -> None:
    adopt_baseline()
    answer_questionnaire(actor=scene.owner, system=scene.scorer, answers=ANSWERS)
    rest = {question: answer for question, answer in ANSWERS.items() if question != "money"}
    with pytest.raises(InvalidInput) as caught:
        answer_questionnaire(actor=scene.owner, system=scene.scorer, answers=rest)
    assert list(caught.value.errors) == ["answers.money"]
    kept = System.objects.get(pk=scene.scorer.pk)
    assert (kept.tier, kept.answers) == ("medium", ANSWERS)


def test_an_answer_the_pack_does_not_know_is_named(scene: Scene) -> None:
    adopt_baseline()
    with pytest.raises(InvalidInput) as caught:
        answer_questionnaire(
            actor=scene.owner, system=scene.scorer, answers={**ANSWERS, "novelty": "very", "shoe-size": "44"}
        )
    assert set(caught.value.errors) == {"answers.novelty", "answers.shoe-size"}


def test_without_a_pack_in_force_nothing_is_tiered(scene: Scene) -> None:
    with pytest.raises(Conflict) as caught:
        answer_questionnaire(actor=scene.owner, system=scene.scorer, answers=ANSWERS)
    assert caught.value.code == "no_policy"


def test_a_system_moves_along_its_phases(scene: Scene) -> None:
    assert move_system(actor=scene.owner, system=scene.scorer, verb="move_to_pilot").phase == "pilot"
    with pytest.raises(Conflict):
        move_system(actor=scene.owner, system=scene.scorer, verb="move_to_pilot")
    with pytest.raises(Forbidden):
        move_system(actor=scene.developer, system=scene.scorer, verb="move_to_production")


def test_a_system_retires_when_nothing_of_it_runs(scene: Scene) -> None:
    release = create_release(actor=scene.developer, system=scene.scorer, version="1")
    put_in_state(release, "approved")
    with pytest.raises(Conflict) as caught:
        move_system(actor=scene.owner, system=scene.scorer, verb="retire")
    assert caught.value.code == "blocked"
    put_in_state(release, "retired")
    assert move_system(actor=scene.owner, system=scene.scorer, verb="retire").phase == "retired"
    with pytest.raises(Conflict):
        create_release(actor=scene.developer, system=scene.scorer, version="2")
