"""The page about deployments, its calls made as a pipeline and a cluster would."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Scope
from governance.database.clock import portal_now
from inventory.services.tokens import mint_token
from tests.commands import PROJECT
from tests.governance.docs.test_production_page import BLOCK
from tests.governance.validation.scene import Scene, build
from tests.rest import Caller, good

PAGE = (PROJECT / "governance" / "docs" / "deployments.md").read_text(encoding="utf-8")
HOST = "https://portal.example.com"


def calls() -> list[tuple[str, Any]]:
    """Address and body of every call the page shows."""
    found = []
    for language, written in BLOCK.findall(PAGE):
        assert language == "sh"
        words = shlex.split(written)
        assert words[:3] == ["curl", "-X", "POST"]
        found.append((words[3].removeprefix(HOST), json.loads(words[words.index("-d") + 1])))
    return found


@pytest.mark.django_db
def test_a_pipeline_and_a_cluster_follow_the_page() -> None:
    scene: Scene = build()
    approved = scene.approved().release
    minted = mint_token(
        actor=scene["owner"], person=scene["owner"], name="pipeline", scopes=[Scope.DEPLOYMENT_WRITE],
        expiry=portal_now() + timedelta(days=7), systems=[scene.system],
    )  # fmt: skip
    caller = Caller(token=minted.text)
    (deploy, body), (whole, listed) = calls()
    sent = {**body, "system": scene.system.slug, "release": approved.version}
    shown = good(caller.post(deploy, sent, Idempotency_Key="run-4711"), 201)
    assert (shown["release"]["version"], shown["strategy"], shown["gate_checks"]) == (
        approved.version,
        "blue_green",
        [],
    )
    there = {**listed, "running": [{**listed["running"][0], "system": scene.system.slug}]}
    assert good(caller.post(whole, there)) == {"running": 1, "new": 0, "ended": 0}  # the cluster confirms it
    assert good(caller.post(whole, {**listed, "running": []})) == {"running": 0, "new": 0, "ended": 1}
    kept = good(caller.get(f"deployments/?system={scene.system.slug}&environment=prod&state=ended"))["results"]
    assert [row["id"] for row in kept] == [shown["id"]]
