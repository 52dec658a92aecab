"""What a system depends on, in its packages and at the gate."""

from __future__ import annotations

import json

import pytest

from governance.database.clock import portal_now
from governance.lifecycle import Conflict
from governance.policy.binding import moved
from governance.policy.checking import Purpose
from governance.policy.decide import Status, decide
from governance.policy.facts import AssetFact, DependencyFacts
from governance.policy.queries import facts_of, rules_in_force
from governance.validation.models import Contribution
from governance.validation.services import renew_release
from inventory.dependencies import blast_radius
from inventory.models import Asset, Dependency, Release
from inventory.services.assets import add_asset_version, create_asset, restore_asset, withdraw_asset
from inventory.services.dependencies import create_dependency, end_dependency
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import refusal
from tests.governance.validation.test_forged_packages import first, forge

pytestmark = pytest.mark.django_db
__all__ = ["first"]


@pytest.fixture
def data(scene: Scene) -> Asset:
    """A dataset in version 1 that the scorer is trained on, itself derived from raw data."""
    raw = create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Raw")
    asset = create_asset(actor=scene["owner"], unit=scene.unit, kind="dataset", name="Features")
    add_asset_version(actor=scene["owner"], asset=asset, version="1")
    create_dependency(actor=scene["owner"], source=asset, target=raw, relation="derived_from")
    create_dependency(actor=scene["deputy"], source=scene.system, target=asset, relation="trained_on")
    return asset


def line(release: Release, name: str) -> tuple[Status, str]:
    """How one requirement stands at the gate of production."""
    _, rules = rules_in_force()
    facts = facts_of([release])[release.pk]
    decision = decide(facts, rules, rules.document.environment("production"), portal_now(), Purpose.DEPLOY)
    found = next(one for one in decision.lines if one.id == name)
    return found.status, found.reason


def test_facts_tell_what_the_orm_tells(scene: Scene, data: Asset) -> None:
    release = scene.release()
    assert facts_of([release])[release.pk].dependencies == DependencyFacts(frozenset({("asset:features", "1")}))
    raw = Asset.objects.get(slug="raw")
    withdraw_asset(actor=scene["owner"], asset=raw, reason="Permission ended.")
    withdraw_asset(actor=scene["owner"], asset=data, reason="Permission ended.")
    assert facts_of([release])[release.pk].dependencies.unusual == (
        AssetFact(data.pk, "features", "Features", "withdrawn", True),
        AssetFact(raw.pk, "raw", "Raw", "withdrawn", False),
    )


def test_facts_follow_rings_and_forget_what_ended(scene: Scene, data: Asset) -> None:
    raw = Asset.objects.get(slug="raw")
    Dependency.objects.create(asset=raw, on_asset=data, relation="uses", created_at=portal_now())
    withdraw_asset(actor=scene["owner"], asset=raw, reason="Old.")
    release = scene.release()
    assert [asset.slug for asset in facts_of([release])[release.pk].dependencies.unusual] == ["raw"]
    end_dependency(actor=scene["owner"], dependency=Dependency.objects.get(system=scene.system))
    assert facts_of([release])[release.pk].dependencies == DependencyFacts()


def test_the_package_names_what_the_system_depends_on(scene: Scene, data: Asset) -> None:
    submission = scene.submitted()
    (told,) = json.loads(submission.manifest)["dependencies"]
    assert (told["on"], told["version"], told["relation"], told["kind"]) == (
        "asset:features", "1", "trained_on", "dataset",
    )  # fmt: skip
    assert submission.dependencies == [["asset:features", "1"]]
    assert Contribution.objects.filter(release=submission.release, person=scene["deputy"], kind="dependency").exists()


def test_a_withdrawn_asset_closes_the_gate_and_is_named(scene: Scene, data: Asset) -> None:
    release = scene.approved().release
    assert line(release, "dependencies")[0] is Status.MET
    withdraw_asset(actor=scene["owner"], asset=Asset.objects.get(slug="raw"), reason="Permission ended.")
    assert line(release, "dependencies") == (Status.UNMET, "“Raw” is withdrawn (through others).")
    restore_asset(actor=scene["riskofficer"], asset=Asset.objects.get(slug="raw"), reason="It was granted again.")
    assert line(release, "dependencies")[0] is Status.MET


def test_the_last_stage_is_not_signed_over_a_withdrawn_asset(scene: Scene, data: Asset) -> None:
    submission = scene.submitted()
    withdraw_asset(actor=scene["owner"], asset=data, reason="Permission ended.")
    with pytest.raises(Conflict, match="Features"):
        scene.sign_all(submission)


def test_a_newer_version_or_another_edge_asks_for_a_renewal(scene: Scene, data: Asset) -> None:
    release = scene.approved().release
    assert line(release, "context-current")[0] is Status.MET
    add_asset_version(actor=scene["owner"], asset=data, version="2")
    assert line(release, "context-current") == (
        Status.UNMET, "Changed since submission 1: what it depends on (features 1 → 2).",
    )  # fmt: skip
    scene.sign_all(renew_release(actor=scene["owner"], release=release))
    assert line(release, "context-current")[0] is Status.MET
    end_dependency(actor=scene["owner"], dependency=Dependency.objects.get(system=scene.system))
    assert "features dropped" in line(release, "context-current")[1]


def test_a_pinned_version_stays_what_was_approved(scene: Scene, data: Asset) -> None:
    end_dependency(actor=scene["owner"], dependency=Dependency.objects.get(system=scene.system))
    create_dependency(actor=scene["owner"], source=scene.system, target=data, relation="trained_on", version="1")
    release = scene.approved().release
    add_asset_version(actor=scene["owner"], asset=data, version="2")
    assert line(release, "context-current")[0] is Status.MET


@pytest.mark.parametrize("forged", [[], [{"on": "asset:features", "version": "0", "relation": "trained_on"}]])
def test_a_package_that_hides_a_dependency_is_refused(
    scene: Scene, data: Asset, first: object, forged: list[object]
) -> None:
    assert refusal(lambda: forge(scene, first, dependencies=forged)) == "package_dependencies_agrees"  # type: ignore[arg-type]


def test_differences_are_told_in_words() -> None:
    before = frozenset({("asset:a", "1"), ("asset:b", "")})
    after = frozenset({("asset:a", "2"), ("system:c", "")})
    assert moved(before, after) == "a 1 → 2, b dropped, c added"


def test_the_blast_radius_names_owners_and_approved_releases(scene: Scene, data: Asset) -> None:
    release = scene.approved().release
    scene.release()
    (reached, system) = blast_radius(scene["viewer"], Asset.objects.get(slug="raw")).reached
    assert (reached.slug, reached.releases) == ("features", ())
    assert (system.slug, system.owner, system.releases) == (
        "scorer", "owner", ((release.pk, release.version, "approved", ()),),
    )  # fmt: skip
