"""Paper and reality: what differs from the release approved last, and which of it nobody asked for."""

from __future__ import annotations

import pytest

from governance.changes.queries import drift_of
from governance.changes.services import submit_change
from governance.ledger.acting import Command, Door, acting
from governance.lifecycle import Conflict
from governance.policy.drift import Content, Difference, content_of, differences, uncovered
from governance.policy.packs import digest, parse, shipped, stored
from governance.policy.queries import facts_of, pack_in_force
from governance.validation.services import submit_release
from inventory.models import Release
from inventory.services import ArtifactInput, create_release
from tests.governance.changes.walk import asked
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import text
from tests.loosening import loosen

OLD = Content({"model": ("model", "aa"), "app": ("container", "bb")}, "Scores.", "Holders.")
ASKED = "    check: changes_covered\n"


def test_equal_contents_do_not_differ() -> None:
    assert differences(OLD, Content(dict(OLD.artifacts), "Scores.", "Holders.")) == ()


def test_every_difference_is_named_with_its_subject() -> None:
    new = Content({"model": ("model", "cc"), "prompt": ("prompt", "dd")}, "Declines.", "Everybody.")
    assert differences(OLD, new) == (
        Difference("container", "app is gone"), Difference("model", "model has other content"),
        Difference("prompt", "prompt is new"), Difference("intended_use", "the intended use is another"),
        Difference("affected_groups", "the affected groups are others"),
    )  # fmt: skip


def test_an_artifact_that_changed_its_kind_is_judged_by_the_new_one() -> None:
    new = Content({**OLD.artifacts, "app": ("service", "bb")}, "Scores.", "Holders.")
    assert differences(OLD, new) == (Difference("service", "app has other content"),)


def test_a_kind_of_change_covers_what_the_policy_says_it_covers() -> None:
    section = parse(shipped("baseline")).changes
    assert section is not None
    kinds = {kind.id: kind for kind in section.kinds}
    found = (Difference("model", "x"), Difference("prompt", "y"), Difference("intended_use", "z"))
    assert uncovered(found, ()) == found
    assert uncovered(found, [kinds["retraining"]]) == found[1:]
    assert uncovered(found, [kinds["retraining"], kinds["prompt"], kinds["intended-use"]]) == ()
    assert uncovered(found, [kinds["law"], kinds["retirement"]]) == found


def test_what_every_subject_is_covered_by() -> None:
    """The table of the policy, written by hand."""
    section = parse(shipped("baseline")).changes
    assert section is not None
    covering = {
        "model": {"retraining", "data", "feature", "vendor", "threshold"},
        "dataset": {"retraining", "data", "feature"},
        "container": {"retraining", "data", "feature", "code", "infrastructure", "api", "user-interface",
                      "third-party-version"},
        "code": {"feature", "code", "api", "user-interface"},
        "package": {"code", "third-party-version"},
        "prompt": {"prompt"},
        "configuration": {"prompt", "threshold", "infrastructure"},
        "service": {"api", "third-party-version", "vendor"},
        "other": {"infrastructure"},
        "intended_use": {"intended-use"},
        "affected_groups": {"affected-group"},
    }  # fmt: skip
    for subject, expected in covering.items():
        assert {kind.id for kind in section.kinds if subject in kind.covers} == expected, subject


def test_a_package_without_parts_is_empty() -> None:
    assert content_of({}) == Content({})


def other(scene: Scene) -> Release:
    """A draft whose model has other content and whose prompt is new."""
    return create_release(
        actor=scene["developer"], system=scene.system, version="9.0",
        artifacts=[
            ArtifactInput(name="model", kind="model", version="2", sha256="b" * 64),
            ArtifactInput(name="prompt", kind="prompt", version="1", sha256="c" * 64),
        ],
    )  # fmt: skip


@pytest.mark.django_db
def test_nothing_is_compared_before_something_was_approved(scene: Scene) -> None:
    assert drift_of(scene.release()) is None


@pytest.mark.django_db
def test_what_nobody_asked_for_is_flagged_on_the_draft_and_to_reviewers(scene: Scene) -> None:
    before = scene.approved().release
    release = other(scene)
    said = "No change request covers: model has other content; prompt is new."
    assert said in text(scene["owner"], f"/releases/{release.pk}/")
    change = asked(scene, kind="retraining", target_release=release)
    assert said in text(scene["owner"], f"/releases/{release.pk}/")
    submit_change(actor=scene["developer"], change=change)
    assert "No change request covers: prompt is new." in text(scene["owner"], f"/releases/{release.pk}/")
    review = submit_release(actor=scene["owner"], release=release).reviews.get(state="open")
    page = text(scene["validator"], f"/reviews/{review.pk}/")
    assert "No change request covers: prompt is new." in page
    assert f"cover what differs from {before.version}?" in page
    submit_change(actor=scene["developer"], change=asked(scene, kind="prompt", target_release=release))
    assert "a change was asked for behind each of them" in text(scene["validator"], f"/reviews/{review.pk}/")


@pytest.mark.django_db
def test_an_approved_release_pays_nothing_for_the_comparison(scene: Scene) -> None:
    scene.approved()
    release = scene.approved().release
    assert facts_of([release])[release.pk].predecessor is None


@pytest.mark.django_db
def test_where_the_policy_says_so_it_cannot_be_submitted(scene: Scene) -> None:
    scene.approved()
    release = other(scene)
    adopt(shipped("baseline").replace(ASKED, f"{ASKED}    before: [review]\n"))
    with pytest.raises(Conflict, match="model has other content; prompt is new"):
        submit_release(actor=scene["owner"], release=release)
    for kind in ("retraining", "prompt"):
        submit_change(actor=scene["developer"], change=asked(scene, kind=kind, target_release=release))
    assert submit_release(actor=scene["owner"], release=release).state == "open"


def adopt(source: str) -> None:
    """Put another pack in force, past the ceremony."""
    pack, document = pack_in_force(), parse(source)
    assert pack is not None
    loosen("policy_pack")
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        pack.document, pack.digest = stored(document), digest(document)
        pack.save(update_fields=["document", "digest"])
