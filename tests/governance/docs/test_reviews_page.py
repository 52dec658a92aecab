"""The page about reviews, its calls made in order: a pipeline submits, people do the rest and sign on the page."""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from typing import Any

import pytest

from governance.access.vocabulary import Role, Scope
from governance.database.clock import portal_now
from governance.validation.models import Condition
from governance.validation.services import ConditionInput
from inventory.services.tokens import mint_token
from tests.commands import PROJECT
from tests.governance.access.people import appoint, person
from tests.governance.docs.test_production_page import BLOCK
from tests.governance.validation.scene import Scene, build, review_of, sign
from tests.rest import Caller, good, problem

PAGE = (PROJECT / "governance" / "docs" / "reviews.md").read_text(encoding="utf-8")
API = "https://portal.example.com/api/v1/"
# Who makes each call, in the order of the page, and what it is answered with.
CALLS = (
    ("pipeline", "releases/submit", 200), ("lead", "reviews", 200), ("lead", "reviews/assign", 200),
    ("validator", "reviews/checklist", 200), ("validator", "findings", 201), ("developer", "findings/respond", 200),
    ("auditor", "findings/verify", 200), ("owner", "conditions/claim", 200), ("validator2", "conditions/confirm", 200),
    ("owner", "waivers", 201), ("riskofficer", "waivers/grant", 200), ("owner", "holds", 201),
    ("riskofficer", "holds/lift", 200), ("governor", "engagements", 201),
)  # fmt: skip


def calls() -> list[tuple[str, str, Any]]:
    """Method, address and body of every call the page shows."""
    found = []
    for language, written in BLOCK.findall(PAGE):
        assert language == "sh"
        words = shlex.split(written)
        assert words[:2] == ["curl", "-X"]
        assert words[3].startswith(API)
        body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
        assert ("Authorization: Bearer $TOKEN" in words) == (words[3] == f"{API}releases/12/submit/")
        assert words[2] == "GET" or "X-CSRFToken: $CSRF" in words or "Authorization: Bearer $TOKEN" in words
        found.append((words[2], words[3].removeprefix(API), body))
    return found


@pytest.mark.django_db
def test_a_pipeline_and_people_follow_the_page() -> None:
    scene: Scene = build(checklists=True)
    scene.people["lead"] = person("lead")
    appoint(scene["lead"], Role.REVIEW_LEAD, unit=scene.unit)
    release = scene.release()
    minted = mint_token(
        actor=scene["owner"], person=scene["owner"], name="pipeline", scopes=[Scope.RELEASE_WRITE],
        expiry=portal_now() + timedelta(days=7), systems=[scene.system],
    )  # fmt: skip
    known = {"releases": release.pk}
    mine = {"release": release.pk, "system": scene.system.slug, "systems": [scene.system.slug]}
    soon = {"until": (portal_now() + timedelta(days=5)).isoformat()}
    assert [re.sub(r"/\d+|/(\?.*)?$", "", address) for _, address, _ in calls()] == [what for _, what, _ in CALLS]
    for (who, what, status), (method, address, body) in zip(CALLS, calls(), strict=True):
        noun = what.split("/")[0]
        if what == "conditions/claim":
            due = portal_now() + timedelta(days=9)
            promise = ConditionInput("Watch the first month.", scene["owner"], due)
            review = review_of(release.submissions.get(), Role.VALIDATOR)
            sign(scene["validator"], review, "approve_with_conditions", "Mostly.", conditions=[promise])
            known["conditions"] = Condition.objects.get().pk
        caller = Caller(token=minted.text) if who == "pipeline" else Caller(scene[who])
        where = re.sub(r"/\d+/", lambda _, noun=noun: f"/{known[noun]}/", address)  # type: ignore[misc]
        sent = body and {name: mine.get(name, soon.get(name, value)) for name, value in body.items()}
        if what == "reviews/assign":
            problem(Caller(token=minted.text).post(where, sent), 403)
        told = good(caller.call(method, where, sent), status)
        if what == "releases/submit":
            known["reviews"] = told["reviews"][0]["id"]
        elif what == "reviews":
            assert [each["id"] for each in told["results"]] == [known["reviews"]]
        elif what == "reviews/assign":
            assert good(caller.get("reviews/?state=open&assigned=no"))["results"] == []
            assert len(good(caller.get("reviews/?state=open&assigned=yes"))["results"]) == 1
        elif status == 201:
            known[noun] = told["id"]
    assert told["state"] == "planned"
    problem(Caller(scene["lead"]).get("reviews/?assigned=perhaps"), 400)
