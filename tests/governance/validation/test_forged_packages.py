"""A package written past the portal is refused unless it says what is so, under the rules in force."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from governance import canonical
from governance.ledger.acting import seal_now
from governance.policy.packs import shipped
from governance.validation.models import Submission
from governance.validation.services import withdraw_submission
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute, refusal

pytestmark = pytest.mark.django_db

PACKAGE = """
INSERT INTO validation_submission (release_id, number, manifest, digest, route, renewal, tier, intended_use_digest,
    answers_digest, pack_id, pack_digest, submitter_id, submitted_at, state)
SELECT b.release_id, b.number + 1, %(manifest)s, %(digest)s, b.route, b.renewal, %(tier)s, b.intended_use_digest,
    b.answers_digest, p.id, p.digest, %(submitter)s, portal_now(), 'open'
FROM validation_submission b, policy_pack p WHERE b.id = %(id)s AND p.version = %(pack)s RETURNING id
"""
REVIEWS = """
INSERT INTO validation_review (submission_id, stage, title, role, permission, meaning, checklist, quorum, "order",
    state, opened_at)
SELECT %(id)s, s->>'id', s->>'title', s->>'role', s->>'permission', s->>'meaning', '[]', (s->>'quorum')::int,
    (s->>'order')::int,
    CASE WHEN (s->>'order')::int = (SELECT min((m->>'order')::int) FROM jsonb_array_elements(%(stages)s::jsonb) m)
        THEN 'open' ELSE 'waiting' END, portal_now()
FROM jsonb_array_elements(%(stages)s::jsonb) s
"""
APPROVED = """
UPDATE validation_submission SET state = 'approved', closed_at = portal_now(),
    valid_until = portal_now() + interval '180 days' WHERE id = %s
"""


def forge(scene: Scene, first: Submission, *, pack: str = "2026.1", by: str = "owner", **changes: Any) -> int:
    """Write the next package of the release as raw SQL, with another manifest; returns its key."""
    submitter = scene[by]
    content = json.loads(first.manifest)
    content["submission"] |= {"number": 2, "submitter": submitter.pk}
    tier = changes.pop("tier", first.tier)
    for path, value in changes.items():
        *parents, name = path.split("__")
        place = content
        for parent in parents:
            place = place[int(parent)] if parent.isdigit() else place[parent]
        place[name] = value
    act_as(submitter)
    with connection.cursor() as cursor:
        cursor.execute(
            PACKAGE,
            {"id": first.pk, "manifest": canonical.canonical(content).decode(), "digest": canonical.digest(content),
             "submitter": submitter.pk, "pack": pack, "tier": tier},
        )  # fmt: skip
        (key,) = cursor.fetchone()
    execute(REVIEWS, {"id": key, "stages": json.dumps(content["stages"])})
    execute("UPDATE inventory_release SET state = 'in_review' WHERE id = %s", [first.release_id])
    return int(key)


@pytest.fixture
def first(scene: Scene) -> Submission:
    """A package that was withdrawn; its release is a draft again."""
    return withdraw_submission(actor=scene["owner"], release=scene.submitted().release)


def test_the_harness_can_write_an_honest_package(scene: Scene, first: Submission) -> None:
    forge(scene, first)
    seal_now()
    assert Submission.objects.count() == 2


def test_no_release_is_approved_by_a_package_without_stages(scene: Scene, first: Submission) -> None:
    def approve_without_anybody() -> None:
        key = forge(scene, first, stages=[])
        execute(APPROVED, [key])
        execute("UPDATE inventory_release SET state = 'approved' WHERE id = %s", [first.release_id])

    assert refusal(approve_without_anybody) == "package_agrees"
    first.release.refresh_from_db()
    assert first.release.state == "draft"


def test_no_release_is_approved_under_rules_that_are_not_in_force(scene: Scene, first: Submission) -> None:
    source = shipped("baseline").replace('version: "2026.1"', 'version: "mine"')
    act_as(scene["governor"])
    execute(
        "INSERT INTO policy_pack (name, version, title, source, document, digest, state, loaded_at) "
        "SELECT name, 'mine', title, %s, document, digest, 'draft', portal_now() FROM policy_pack",
        [source],
    )
    seal_now()
    assert refusal(lambda: forge(scene, first, pack="mine")) == "package_agrees"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("artifacts__0__sha256", "b" * 64),
        ("artifacts__0__uri", "https://elsewhere.example/model"),
        ("release__notes", "Nothing to see."),
        ("release__version", "9.9.9"),
        ("system__intended_use", "Harmless."),
        ("system__answers", {}),
        ("system__tier", "low"),
        ("documents", [{"template": "card", "revision": 1, "author": 1, "sections": {}}]),
        ("stages__0__quorum", 9),
        ("stages__0__role", "developer"),
        ("stages__0__meaning", "I glanced at it."),
        ("policy__digest", "sha256:" + "0" * 64),
        ("submission__submitter", 1),
        ("tier", "low"),
    ],
)
def test_a_package_that_says_something_else_is_refused(scene: Scene, first: Submission, path: str, value: Any) -> None:
    assert refusal(lambda: forge(scene, first, **{path: value})) in {"package_agrees", "submission_agrees"}
    assert Submission.objects.count() == 1
