"""Documents grow by numbered revisions, each with an author and somebody to ask."""

import pytest

from governance.inputs import InvalidInput
from governance.ledger.models import Event
from governance.lifecycle import Conflict, Forbidden
from inventory.models import Document, DocumentDraft, DocumentRevision
from inventory.services import save_document_revision
from inventory.services.documents import discard_draft, save_draft
from tests.inventory.scene import Scene, adopt_baseline


@pytest.fixture(autouse=True)
def policy(scene: Scene) -> None:
    """The baseline, whose templates these documents are written on."""
    adopt_baseline()


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
    assert first.document.title == "Model card"


def test_without_somebody_to_ask_nothing_is_saved(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(scene, contact=" ", sections={"Bad Name": "x", "data": "\0"})
    assert set(caught.value.errors) == {"contact", "sections", "sections.data"}


def test_a_template_the_policy_does_not_have_is_refused_by_name(scene: Scene) -> None:
    for name in ("modelcard", "No slug", "../etc"):
        with pytest.raises(InvalidInput) as caught:
            save(scene, template=name)
        assert "model-documentation" in caught.value.errors["template"][0]
    assert Document.objects.count() == 0


def test_a_section_nobody_asks_for_is_refused_unless_it_was_there_before(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(scene, sections={"purpse": "Scores."})
    assert caught.value.errors == {"sections.purpse": ["The template has no such section."]}
    save(scene, sections={"purpose": "Scores.", "card-01": "Kept."}, layout=["card-01", "purpose"])
    again = save(scene, sections={"purpose": "More.", "card-01": "Kept still."})
    assert (again.sections["card-01"], again.layout) == ("Kept still.", ["card-01", "purpose"])


def test_front_matter_must_be_names_with_values(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(scene, sections={"front-matter": "- a\n- b"})
    assert caught.value.errors == {"sections.front-matter": ["The front matter is a list, not names with values."]}


def test_a_viewer_saves_nothing(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        save(scene, actor=scene.viewer)
    with pytest.raises(Forbidden):
        draft(scene, actor=scene.viewer)


def test_a_revision_made_on_an_older_one_is_stale(scene: Scene) -> None:
    save(scene, expected_number=0)
    with pytest.raises(Conflict) as caught:
        save(scene, expected_number=0)
    assert caught.value.code == "stale"


def draft(scene: Scene, **changes: object) -> DocumentDraft:
    given = {"actor": scene.developer, "system": scene.scorer, "template": "model-card",
             "sections": {"purpose": "Half a sen"}, "contact": "", "seen": 0, **changes}  # fmt: skip
    return save_draft(**given)  # type: ignore[arg-type]


def test_a_draft_is_its_authors_own_leaves_no_event_and_ends_with_the_revision(scene: Scene) -> None:
    events = Event.objects.count()
    draft(scene)
    draft(scene, sections={"purpose": "Half a sentence"})
    draft(scene, actor=scene.owner, sections={"purpose": "Another"})
    assert Event.objects.count() == events
    assert {d.person.username: d.sections["purpose"] for d in DocumentDraft.objects.all()} == {
        "developer": "Half a sentence",
        "owner": "Another",
    }
    save(scene)
    assert [d.person for d in DocumentDraft.objects.all()] == [scene.owner]
    discard_draft(actor=scene.owner, system=scene.scorer, template="model-card")
    assert not DocumentDraft.objects.exists()


def test_a_draft_holds_only_text_that_can_be_kept(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as caught:
        draft(scene, sections={"purpose": "\0", "../x": "y"})
    assert set(caught.value.errors) == {"sections.purpose", "sections"}
