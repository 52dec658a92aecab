"""Units are added and moved by those who may, under names and addresses that are free."""

import pytest

from governance.access.rights import NotVisible
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Unit
from inventory.services import change_unit, create_unit
from inventory.services.units import unit_version
from tests.inventory.scene import Scene


def test_governance_adds_a_unit_with_an_address_from_its_name(scene: Scene) -> None:
    added = create_unit(actor=scene.governor, name=" Retail banking ", parent=scene.bank)
    assert (added.name, added.slug, added.parent) == ("Retail banking", "retail-banking", scene.bank)


def test_an_owner_of_a_system_adds_no_unit(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        create_unit(actor=scene.owner, name="Mine")
    with pytest.raises(NotVisible):
        create_unit(actor=scene.stranger, name="Mine", parent=scene.bank)
    assert not Unit.objects.filter(name="Mine").exists()


def test_a_name_is_taken_whatever_its_case_and_only_below_the_same_parent(scene: Scene) -> None:
    with pytest.raises(Conflict) as caught:
        create_unit(actor=scene.governor, name="CARDS", parent=scene.bank)
    assert caught.value.code == "duplicate"
    assert create_unit(actor=scene.governor, name="Cards").slug == "cards-2"


@pytest.mark.parametrize("slug", ["Cards", "a--b", "add", "-a", "a" * 121, "ａ"])
def test_an_address_that_is_none_is_refused(scene: Scene, slug: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_unit(actor=scene.governor, name="New", slug=slug)
    assert list(caught.value.errors) == ["slug"]


def test_a_taken_address_is_a_conflict(scene: Scene) -> None:
    with pytest.raises(Conflict):
        create_unit(actor=scene.governor, name="Other", slug="cards")


def test_a_unit_is_renamed_and_keeps_its_address_and_place(scene: Scene) -> None:
    changed = change_unit(actor=scene.governor, unit=scene.cards, name="Payment cards")
    assert (changed.name, changed.slug, changed.parent) == ("Payment cards", "cards", scene.bank)


def test_a_unit_moves_but_never_below_itself(scene: Scene) -> None:
    with pytest.raises(Conflict) as caught:
        change_unit(actor=scene.governor, unit=scene.bank, parent=scene.cards, move=True)
    assert caught.value.code == "cycle"
    assert change_unit(actor=scene.governor, unit=scene.cards, parent=None, move=True).parent is None


def test_a_change_made_on_an_older_state_is_stale(scene: Scene) -> None:
    seen = unit_version(scene.cards)
    change_unit(actor=scene.governor, unit=scene.cards, name="One", expected=seen)
    with pytest.raises(Conflict) as caught:
        change_unit(actor=scene.governor, unit=scene.cards, name="Two", expected=seen)
    assert caught.value.code == "stale"
