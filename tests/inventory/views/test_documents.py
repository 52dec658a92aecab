"""Documents in the browser: outline, difference, drafts, and a save that met another one."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from inventory.models import DocumentDraft, DocumentRevision
from inventory.services import change_system, save_document_revision
from tests.inventory.scene import Scene, adopt_baseline

CARD = "/systems/scorer/documents/model-card/"
EDIT = f"{CARD}edit/"
WORDS = {"purpose": "Scores payments.", "data": "A year.", "performance": "98 %.", "limits": "Rare cards.",
         "oversight": "Staff."}  # fmt: skip


@pytest.fixture
def developer(scene: Scene, client: Client) -> Client:
    adopt_baseline()
    client.force_login(scene.developer)
    return client


def posted(texts: dict[str, str], seen: int = 0, **more: str) -> dict[str, str]:
    given = {f"section-{name}": text for name, text in {**dict.fromkeys(WORDS, ""), **texts}.items()}
    return {**given, "contact": "team@example.org", "seen": str(seen), **more}


def save(scene: Scene, texts: dict[str, str]) -> DocumentRevision:
    return save_document_revision(
        actor=scene.owner, system=scene.scorer, template="model-card", sections=texts, contact="olga"
    )


def plain(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))


def test_the_tab_says_of_each_document_how_far_it_is(scene: Scene, developer: Client) -> None:
    save(scene, {"purpose": "Scores.", "data": "TBD"})
    said = plain(developer.get("/systems/scorer/?tab=documents").content)
    assert "Model documentation" in said
    assert "demanded: 1 of 5 sections" in said
    assert "demanded: 0 of 11 sections" in said


def test_the_page_shows_what_is_written_and_what_is_not(scene: Scene, developer: Client) -> None:
    save(scene, WORDS | {"limits": "# Limits"})
    page = developer.get(CARD)
    said = plain(page.content)
    assert "Scores payments." in said
    assert said.count("Not written yet.") == 1
    assert 'href="#section-limits"' in page.content.decode()


def test_what_is_recorded_is_filled_in_and_not_asked_again(scene: Scene, developer: Client) -> None:
    change_system(actor=scene.owner, system=scene.scorer, purpose="Scores card payments.", intended_use="By staff.")
    form = developer.get(EDIT).context["form"]
    assert form["section-purpose"].value() == "**Purpose**: Scores card payments.\n\n**Intended use**: By staff."
    assert not form["section-limits"].value()
    assert form["contact"].value() == scene.developer.email


def test_every_section_is_previewed_without_script_and_nothing_is_saved(scene: Scene, developer: Client) -> None:
    page = developer.post(EDIT, posted({"purpose": "**Bold** <script>alert(1)</script>"}, preview="purpose"))
    assert page.status_code == 200
    assert "<strong>Bold</strong>" in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert DocumentRevision.objects.count() == 0


def test_a_revision_is_saved_and_compared_word_by_word(scene: Scene, developer: Client) -> None:
    save(scene, WORDS)
    answer = developer.post(EDIT, posted(WORDS | {"purpose": "Scores card payments."}, seen=1))
    assert answer.status_code == 302
    page = developer.get(f"{CARD}difference/").content.decode()
    assert "Scores<ins> card</ins> payments." in page
    assert "A year." not in page
    assert "Scores payments." in developer.get(f"{CARD}?revision=1").content.decode()
    assert developer.get(f"{CARD}difference/?from=1&to=9").status_code == 404
    assert "No section differs" in developer.get(f"{CARD}difference/?from=2&to=2").content.decode()


def test_a_save_that_met_another_one_loses_neither_text(scene: Scene, developer: Client) -> None:
    save(scene, WORDS)
    save(scene, WORDS | {"purpose": "Theirs.", "data": "Their data."})
    answer = developer.post(EDIT, posted(WORDS | {"purpose": "Mine.", "limits": "My limits."}, seen=1))
    assert answer.status_code == 409
    said = plain(answer.content)
    assert "Revision 2 was saved in the meantime" in said
    form = answer.context["form"]
    kept = {name: form[f"section-{name}"].value() for name in WORDS}
    assert kept == WORDS | {"purpose": "Mine.", "limits": "My limits.", "data": "Their data."}
    assert [(title, part.theirs) for title, part in answer.context["collisions"]] == [("Purpose and users", "Theirs.")]
    assert "Theirs." in said
    again = developer.post(EDIT, {name: form[name].value() for name in form.fields})
    assert again.status_code == 302
    assert DocumentRevision.objects.get(number=3).sections == kept


def test_what_is_typed_is_kept_as_a_draft_and_taken_up_again(scene: Scene, developer: Client) -> None:
    answer = developer.post(f"{CARD}draft/", posted({"purpose": "Half a sen"}))
    assert (answer.status_code, answer.content[:10]) == (200, b"Draft kept")
    assert developer.get(EDIT).context["form"]["section-purpose"].value() == "Half a sen"
    assert "your draft" in plain(developer.get(EDIT).content)
    developer.post(f"{CARD}draft/discard/")
    assert not DocumentDraft.objects.exists()


def test_a_draft_older_than_the_newest_revision_is_joined_with_it(scene: Scene, developer: Client) -> None:
    save(scene, WORDS)
    developer.post(f"{CARD}draft/", posted(WORDS | {"purpose": "Mine.", "limits": "My limits."}, seen=1))
    save(scene, WORDS | {"purpose": "Theirs.", "data": "Their data."})
    page = developer.get(EDIT)
    form = page.context["form"]
    assert (form["section-purpose"].value(), form["section-data"].value()) == ("Mine.", "Their data.")
    assert form["seen"].value() == 2
    assert len(page.context["collisions"]) == 1


def test_a_viewer_reads_and_neither_writes_nor_keeps_a_draft(scene: Scene, developer: Client) -> None:
    save(scene, WORDS)
    developer.force_login(scene.viewer)
    assert developer.get(CARD).status_code == 200
    assert developer.get(f"{CARD}difference/").status_code == 200
    assert developer.get(EDIT).status_code == 403
    assert developer.post(f"{CARD}draft/", posted(WORDS)).status_code == 403
    developer.force_login(scene.stranger)
    for address in (CARD, f"{CARD}difference/", EDIT):
        assert developer.get(address).status_code == 404


@pytest.mark.parametrize("name", ["no-such-template", "model-cards"])
def test_a_template_nobody_knows_has_no_page(scene: Scene, developer: Client, name: str) -> None:
    where = CARD.replace("model-card", name)
    for address in (where, f"{where}edit/", f"{where}difference/"):
        assert developer.get(address).status_code == 404
    assert developer.post(f"{where}draft/", posted(WORDS)).status_code == 404


def test_a_posted_field_that_is_no_section_is_refused(scene: Scene, developer: Client) -> None:
    assert developer.post(f"{CARD}draft/", {**posted(WORDS), "author": "vera"}).status_code == 400
    assert developer.post(EDIT, {**posted(WORDS), "section-other": "x"}).status_code == 400
