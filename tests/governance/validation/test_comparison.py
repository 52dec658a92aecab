"""What one package changes against the last approved one: the pure comparison, and the same answer at each door."""

from __future__ import annotations

import json
from typing import Any

import pytest

from governance.validation.comparison import compare
from governance.validation.services import submit_release
from inventory.services import save_document_revision
from inventory.services.artifacts import ArtifactInput
from inventory.services.releases import set_artifacts
from inventory.services.systems import change_system
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good

OLD = {
    "system": {
        "tier": "high", "purpose": "Score cards.", "regimes": [],
        "questionnaire": [{"question": "Money?", "answer": "Large"}, {"question": "Essential?", "answer": "No"}],
    },
    "release": {"version": "1.0", "lineage": {}},
    "route": {"name": "full"},
    "policy": {"pack": "baseline", "version": "1", "digest": "sha256:aa"},
    "artifacts": [
        {"name": "model", "kind": "model", "version": "1", "sha256": "a" * 64},
        {"name": "table", "kind": "dataset", "version": "1", "sha256": "b" * 64},
    ],
    "documents": [{"template": "card", "title": "Card", "revision": 1, "sections": {"data": "Ten thousand rows."}}],
    "stages": [{"id": "validation", "title": "Validation", "quorum": 1}],
}  # fmt: skip


def changed(**parts: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(OLD)), **parts}


def test_the_first_package_says_that_it_is_the_first() -> None:
    found = compare(None, OLD)
    assert found.first
    assert not found.nothing
    assert "before" in found.summary


def test_equal_packages_differ_in_nothing() -> None:
    found = compare(OLD, changed())
    assert found.nothing
    assert "Nothing" in found.summary


def test_lines_are_added_removed_and_changed_by_name() -> None:
    lines = [{**OLD["artifacts"][0], "sha256": "c" * 64}, {"name": "prompt", "kind": "prompt", "sha256": "d" * 64}]  # type: ignore[index]
    artifacts = compare(OLD, changed(artifacts=lines)).lists[0]
    assert [(line.name, line.kind) for line in artifacts.lines] == [
        ("model", "changed"), ("prompt", "added"), ("table", "removed"),
    ]  # fmt: skip
    assert [(each.label, each.before, each.after) for each in artifacts.lines[0].changes] == [
        ("SHA-256", "a" * 64, "c" * 64)
    ]


def test_lines_of_one_name_are_told_apart_and_none_is_lost() -> None:
    twice = [OLD["artifacts"][0], {**OLD["artifacts"][0], "sha256": "e" * 64}]  # type: ignore[index]
    lines = compare(OLD, changed(artifacts=twice)).lists[0].lines
    assert [(line.name, line.kind) for line in lines] == [("model (2)", "added"), ("table", "removed")]


def test_documents_are_compared_word_by_word() -> None:
    document = {"template": "card", "title": "Card", "revision": 2, "sections": {"data": "Twenty thousand rows."}}
    (found,) = compare(OLD, changed(documents=[document])).documents
    assert (found.kind, found.revisions) == ("changed", (1, 2))
    texts = {(str(each.kind), each.text) for each in found.sections[0].stretches}
    assert {("removed", "Ten"), ("added", "Twenty")} <= texts


def test_a_new_revision_with_the_same_words_is_no_change() -> None:
    document = {**OLD["documents"][0], "revision": 2}  # type: ignore[index]
    assert compare(OLD, changed(documents=[document])).nothing


def test_tier_answers_and_policy_are_named() -> None:
    system = {
        **OLD["system"], "tier": "low", "purpose": "Score all cards.",  # type: ignore[dict-item]
        "questionnaire": [{"question": "Money?", "answer": "Small"}, {"question": "Essential?", "answer": "No"}],
    }  # fmt: skip
    found = compare(OLD, changed(system=system, policy={"pack": "baseline", "version": "2", "digest": "sha256:bb"}))
    assert [(each.label, each.before, each.after) for each in found.answers] == [("Money?", "Large", "Small")]
    assert [each.label for each in found.facts] == ["Tier", "Policy version", "Policy digest"]
    assert [each.label for each in found.texts] == ["Purpose"]


def test_what_a_manifest_gains_later_shows_as_added() -> None:
    found = compare(OLD, changed(risks=[{"title": "Drift", "level": "high"}]))
    assert [(each.key, [line.kind for line in each.lines]) for each in found.lists if each.lines] == [
        ("risks", ["added"])
    ]


@pytest.mark.django_db
def test_page_release_and_program_compare_with_the_last_approved_release(scene: Scene) -> None:
    first = scene.approved()
    change_system(actor=scene["owner"], system=scene.system, purpose="Scores every card payment.")
    document = json.loads(first.manifest)["documents"][0]
    said = {**document["sections"], next(iter(document["sections"])): "Zebra."}
    save_document_revision(
        actor=scene["developer"], system=scene.system, template=document["template"], contact="models@example.org",
        sections=said,
    )  # fmt: skip
    release = scene.release()
    lines = [ArtifactInput(name="model", kind="model", version="2", sha256="f" * 64)]
    set_artifacts(actor=scene["developer"], release=release, artifacts=lines)
    later = submit_release(actor=scene["owner"], release=release)
    review = later.reviews.first()
    assert review is not None
    page = browser(scene["validator"]).get(f"/reviews/{review.pk}/").content.decode()
    shown = browser(scene["validator"]).get(f"/releases/{release.pk}/").content.decode()
    told = good(Caller(scene["validator"]).get(f"reviews/{review.pk}/changes/"))
    for text in (page, shown):
        assert f"What changed since {first.release.version}" in text
        assert "f" * 64 in text
        assert "Zebra" in text
    assert (told["first"], told["since"]["id"], told["digest"]) == (False, first.release_id, later.digest)
    artifacts = next(each for each in told["lists"] if each["key"] == "artifacts")
    assert {change["name"] for change in artifacts["lines"][0]["changes"]} == {"Version", "SHA-256"}
    assert [each["name"] for each in told["texts"]] == ["Purpose"]


@pytest.mark.django_db
def test_the_first_submission_of_a_system_says_so(scene: Scene) -> None:
    submission = scene.submitted()
    review = submission.reviews.first()
    assert review is not None
    assert "This is the first." in browser(scene["validator"]).get(f"/reviews/{review.pk}/").content.decode()
    assert good(Caller(scene["validator"]).get(f"reviews/{review.pk}/changes/"))["first"] is True
    assert Caller(scene["outsider"]).get(f"reviews/{review.pk}/changes/").status_code == 404
