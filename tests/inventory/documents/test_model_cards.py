"""Model cards are taken apart, kept whole, and given out again as they came; hostile ones are refused by name."""

from __future__ import annotations

import json
import re
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client

from inventory.documents import reading
from inventory.documents.model_cards import CardError, read, write
from inventory.models import Document, DocumentRevision
from inventory.services import save_document_revision
from inventory.services.model_cards import card_of, import_model_card
from tests.inventory.scene import Scene, adopt_baseline

TITLES = {
    "purpose": "Purpose and users", "data": "Data", "performance": "Performance, overall and by group",
    "limits": "Limits and known failure modes", "oversight": "Human oversight and appeal",
}  # fmt: skip
CARD = b"""---
license: mit
language: no
---

# Fraud model

About it.

## Intended use

Scoring.

### Out of scope

Credit.

## Training data

```
# no heading
```

## Limitations

Rare cards.
"""


def alike(text: str) -> list[str]:
    """The lines of a card, without what Markdown does not read: blanks at their ends, empty lines."""
    return [line.rstrip() for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


def test_a_card_is_taken_apart_by_what_its_headings_speak_of() -> None:
    card = read(CARD, TITLES)
    assert card.layout == ("card-01", "purpose", "data", "limits")
    assert card.sections["purpose"] == "## Intended use\n\nScoring.\n\n### Out of scope\n\nCredit."
    assert "# no heading" in card.sections["data"]
    assert card.headings == ("Fraud model", "Intended use", "Out of scope", "Training data", "Limitations")
    assert card.data == {"license": "mit", "language": "no"}
    assert alike(write(card.sections, card.layout, TITLES, {})) == alike(CARD.decode())


def test_a_document_written_here_comes_back_from_its_card() -> None:
    sections = {"purpose": "Scores.", "limits": "## Own heading\n\nRare.", "data": "A year.\n\n### Detail\n\nMore."}
    card = write(sections, (), TITLES, {"model_name": "Norsk modell", "datasets": ["ledger 7"], "version": ""})
    assert card.startswith("---\nmodel_name: Norsk modell\ndatasets:\n- ledger 7\n---\n\n# Norsk modell\n\n## Purpose")
    back = read(card.encode(), TITLES)
    assert {name: back.sections[name] for name in ("purpose", "data")} == {
        "purpose": "Scores.", "data": "A year.\n\n### Detail\n\nMore.",
    }  # fmt: skip
    assert write(back.sections, back.layout, TITLES, {}) == card


HOSTILE = [
    (b"---\n- a\n- b\n---\ntext", "is a list, not names with values"),
    (b"---\njust text\n---\ntext", "is a single value"),
    (b"---\na: [1, 2\n---\ntext", "is no YAML"),
    (b"---\na: b: c\n---\ntext", "Line 1 of the front matter is no YAML"),
    (b"---\na: 1\na: 2\n---\n", "stands twice"),
    (b"---\n? [a]\n: 1\n---\n", "a key that is no word"),
    (b"---\na: !!python/object/apply:os.system [id]\n---\n", "is no YAML"),
    (b"---\na: &x [1]\nb: *x\n---\n", "uses an alias"),
    (b"---\na: " + b"[" * 5000 + b"\n---\n", "nested too deeply"),
    (b"---\na: " + b"x" * 60_000 + b"\n---\n", "longer than 50000"),
    (b"---\nnever ends", "never ends"),
    (b"# A\n\nNUL \0 here", "NUL"),
    (b"# A\n\xff\xfe", "no UTF-8"),
    (b"", "is empty"),
    (b"x" * 2_000_001, "at most 2,000,000"),
]


@pytest.mark.parametrize(("content", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_card_is_refused_by_name(content: bytes, said: str) -> None:
    start = time.process_time()
    with pytest.raises(CardError, match=re.escape(said)):
        read(content, TITLES)
    assert time.process_time() - start < 2


def test_the_line_of_a_fault_is_told() -> None:
    for content, line in ((b"# A\n\nNUL \0 here", 3), (b"# A\n\n\n\xff", 4), (b"---\nx", 1)):
        with pytest.raises(CardError) as caught:
            read(content, TITLES)
        assert caught.value.line == line


def test_a_card_of_a_thousand_headings_is_kept_whole_in_few_parts() -> None:
    text = "\n".join(f"{'#' * (1 + n % 6)} Heading {n}\n\nText {n}." for n in range(1000))
    card = read(text.encode(), TITLES)
    assert len(card.sections) <= 80
    assert alike(write(card.sections, card.layout, TITLES, {})) == alike(text)


@pytest.fixture
def ready(scene: Scene) -> Scene:
    adopt_baseline()
    return scene


def run(path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    status = 0
    try:
        call_command("import_model_card", str(path), "--system", "scorer", "--json", *options, stdout=out)
    except SystemExit as leaving:
        status = int(str(leaving.code))
    return status, json.loads(out.getvalue())


def counts(**given: int) -> dict[str, Any]:
    return {"rows": 1, "created": 0, "updated": 0, "unchanged": 0, "vanished": 0, "errors": [], **given}


@pytest.mark.django_db
def test_the_command_creates_updates_and_leaves_alone(ready: Scene, tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_bytes(CARD)
    assert run(path, "--dry-run") == (0, counts(created=1))
    assert Document.objects.count() == 0
    assert run(path) == (0, counts(created=1))
    assert run(path) == (0, counts(unchanged=1))
    path.write_bytes(CARD + b"\nMore.\n")
    assert run(path, "--as", "developer") == (0, counts(updated=1))
    assert [revision.author.username for revision in DocumentRevision.objects.order_by("number")] == [
        "owner", "developer",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_the_command_refuses_and_changes_nothing(ready: Scene, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "card.md"
    path.write_bytes(content)
    status, told = run(path)
    assert (status, told["rows"], DocumentRevision.objects.count()) == (1, 0, 0)
    assert said in told["errors"][0]["message"]


@pytest.mark.django_db
def test_the_command_names_a_missing_file_system_and_person(ready: Scene, tmp_path: Path) -> None:
    assert run(tmp_path / "none.md")[0] == 2
    path = tmp_path / "card.md"
    path.write_bytes(CARD)
    assert run(path, "--system", "nobody")[1]["errors"][0]["message"] == "system: There is no system nobody."
    assert run(path, "--as", "viewer")[0] == 1
    assert DocumentRevision.objects.count() == 0


@pytest.mark.django_db
def test_what_the_card_does_not_speak_of_keeps_its_text(ready: Scene) -> None:
    save_document_revision(
        actor=ready.owner, system=ready.scorer, template="model-card", contact="o",
        sections={"oversight": "Staff.", "purpose": "Old."},
    )  # fmt: skip
    import_model_card(actor=ready.developer, system=ready.scorer, content=CARD)
    newest = DocumentRevision.objects.order_by("-number")[0]
    assert newest.sections["oversight"] == "Staff."
    assert newest.sections["purpose"].startswith("## Intended use")


@pytest.mark.django_db
def test_through_the_pages_a_card_goes_in_and_comes_out(ready: Scene, client: Client) -> None:
    client.force_login(ready.developer)
    where = "/systems/scorer/model-card/import/"
    assert client.post(where, {"file": ContentFile(CARD, name="README.md")}).status_code == 302
    answer = client.get("/systems/scorer/documents/model-card/export/")
    assert alike(answer.content.decode()) == alike(CARD.decode())
    assert answer["Content-Disposition"] == 'attachment; filename="scorer-model-card.md"'
    page = client.get("/systems/scorer/documents/model-card/").content.decode()
    assert "Further text 1" in page
    refused = client.post(where, {"file": ContentFile(b"---\n- a\n---\n", name="x.md")})
    assert (refused.status_code, "is a list" in refused.content.decode()) == (400, True)
    assert client.get("/systems/scorer/documents/datasheet/export/").status_code == 404
    client.force_login(ready.viewer)
    assert client.get("/systems/scorer/documents/model-card/export/").status_code == 200
    assert client.post(where, {"file": ContentFile(CARD, name="x.md")}).status_code == 403
    client.force_login(ready.stranger)
    assert client.get("/systems/scorer/documents/model-card/export/").status_code == 404


@pytest.mark.shared
@pytest.mark.django_db
def test_sixteen_real_cards_come_to_what_is_expected_and_go_out_as_they_came(
    ready: Scene, shared_data: Path, tmp_path: Path
) -> None:
    expected = json.loads((shared_data / "model-cards/expected.json").read_text())
    assert len(expected) == 16
    for name, told in expected.items():
        path = shared_data / "model-cards" / name
        card = read(path.read_bytes(), TITLES)
        language = card.data.get("language")
        assert ([language] if isinstance(language, str) else language) == told.get("language")
        for key in ("license", "pipeline_tag", "library_name", "tags", "metrics"):
            assert card.data.get(key) == told.get(key), (name, key)
        assert list(card.data) == told.get("yaml_keys", [])
        assert len(card.headings) == told["headings"]
        marks = str.maketrans("", "", "_*`")
        assert [heading.translate(marks) for heading in card.headings[:12]] == [
            heading.translate(marks) for heading in told["first_headings"]
        ]
        models = card.data.get("model-index", [])
        assert [(model["name"], len(model["results"])) for model in models] == [
            (model["name"], model["results"]) for model in told.get("model_index", [])
        ]
        status, report = run(path)
        assert (status, report["errors"]) == (0, [])
        assert run(path)[1]["unchanged"] == 1
        newest = DocumentRevision.objects.select_related("document").order_by("-number")[0]
        only = {key: text for key, text in newest.sections.items() if key in card.sections}
        titles = reading.section_titles(ready.scorer, reading.template_named(reading.policy_now(), "model-card"))
        assert alike(write(only, newest.layout, titles, {})) == alike(path.read_text())
    again = tmp_path / "again.md"
    again.write_text(card_of(ready.scorer, newest))
    assert run(again)[1]["unchanged"] == 1


@pytest.mark.parametrize("middle", [" " * 100_000, "#" * 100_000, " #" * 50_000])
def test_a_heading_of_any_length_is_read_in_no_time(middle: str) -> None:
    began = time.process_time()
    assert read(f"# a{middle}x\ntext\n".encode(), TITLES).headings == (f"a{middle}x",)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("value", ["!!timestamp x", "!!bool x", "!!int ''", "!!float ''", "!!binary é"])
def test_a_tag_that_does_not_fit_its_value_is_refused_by_name(value: str) -> None:
    with pytest.raises(CardError, match=r"cannot be read|no YAML"):
        read(f"---\na: {value}\n---\n# Hi\n".encode(), TITLES)
