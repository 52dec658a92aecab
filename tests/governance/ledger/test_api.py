"""The record over REST: read by those who may, about what they may see."""

import pytest

from inventory.services import change_system
from tests.inventory.scene import Scene, build
from tests.rest import Caller, good, problem


@pytest.fixture
def scene(db: None) -> Scene:
    scene = build()
    change_system(actor=scene.owner, system=scene.scorer, purpose="Scores.")
    return scene


def test_an_owner_reads_what_happened_to_the_system(scene: Scene) -> None:
    newest = good(Caller(scene.owner).get("ledger/?system=scorer"))["results"][0]
    assert (newest["verb"], newest["actor"], newest["system"], newest["op"]) == (
        "system.change",
        "Owner",
        "scorer",
        "U",
    )
    assert (newest["before"]["purpose"], newest["after"]["purpose"]) == ("", "Scores.")
    assert newest["block"] is not None
    mine = good(Caller(scene.owner).get("ledger/?verb=system.change&actor=owner"))["results"]
    assert [event["id"] for event in mine] == [newest["id"]]


def test_of_other_systems_nothing_is_told(scene: Scene) -> None:
    systems = {event["system"] for event in good(Caller(scene.owner).get("ledger/?page_size=200"))["results"]}
    assert systems == {"scorer"}
    problem(Caller(scene.owner).get("ledger/?system=foreign"), 404)
    problem(Caller(scene.owner).get("ledger/?system=none"), 404)


def test_who_sees_the_system_without_the_right_is_refused(scene: Scene) -> None:
    problem(Caller(scene.viewer).get("ledger/?system=scorer"), 403)
    problem(Caller(scene.stranger).get("ledger/"), 403)


def test_governance_reads_everything_in_a_fixed_number_of_statements(
    scene: Scene, django_assert_max_num_queries: object
) -> None:
    caller = Caller(scene.governor)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        few = good(caller.get("ledger/?page_size=2"))
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        many = good(caller.get("ledger/?page_size=200"))
    assert (len(few["results"]), many["results"][:2]) == (2, few["results"])
    problem(caller.get("ledger/?verb=x"), 400)
    problem(caller.get("ledger/?table=a&before=1"), 400)
