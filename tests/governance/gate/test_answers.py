"""The plain questions about a system, each answered at the top of its page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from governance.changes.services import name_release
from governance.validation.models import Submission
from governance.validation.services import raise_finding, suspend_release
from tests.governance.changes.walk import asked as wished
from tests.governance.gate.asking import Pipeline, token
from tests.governance.validation.scene import Scene, build
from tests.incidents.test_pages import text
from tests.incidents.walk import reported

pytestmark = pytest.mark.django_db


def answers(scene: Scene, name: str = "viewer") -> dict[str, str]:
    """Question and answer as somebody reads them without pressing anything."""
    client = Client()
    client.force_login(scene[name])
    page = client.get(f"/systems/{scene.system.slug}/").content.decode()
    card = page[page.index('<dl class="answers">') : page.index("</dl>")]
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", card, re.DOTALL)
    return {unescape(asked): " ".join(unescape(re.sub(r"<[^>]+>", " ", told)).split()) for asked, told in pairs}


def asked(scene: Scene, submission: Submission, environment: str) -> int:
    """A pipeline asks to ship the release there; the status it is answered with."""
    question = {"system": scene.system.slug, "release": submission.release.version, "environment": environment}
    return int(Pipeline(token(scene["owner"], scene.system)).post(question).status_code)


def test_each_plain_question_is_answered_on_the_page_without_a_click() -> None:
    scene = build()
    approved = scene.approved()
    assert asked(scene, approved, "production") == 200
    told = answers(scene)
    version = approved.release.version
    assert list(told) == [
        "Which system is it?",
        "Which release runs where, since when?",
        "Where does it belong, since when?",
        "On what data?",
        "Who owns it?",
        "Who answers an incident?",
        "Who last checked it?",
        "What failed?",
        "What is missing?",
    ]
    assert scene.system.slug in told["Which system is it?"]
    assert told["Which release runs where, since when?"].startswith(f"Production : {version} , let through")
    assert f"{version} approved since" in told["Which release runs where, since when?"]
    assert "registered" in told["Where does it belong, since when?"]
    assert "no dataset is listed" in told["On what data?"]
    assert scene["owner"].name in told["Who owns it?"]
    assert scene["incidents"].name in told["Who answers an incident?"]
    assert f"release approval of {version}" in told["Who last checked it?"]
    assert told["What failed?"] == "In review: nothing that still stands open In use: no incident is open"
    assert "Its purpose is not described." in told["What is missing?"]


def test_what_failed_is_said_of_reviews_and_of_use() -> None:
    scene = build()
    submission = scene.submitted()
    raise_finding(
        actor=scene["validator"], release=submission.release, title="Drift", text="It drifts.", severity="high",
        category="data",
    )  # fmt: skip
    incident = reported(scene)
    told = answers(scene)["What failed?"]
    assert "Drift (high, open)" in told
    assert f"In use: {incident}" in told


def test_what_the_policy_asks_and_nobody_did_is_missing_and_is_said_once() -> None:
    scene = build()
    assert "Its intended use is not described." in answers(scene)["What is missing?"]
    scene.submitted()
    told = answers(scene)["What is missing?"]
    assert "0 of 1 signed technical validation" in told
    assert told.count("no risk tier") == 0


def test_what_was_let_in_and_stopped_later_is_said_so_and_what_was_refused_runs_nowhere() -> None:
    scene = build()
    approved = scene.approved()
    assert asked(scene, approved, "production") == 200
    suspend_release(actor=scene["incidents"], release=approved.release, reason="Stop it.")
    assert asked(scene, approved, "canary") == 409
    assert asked(scene, approved, "staging") == 200
    told = answers(scene)["Which release runs where, since when?"]
    assert f"Production : {approved.release.version} Suspended , let through" in told
    assert f"Staging : {approved.release.version} Suspended , went ahead against the gate" in told
    assert "Canary" not in told
    assert "no release is approved" in told


def test_where_nothing_is_known_that_is_the_answer() -> None:
    told = answers(build())
    assert "no pipeline was let through yet" in told["Which release runs where, since when?"]
    assert told["Who last checked it?"] == "never signed"
    assert "No release is described." in told["What is missing?"]


def test_the_page_of_a_change_says_where_the_release_that_carries_it_out_was_let_through() -> None:
    scene = build()
    submission, change = scene.approved(), wished(scene)
    page = f"/changes/{change.pk}/"
    assert "Where it runs" not in text(scene["viewer"], page)
    name_release(actor=scene["developer"], change=change, release=submission.release)
    assert f"No pipeline was let through with {submission.release.version} yet." in text(scene["viewer"], page)
    assert asked(scene, submission, "production") == 200
    assert "let through" in text(scene["viewer"], page).partition("Where it runs")[2]
    assert "No pipeline was let through" not in text(scene["viewer"], page)
