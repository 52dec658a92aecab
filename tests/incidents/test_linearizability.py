"""A question to the gate that begins after an incident or a suspension was acknowledged is never answered by an allow.

Eight clients report incidents, resolve them, suspend, reinstate and ask, all at once; every call is written down with
when it began and ended, and the history is judged afterwards. GATE_OPERATIONS says how many calls (20000 in earnest).
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connections

from governance.gate import services as gate
from governance.lifecycle import Refusal
from governance.validation.services import reinstate_release
from inventory.models import Release
from tests.governance.gate.asking import Pipeline, token
from tests.governance.validation.scene import SHA, Scene, build
from tests.incidents.walk import resolved
from tests.rest import Caller

pytestmark = [pytest.mark.races, pytest.mark.timeout(0), pytest.mark.django_db(transaction=True)]
CLIENTS, RELEASES = 8, 8
REPORT = {"title": "It misfires", "type": "drift", "impact": "limited", "urgency": "stable"}


def operations() -> int:
    """How many calls: few at a desk, many where somebody asks for them."""
    return int(os.environ.get("GATE_OPERATIONS", "120"))


@dataclass
class History:
    """When each release was certainly stopped, and what was asked and answered when."""

    stopped: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    asked: list[tuple[int, float, float, str]] = field(default_factory=list)

    def violations(self) -> list[tuple[int, float, float, str]]:
        """Allows that began after a stop was acknowledged and ended before anybody began to take it back."""
        return [
            (release, began, ended, decision)
            for release, began, ended, decision in self.asked
            if decision != "deny" and any(since <= began and ended <= until for since, until in self.stopped[release])
        ]


class World:
    """Releases under the hands of eight clients; one client at a time stops and frees one release."""

    def __init__(self) -> None:
        self.scene: Scene = build()
        self.releases: list[Release] = [self.scene.approved().release for _ in range(RELEASES)]
        self.token = token(self.scene["owner"], self.scene.system)
        self.turns = {release.pk: threading.Lock() for release in self.releases}
        self.history = History()
        self.left = operations()
        self.guard = threading.Lock()

    def take(self) -> bool:
        """Whether another call is to be made."""
        with self.guard:
            self.left -= 1
            return self.left >= 0

    def ask(self, pipeline: Pipeline, release: Release) -> None:
        """One question."""
        began = time.monotonic()
        answer = pipeline.get(
            {"system": self.scene.system.slug, "release": release.version, "environment": "production", "sha256": SHA}
        )
        ended = time.monotonic()
        self.history.asked.append((release.pk, began, ended, answer.json()["decision"]))

    @staticmethod
    def acknowledged(answer: Any, status: int) -> bool:
        """Whether a stop was: others may have held its rows for too long, or an earlier one was never taken back."""
        assert answer.status_code in {status, 409}, answer.content
        return bool(answer.status_code == status)

    def stop_and_free(self, release: Release, pipeline: Pipeline, kind: str) -> None:
        """Stop a release, ask about it, take the stop back."""
        scene = self.scene
        with self.turns[release.pk]:
            free: Callable[[], object]
            if kind == "incident":
                body = {**REPORT, "system": scene.system.slug, "releases": [release.pk]}
                answer = Caller(scene["owner"]).post("incidents/", body)
                if not self.acknowledged(answer, 201):
                    return
                incident = scene.system.incidents.get(pk=answer.json()["id"])  # type: ignore[attr-defined]
                free = lambda: resolved(scene, incident)  # noqa: E731  what is called below
            else:
                answer = Caller(scene["incidents"]).post(f"releases/{release.pk}/suspend/", {"reason": "It misfires."})
                if not self.acknowledged(answer, 200):
                    return
                free = lambda: reinstate_release(  # noqa: E731  what is called below
                    actor=scene["approver"], release=release, reason="Mended."
                )
            since = time.monotonic()
            self.ask(pipeline, release)
            until = time.monotonic()
            try:
                free()
            except Refusal:
                until = float("inf")  # Collided with others and not taken back: it stays stopped.
            self.history.stopped[release.pk].append((since, until))

    def work(self, seed: int) -> None:
        """One client."""
        choice, pipeline = random.Random(seed), Pipeline(self.token)  # noqa: S311  no secret
        try:
            while self.take():
                release = choice.choice(self.releases)
                if choice.random() < 0.3:
                    self.stop_and_free(release, pipeline, choice.choice(("incident", "suspension")))
                else:
                    self.ask(pipeline, release)
        finally:
            connections.close_all()

    def run(self) -> History:
        """Everybody at once."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            for client in [pool.submit(self.work, seed) for seed in range(CLIENTS)]:
                client.result()
        return self.history


def test_no_question_that_begins_after_a_stop_is_allowed() -> None:
    history = World().run()
    assert history.violations() == []
    decisions = {decision for *_, decision in history.asked}
    assert decisions == {"allow", "deny"}


def test_a_gate_that_remembers_its_answers_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness turns red when the defence, that every call reads anew, is taken away."""
    kept: dict[Any, Any] = {}
    ask = gate.ask_by_token

    def remembered(question: Any, digest: str, *more: Any, **options: Any) -> Any:
        key = (question.system, question.release)
        if key not in kept:
            kept[key] = ask(question, digest, *more, **options)
        return kept[key]

    world = World()
    pipeline = Pipeline(world.token)
    monkeypatch.setattr(gate, "ask_by_token", remembered)
    for release in world.releases:
        world.ask(pipeline, release)
    world.left = CLIENTS * 4
    assert world.run().violations() != []
