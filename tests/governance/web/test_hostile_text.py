"""Whatever people write is shown as text, on every page that shows it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from inventory.services import ArtifactInput, change_system, create_release, save_document_revision
from tests.inventory.scene import SHA, Scene, adopt_baseline, build

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1))",
    "{{ 7*7 }}{% debug %}",
    "<svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</textarea><script>alert(1)</script>",
)
TEXT = " ".join(HOSTILE)
TABS = ("releases", "people", "description", "documents", "tier", "ledger")


class Live(HTMLParser):
    """Collects what a browser would run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "script" and not (values.get("src") or "").startswith("/static/"):
            self.found.append("inline script")
        if tag in {"iframe", "object", "embed", "style", "base"}:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style" or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")
        if tag == "img" and not (values.get("src") or "").startswith(("/static/", "data:image/svg+xml")):
            self.found.append("foreign image")


@pytest.fixture
def hostile(db: None) -> Scene:
    """A scene whose every text is an attack."""
    scene = build()
    adopt_baseline()
    change_system(
        actor=scene.owner, system=scene.scorer, name=TEXT[:200], purpose=TEXT, intended_use=TEXT,
        out_of_scope_use=TEXT, objectives=TEXT, human_oversight=TEXT, vendor=TEXT[:200],
        responsibilities={TEXT[:60]: TEXT}, links=[{"title": TEXT[:100], "url": "https://example.org/"}],
    )  # fmt: skip
    create_release(
        actor=scene.owner, system=scene.scorer, version=TEXT[:100], notes=TEXT,
        artifacts=[ArtifactInput(name=TEXT[:200], kind="model", sha256=SHA, uri=TEXT, version=TEXT[:100])],
        lineage={"code_revision": TEXT},
    )  # fmt: skip
    save_document_revision(
        actor=scene.owner, system=scene.scorer, template="model-card", sections={"purpose": TEXT}, contact=TEXT[:200]
    )
    return scene


def test_nothing_a_person_wrote_runs_on_any_page(hostile: Scene, client: Client) -> None:
    client.force_login(hostile.owner)
    release = hostile.scorer.releases.get()
    pages = [
        "/", "/systems/", "/units/", "/ledger/", f"/releases/{release.pk}/", f"/releases/{release.pk}/edit/",
        "/systems/scorer/edit/", "/systems/scorer/questionnaire/", "/systems/scorer/documents/model-card/",
        "/systems/scorer/documents/model-card/edit/", f"/systems/?q={HOSTILE[0]}", f"/systems/?owner={HOSTILE[1]}",
        f"/systems/?bogus={HOSTILE[0]}", f"/{HOSTILE[0]}/", "/accounts/login/", "/accounts/2fa/",
        *(f"/systems/scorer/?tab={tab}" for tab in TABS),
    ]  # fmt: skip
    wrong = {}
    for page in pages:
        live = Live()
        live.feed(client.get(page).content.decode())
        if live.found:
            wrong[page] = live.found
    assert wrong == {}


def test_what_was_typed_wrongly_is_shown_back_as_text(hostile: Scene, client: Client) -> None:
    client.force_login(hostile.owner)
    response = client.post("/systems/scorer/edit/", {"name": TEXT, "origin": TEXT, TEXT: TEXT})
    assert response.status_code == 400
    live = Live()
    live.feed(response.content.decode())
    assert live.found == []
