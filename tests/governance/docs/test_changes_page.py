"""The page about changes, its calls made in order as a pipeline would, with a token that decides nothing."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Scope
from governance.changes.models import Change
from governance.changes.services import approve_change, verify_change
from governance.database.clock import portal_now
from inventory.services.tokens import mint_token
from tests.commands import PROJECT
from tests.governance.docs.test_production_page import BLOCK
from tests.governance.validation.scene import Scene, build
from tests.rest import Caller, good, problem

PAGE = (PROJECT / "governance" / "docs" / "changes.md").read_text(encoding="utf-8")
HOST = "https://portal.example.com"


@pytest.fixture
def scene(db: None) -> Scene:
    return build()


def calls() -> list[tuple[str, Any]]:
    """Address and body of every call the page shows."""
    found = []
    for language, text in BLOCK.findall(PAGE):
        assert language == "sh"
        words = shlex.split(text)
        assert words[:3] == ["curl", "-X", "POST"]
        assert words[words.index("-H") + 1] == "Authorization: Bearer $TOKEN"
        found.append((words[3].removeprefix(HOST), json.loads(words[words.index("-d") + 1])))
    return found


@pytest.mark.django_db
def test_a_pipeline_follows_the_page_and_people_decide(scene: Scene) -> None:
    minted = mint_token(
        actor=scene["owner"], person=scene["owner"], name="pipeline", scopes=[Scope.RELEASE_WRITE],
        expiry=portal_now() + timedelta(days=7), systems=[scene.system],
    )  # fmt: skip
    pipeline = Caller(token=minted.text)
    (create, body), *others = calls()
    asked = good(pipeline.post(create, {**body, "system": scene.system.slug}), 201)
    assert (asked["assessment"]["materiality"], asked["assessment"]["rule"]) == ("minor", "kind")
    assert asked["blast_radius"]["systems"] == []
    change, release = Change.objects.get(), scene.approved().release
    verbs = [address.split("/")[-2] for address, _ in others]
    assert verbs == ["submit", "name-release", "record-results", "implement"]
    for address, given in others:
        sent = {**given, "release": release.pk} if "release" in given else given
        if "record-results" in address:
            problem(pipeline.post(f"changes/{change.pk}/approve/", {}), 403)
            approve_change(actor=scene["approver"], change=change)
        good(pipeline.post(address.replace("/changes/7/", f"/changes/{change.pk}/"), sent))
    problem(pipeline.post(f"changes/{change.pk}/verify/", {"verification": "Seen."}), 403)
    change.refresh_from_db()
    assert verify_change(actor=scene["validator"], change=change, verification="Seen.").state == "closed"
