"""Assets: who registers, describes, stops and restores them; what is announced; what the database refuses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection

from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting, seal_now
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from governance.web import announcements, slots
from governance.web.slots import Group
from inventory import dependencies
from inventory.announcements import AssetStopped
from inventory.models import Asset, AssetVersion, Dependency, System
from inventory.services.assets import (
    add_asset_version,
    asset_version,
    breach_asset,
    change_asset,
    create_asset,
    restore_asset,
    withdraw_asset,
)
from inventory.services.dependencies import create_dependency, end_dependency
from tests.governance.access.people import appoint, person
from tests.inventory.scene import Scene

pytestmark = pytest.mark.django_db


def dataset(scene: Scene, name: str = "Customer master", **more: Any) -> Asset:
    return create_asset(actor=scene.owner, unit=scene.cards, kind="dataset", name=name, **more)


@pytest.fixture
def officer(scene: Scene) -> User:
    someone = person("head")
    appoint(someone, Role.RISK_OFFICER, unit=scene.cards)
    return someone


def test_whoever_builds_a_system_of_the_unit_registers_its_assets(scene: Scene) -> None:
    asset = dataset(scene, permission="granted", personal_data="yes", retention="6 years", source="core banking")
    assert (asset.slug, asset.state, asset.permission, asset.created_by) == (
        "customer-master", "active", "granted", scene.owner,
    )  # fmt: skip
    event = Event.objects.filter(table_name="inventory_asset").latest("id")
    assert (event.verb, event.actor_id) == ("asset.create", scene.owner.pk)


def test_nobody_registers_an_asset_in_a_unit_of_others(scene: Scene) -> None:
    with pytest.raises(NotVisible):
        create_asset(actor=scene.stranger, unit=scene.cards, kind="dataset", name="Mine")
    with pytest.raises(NotVisible):
        create_asset(actor=scene.owner, unit=scene.foreign.unit, kind="dataset", name="Mine")
    with pytest.raises(Forbidden):
        create_asset(actor=scene.viewer, unit=scene.cards, kind="dataset", name="Mine")


def test_a_field_of_another_kind_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_asset(
            actor=scene.owner, unit=scene.cards, kind="prompt", name="Greeting", contract="4711", licence="MIT"
        )
    assert set(refused.value.errors) == {"contract", "licence"}


def test_a_change_starts_from_what_was_seen(scene: Scene) -> None:
    asset = dataset(scene)
    seen = asset_version(asset)
    change_asset(actor=scene.owner, asset=asset, retention="6 years", expected=seen)
    with pytest.raises(Conflict) as stale:
        change_asset(actor=scene.owner, asset=asset, retention="7 years", expected=seen)
    assert stale.value.code == "stale"


def test_versions_are_added_once_and_never_change(scene: Scene) -> None:
    asset = dataset(scene)
    add_asset_version(actor=scene.owner, asset=asset, version="2026-10", sha256="sha256:" + "a" * 64)
    with pytest.raises(Conflict):
        add_asset_version(actor=scene.owner, asset=asset, version="2026-10")
    with pytest.raises(IntegrityError, match="never changes"):
        AssetVersion.objects.update(sha256="b" * 64)


def test_an_asset_is_seen_by_those_whose_systems_it_stands_open_to(scene: Scene) -> None:
    """By rights on its unit; in the unit of one's system or above; or because one's system depends on it."""
    here, above = dataset(scene), create_asset(actor=Command("scene"), unit=scene.bank, kind="library", name="solver")
    far = create_asset(actor=Command("scene"), unit=scene.foreign.unit, kind="api", name="Rates")
    assert set(dependencies.assets_for(scene.viewer)) == {here, above}
    assert set(dependencies.assets_for(scene.stranger)) == set()
    assert set(dependencies.assets_for(scene.governor)) == {here, above, far}
    create_dependency(actor=scene.governor, source=scene.scorer, target=far, relation="calls")
    assert set(dependencies.assets_for(scene.viewer)) == {here, above, far}


@pytest.fixture
def heard() -> Iterator[list[AssetStopped]]:
    facts: list[AssetStopped] = []
    others = dict(announcements._subscribers.get(AssetStopped, {}))
    announcements.subscribe(AssetStopped, facts.append)
    yield facts
    announcements._subscribers[AssetStopped] = others


def test_stopping_an_asset_announces_every_system_that_stands_on_it(scene: Scene, heard: list[AssetStopped]) -> None:
    raw, features = dataset(scene, "Raw"), dataset(scene, "Features")
    create_dependency(actor=scene.owner, source=features, target=raw, relation="derived_from")
    create_dependency(actor=scene.owner, source=scene.scorer, target=features, relation="trained_on")
    create_dependency(actor=scene.governor, source=scene.foreign, target=scene.scorer, relation="calls")
    withdraw_asset(actor=scene.owner, asset=raw, reason="The permission ended.")
    (fact,) = heard
    assert (fact.asset, fact.state, fact.reason) == (raw.pk, "withdrawn", "The permission ended.")
    assert set(fact.systems) == {scene.scorer.pk, scene.foreign.pk}


def test_a_stop_needs_a_reason_and_a_right(scene: Scene) -> None:
    asset = dataset(scene)
    with pytest.raises(InvalidInput):
        withdraw_asset(actor=scene.owner, asset=asset, reason=" ")
    with pytest.raises(Forbidden):
        withdraw_asset(actor=scene.viewer, asset=asset, reason="No.")
    with pytest.raises(NotVisible):
        withdraw_asset(actor=scene.stranger, asset=asset, reason="No.")


def test_who_stopped_it_does_not_return_it_to_use(scene: Scene, officer: User) -> None:
    asset = dataset(scene)
    breach_asset(actor=officer, asset=asset, reason="Found on a public bucket.")
    with pytest.raises(Forbidden) as refused:
        restore_asset(actor=officer, asset=asset, reason="Was nothing.")
    assert refused.value.code == "sod.same_person"
    with pytest.raises(Forbidden):
        restore_asset(actor=scene.owner, asset=asset, reason="A system's owner answers for no unit.")
    assert restore_asset(actor=scene.governor, asset=asset, reason="Keys rotated.").state == "active"


def test_the_database_refuses_to_let_one_person_do_both(scene: Scene, officer: User) -> None:
    asset = withdraw_asset(actor=officer, asset=dataset(scene), reason="Old.")

    def again() -> None:
        with acting(officer, door=Door.WEB, verb="asset.restore"):
            Asset.objects.filter(pk=asset.pk).update(state="active", state_by=officer)

    with pytest.raises(Forbidden) as refused:
        again()
    assert refused.value.code == "sod.same_person"


def test_dependencies_lead_from_systems_and_assets_to_what_they_need(scene: Scene) -> None:
    asset = dataset(scene)
    add_asset_version(actor=scene.owner, asset=asset, version="1")
    made = create_dependency(actor=scene.owner, source=scene.scorer, target=asset, relation="trained_on", version="1")
    assert made.version is not None
    with pytest.raises(Conflict):
        create_dependency(actor=scene.owner, source=scene.scorer, target=asset, relation="uses")
    for source, target, version in ((asset, scene.scorer, ""), (asset, asset, ""), (scene.scorer, asset, "9")):
        with pytest.raises(InvalidInput):
            create_dependency(actor=scene.owner, source=source, target=target, relation="uses", version=version)
    with pytest.raises(InvalidInput):
        create_dependency(actor=scene.owner, source=scene.scorer, target=scene.foreign, relation="calls")
    with pytest.raises(Forbidden):
        create_dependency(actor=scene.viewer, source=scene.scorer, target=asset, relation="uses")


def test_a_dependency_is_ended_once_and_may_be_said_anew(scene: Scene) -> None:
    asset = dataset(scene)
    edge = create_dependency(actor=scene.owner, source=scene.scorer, target=asset, relation="uses")
    end_dependency(actor=scene.owner, dependency=edge, reason="Replaced.")
    with pytest.raises(Conflict):
        end_dependency(actor=scene.owner, dependency=edge)
    create_dependency(actor=scene.owner, source=scene.scorer, target=asset, relation="uses")


BAD_EDGES = {
    "on itself": "INSERT INTO inventory_dependency (asset_id, on_asset_id, relation, note, created_at) "
    "VALUES ({a}, {a}, 'uses', '', portal_now())",
    "asset on system": "INSERT INTO inventory_dependency (asset_id, on_system_id, relation, note, created_at) "
    "VALUES ({a}, {s}, 'uses', '', portal_now())",
    "nowhere": "INSERT INTO inventory_dependency (system_id, relation, note, created_at) "
    "VALUES ({s}, 'uses', '', portal_now())",
    "another's version": "INSERT INTO inventory_dependency (system_id, on_asset_id, version_id, relation, note, "
    "created_at) VALUES ({s}, {b}, {v}, 'uses', '', portal_now())",
    "moved": "UPDATE inventory_dependency SET on_asset_id = {b}",
    "deleted": "DELETE FROM inventory_dependency",
}


@pytest.mark.parametrize("name", BAD_EDGES)
def test_the_database_refuses_edges_that_make_no_sense(scene: Scene, name: str) -> None:
    first, second = dataset(scene, "A"), dataset(scene, "B")
    version = add_asset_version(actor=scene.owner, asset=first, version="1")
    create_dependency(actor=scene.owner, source=scene.scorer, target=first, relation="uses")
    keys = {"a": first.pk, "b": second.pk, "s": scene.scorer.pk, "v": version.pk}

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BAD_EDGES[name].format(**keys))
        seal_now()

    with pytest.raises(IntegrityError):
        write()


def test_owners_of_dependent_systems_find_it_in_their_work(scene: Scene) -> None:
    raw, features = dataset(scene, "Raw"), dataset(scene, "Features")
    create_dependency(actor=scene.owner, source=features, target=raw, relation="derived_from")
    create_dependency(actor=scene.owner, source=scene.scorer, target=features, relation="trained_on")
    before = slots.waiting_count(scene.owner)
    withdraw_asset(actor=scene.developer, asset=raw, reason="The permission ended.")
    assert slots.waiting_count(scene.owner) == before + 1  # the review of its use says it; no second line does
    titles = [item.title for item in slots.work(scene.owner, Group.WAITING)]
    assert any("Review the use of “Raw”" in title for title in titles)
    assert not [item for item in slots.work(scene.developer, Group.WAITING) if "Raw" in item.title]


def close_ring(source: Asset, target: Asset) -> Dependency:
    """An edge no door takes: rings that stand nevertheless are walked once."""
    return Dependency.objects.create(asset=source, on_asset=target, relation="derived_from", created_at=portal_now())


def test_nothing_comes_to_stand_on_itself(scene: Scene) -> None:
    a, b, c = (dataset(scene, name) for name in ("a", "b", "c"))
    said: list[tuple[System | Asset, System | Asset]]
    said = [(b, a), (c, b), (scene.scorer, c), (scene.foreign, scene.scorer)]
    for source, target in said:
        create_dependency(actor=scene.governor, source=source, target=target, relation="uses")
    back: list[tuple[System | Asset, System | Asset]] = [(a, b), (a, c), (scene.scorer, scene.foreign)]
    for source, target in back:
        with pytest.raises(Conflict) as refused:
            create_dependency(actor=scene.governor, source=source, target=target, relation="uses")
        assert [reason.code for reason in refused.value.reasons] == ["cycle"]
    end_dependency(actor=scene.owner, dependency=Dependency.objects.get(asset=b))
    create_dependency(actor=scene.owner, source=a, target=c, relation="uses")


def ring(scene: Scene) -> list[Asset]:
    """a ← b ← c ← a, the scorer on c, the foreign system on the scorer."""
    assets = [dataset(scene, name) for name in ("a", "b", "c")]
    for needed, needing in pairwise(assets):
        create_dependency(actor=scene.owner, source=needing, target=needed, relation="derived_from")
    close_ring(assets[0], assets[2])
    create_dependency(actor=scene.owner, source=scene.scorer, target=assets[2], relation="trained_on")
    create_dependency(actor=scene.governor, source=scene.foreign, target=scene.scorer, relation="calls")
    return assets


def test_the_blast_radius_walks_rings_once_and_counts_what_one_may_not_see(scene: Scene) -> None:
    a, _, c = ring(scene)
    seen = dependencies.blast_radius(scene.governor, a)
    assert [(one.kind, one.name, one.depth) for one in seen.reached] == [
        ("asset", "b", 1), ("asset", "c", 2), ("system", "Scorer", 3), ("system", "Foreign", 4),
    ]  # fmt: skip
    assert (seen.total, seen.hidden, seen.depth, seen.truncated) == (4, 0, 4, False)
    less = dependencies.blast_radius(scene.viewer, a)
    assert [one.name for one in less.reached] == ["b", "c", "Scorer"]
    assert (less.total, less.hidden) == (4, 1)
    assert less.systems[0].owner == "owner"
    assert [one.name for one in dependencies.blast_radius(scene.viewer, c).reached] == ["Scorer", "a", "b"]
    assert dependencies.blast_radius(scene.governor, scene.foreign).total == 0


def test_the_blast_radius_stops_after_twelve_steps(scene: Scene) -> None:
    chain = [dataset(scene, f"link {n}") for n in range(15)]
    for needed, needing in pairwise(chain):
        create_dependency(actor=scene.owner, source=needing, target=needed, relation="derived_from")
    spread = dependencies.blast_radius(scene.owner, chain[0])
    assert (spread.total, spread.depth) == (12, 12)


def test_ended_dependencies_spread_nothing(scene: Scene) -> None:
    a, *_ = ring(scene)
    for edge in Dependency.objects.filter(on_asset=a):
        end_dependency(actor=scene.owner, dependency=edge)
    assert dependencies.blast_radius(scene.governor, a).total == 0
