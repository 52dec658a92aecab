"""Releases are described in draft by those who build, bound by digests, and moved by one writer."""

from dataclasses import replace

import pytest

from governance.access.rights import NotVisible
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Artifact, Release
from inventory.services import (
    ArtifactInput,
    change_release,
    create_release,
    discard_release,
    retire_release,
    set_artifacts,
)
from inventory.services.releases import release_version
from tests.inventory.scene import SHA, Scene, put_in_state

WEIGHTS = ArtifactInput(name="weights", kind="model", version="3", uri="s3://models/3", sha256=f"sha256:{SHA}")
SERVICE = ArtifactInput(
    name="llm", kind="service", vendor="Acme", model_id="acme-large", version="2026-01", region="eu",
    configuration={"temperature": 0.2},
)  # fmt: skip


def draft(scene: Scene, version: str = "1.0", *lines: ArtifactInput) -> Release:
    return create_release(actor=scene.developer, system=scene.scorer, version=version, artifacts=lines)


def test_a_developer_describes_a_release_in_draft_bound_by_digests(scene: Scene) -> None:
    release = draft(scene, " 1.0 ", WEIGHTS)
    assert (release.version, release.state, release.created_by) == ("1.0", "draft", scene.developer)
    assert release.artifacts.get().sha256 == SHA


def test_a_vendor_service_is_bound_by_its_configuration(scene: Scene) -> None:
    first, second = draft(scene, "1", SERVICE), draft(scene, "2", replace(SERVICE, configuration={"temperature": 0.9}))
    digests = [release.artifacts.get().sha256 for release in (first, second)]
    assert len(set(digests)) == 2
    assert all(len(digest) == 64 for digest in digests)
    with pytest.raises(InvalidInput) as caught:
        draft(scene, "3", replace(SERVICE, sha256=SHA))
    assert list(caught.value.errors) == ["artifacts.0.sha256"]


def test_every_wrong_line_is_named(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as caught:
        draft(
            scene,
            "1",
            replace(WEIGHTS, sha256="A" * 64),
            replace(WEIGHTS, kind="thing"),
            replace(SERVICE, vendor="", configuration={"deep": float("nan")}),
            replace(WEIGHTS, name=""),
            WEIGHTS,
            replace(WEIGHTS, region="eu"),
        )
    assert set(caught.value.errors) == {
        "artifacts.0.sha256", "artifacts.1.kind", "artifacts.2.vendor", "artifacts.2.configuration",
        "artifacts.3.name", "artifacts.1.name", "artifacts.4.name", "artifacts.5.name", "artifacts.5.region",
    }  # fmt: skip


def test_a_version_stands_once_in_a_system(scene: Scene) -> None:
    draft(scene)
    with pytest.raises(Conflict) as caught:
        draft(scene)
    assert caught.value.code == "duplicate"


@pytest.mark.parametrize("who", ["viewer", "governor", "operator"])
def test_people_who_see_the_system_without_the_right_describe_no_release(scene: Scene, who: str) -> None:
    with pytest.raises(Forbidden):
        create_release(actor=getattr(scene, who), system=scene.scorer, version="1")
    with pytest.raises(NotVisible):
        create_release(actor=scene.stranger, system=scene.scorer, version="1")
    assert not Release.objects.exists()


def test_the_bill_of_materials_becomes_exactly_what_is_given(scene: Scene) -> None:
    release = draft(scene, "1", WEIGHTS, replace(WEIGHTS, name="tokenizer"))
    kept = release.artifacts.get(name="weights").pk
    set_artifacts(actor=scene.developer, release=release, artifacts=[replace(WEIGHTS, sha256="b" * 64), SERVICE])
    assert set(release.artifacts.values_list("name", flat=True)) == {"weights", "llm"}
    assert release.artifacts.get(pk=kept).sha256 == "b" * 64


@pytest.mark.parametrize("state", [state for state in Release.State.values if state != "draft"])
def test_outside_draft_a_release_is_frozen(scene: Scene, state: str) -> None:
    release = put_in_state(draft(scene, "1", WEIGHTS), state)
    with pytest.raises(Conflict) as caught:
        change_release(actor=scene.developer, release=release, notes="more")
    assert caught.value.code == "frozen"
    with pytest.raises(Conflict) as caught:
        set_artifacts(actor=scene.developer, release=release, artifacts=[])
    assert caught.value.code == "frozen"
    assert Artifact.objects.filter(release=release).count() == 1


def test_a_predecessor_is_another_release_of_the_same_system(scene: Scene) -> None:
    first = draft(scene, "1")
    second = create_release(actor=scene.developer, system=scene.scorer, version="2", predecessor=first)
    assert second.predecessor == first
    for impossible in (second, _release_elsewhere(scene)):
        with pytest.raises(InvalidInput) as caught:
            change_release(actor=scene.developer, release=second, predecessor=impossible)
        assert list(caught.value.errors) == ["predecessor"]


def test_a_change_made_on_an_older_state_is_stale(scene: Scene) -> None:
    release = draft(scene)
    seen = release_version(release)
    change_release(actor=scene.developer, release=release, notes="one", expected=seen)
    with pytest.raises(Conflict) as caught:
        change_release(actor=scene.developer, release=release, notes="two", expected=seen)
    assert caught.value.code == "stale"


def test_a_draft_is_discarded_once(scene: Scene) -> None:
    release = draft(scene)
    with pytest.raises(Forbidden):
        discard_release(actor=scene.viewer, release=release)
    assert discard_release(actor=scene.developer, release=release).state == "discarded"
    with pytest.raises(Conflict):
        discard_release(actor=scene.developer, release=release)


def test_an_owner_retires_what_was_approved(scene: Scene) -> None:
    release = draft(scene)
    with pytest.raises(Conflict):
        retire_release(actor=scene.owner, release=release)
    put_in_state(release, "approved")
    with pytest.raises(Forbidden):
        retire_release(actor=scene.developer, release=release)
    assert retire_release(actor=scene.owner, release=release, reason="Replaced.").state == "retired"


def _release_elsewhere(scene: Scene) -> Release:
    other = create_release(actor=scene.developer, system=scene.scorer, version="9")
    other.system = scene.foreign
    return other
