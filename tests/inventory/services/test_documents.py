"""Documents grow by numbered revisions, each with an author and somebody to ask."""

import pytest

from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden
from inventory.models import DocumentRevision
from inventory.services import save_document_revision
from tests.inventory.scene import Scene


def save(scene: Scene, **changes: object) -> DocumentRevision:
    given = {"actor": scene.developer, "system": scene.scorer, "template": "model-card",
             "sections": {"purpose": "Scores.\r\n"}, "contact": "team@example.org", **changes}  # fmt: skip
    return save_document_revision(**given)  # type: ignore[arg-type]


def test_revisions_are_numbered_and_never_changed(scene: Scene) -> None:
    first = save(scene)
    second = save(scene, actor=scene.owner, sections={"purpose": "Scores card payments."})
    assert (first.number, second.number) == (1, 2)
    assert (first.document, second.author) == (second.document, scene.owner)
    first.refresh_from_db()
    assert first.sections == {"purpose": "Scores."}


def test_without_somebody_to_ask_nothing_is_saved(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(scene, contact=" ", sections={"Bad Name": "x", "fine": "\0"}, template="No slug")
    assert set(caught.value.errors) == {"contact", "sections", "sections.fine", "template"}


def test_a_viewer_saves_nothing(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        save(scene, actor=scene.viewer)


def test_a_revision_made_on_an_older_one_is_stale(scene: Scene) -> None:
    save(scene, expected_number=0)
    with pytest.raises(Conflict) as caught:
        save(scene, expected_number=0)
    assert caught.value.code == "stale"
