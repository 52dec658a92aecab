"""The gate over HTTP: a release walks from deny to allow, five things turn it back, a renewal opens it again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.models import User
from governance.database.clock import portal_now
from governance.validation.models import Submission
from inventory.models import Artifact, Assignment, Release, System
from tests.clocks import Clock
from tests.governance.gate.asking import Pipeline, token, unmet
from tests.governance.policy import records

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)


class Scene:
    """A high-tier system with an approved release, and a pipeline that asks for it."""

    def __init__(self) -> None:
        records.pack()
        self.owner, self.other = records.person("olga"), records.person("vera")
        self.system: System = records.system(owner=self.owner, answers=records.HIGH_ANSWERS)
        self.release: Release = records.release(self.system, self.owner)
        self.pipeline = Pipeline(token(self.owner, self.system))

    def approve(self) -> Submission:
        return records.submission(self.release, self.owner, state="approved")

    def ask(self, **question: object) -> dict[str, object]:
        asked = {"system": "fraud-scorer", "release": "1.0", "environment": "production", "sha256": records.SHA}
        return self.pipeline.decision(**{**asked, **question})


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_draft_is_denied_with_every_missing_signature(scene: Scene) -> None:
    document = scene.ask()
    assert document["decision"] == "deny"
    assert document["submission"] is None
    assert set(unmet(document)) == {
        "technical-validation", "process-audit", "release-approval", "approval-current", "context-current",
    }  # fmt: skip


def test_a_release_in_review_names_its_reviews(scene: Scene) -> None:
    made = records.submission(scene.release, scene.owner)
    document = scene.ask()
    line = next(line for line in document["requirements"] if line["id"] == "technical-validation")  # type: ignore[attr-defined]
    assert line["href"] == f"/reviews/{made.reviews.get(stage='technical-validation').pk}/"
    assert line["who"] == ["validators of this system"]
    assert document["submission"] == {"number": 1, "digest": made.digest}


def test_a_signed_release_is_allowed_until_its_approval_ends(scene: Scene) -> None:
    made = scene.approve()
    made.refresh_from_db()
    document = scene.ask(nonce="n-1")
    assert document["decision"] == "allow"
    assert document["enforced"] is True
    assert (document["system"], document["release"], document["environment"]) == ("fraud-scorer", "1.0", "production")
    assert made.valid_until is not None
    assert document["closes_at"] == made.valid_until.isoformat().replace("+00:00", "Z")
    assert str(document["closes_because"]).startswith("Approval is current")
    assert document["nonce"] == "n-1"
    assert document["attestation"] is None
    policy = document["policy"]
    assert isinstance(policy, dict)
    assert (policy["pack"], policy["version"]) == ("baseline", "2026.1")
    assert [line["id"] for line in document["requirements"]][:3] == ["release-known", "owner", "tier"]  # type: ignore[attr-defined]
    assert set(document["requirements"][0]) == {  # type: ignore[index]
        "id", "title", "status", "reason", "fix", "who", "href", "sources", "until",
    }  # fmt: skip


def test_a_changed_digest_closes_the_gate(scene: Scene) -> None:
    scene.approve()
    assert set(unmet(scene.ask(sha256=records.OTHER_SHA))) == {"digest"}
    assert unmet(scene.ask(sha256=[records.SHA, f"sha256:{records.SHA}"])) == {}


def test_content_swapped_after_approval_closes_the_gate(scene: Scene) -> None:
    scene.approve()
    with records.write():
        Artifact.objects.filter(release=scene.release).update(sha256=records.OTHER_SHA)
    assert set(unmet(scene.ask(sha256=records.OTHER_SHA))) == {"digest"}


@pytest.mark.parametrize(
    ("shift", "decision"), [(-MICROSECOND, "allow"), (timedelta(0), "deny"), (MICROSECOND, "deny")]
)
def test_an_approval_ends_at_its_instant(scene: Scene, clock: Clock, shift: timedelta, decision: str) -> None:
    made = scene.approve()
    made.refresh_from_db()
    assert made.valid_until is not None
    clock.freeze(made.valid_until + shift)
    scene.pipeline = Pipeline(token(scene.owner, scene.system))
    document = scene.ask()
    assert document["decision"] == decision
    if decision == "deny":
        assert set(unmet(document)) == {"approval-current"}
    else:
        assert document["valid_until"] == document["closes_at"]


def test_an_open_blocking_finding_closes_the_gate(scene: Scene) -> None:
    scene.approve()
    records.finding(scene.release, scene.other)
    assert set(unmet(scene.ask())) == {"findings"}


def test_a_hold_closes_the_gate(scene: Scene) -> None:
    scene.approve()
    records.hold(scene.system, scene.other)
    assert "Smoke." in unmet(scene.ask())["holds"]


def test_an_ended_owner_closes_the_gate_with_no_job_running(scene: Scene, clock: Clock) -> None:
    scene.approve()
    with records.write():
        Assignment.objects.filter(system=scene.system).update(until=portal_now() + timedelta(hours=1))
    document = scene.ask()
    assert str(document["closes_because"]).startswith("Somebody owns the system")
    clock.move(timedelta(hours=1))
    assert set(unmet(scene.ask())) == {"owner"}


def test_a_renewal_opens_the_gate_again(scene: Scene, clock: Clock) -> None:
    scene.approve()
    clock.move(timedelta(days=31))
    scene.pipeline = Pipeline(token(scene.owner, scene.system))
    assert set(unmet(scene.ask())) == {"approval-current"}
    scene.approve()
    document = scene.ask()
    assert document["decision"] == "allow"
    assert document["submission"]["number"] == 2  # type: ignore[index]


@pytest.mark.parametrize("state", ["suspended", "revoked", "retired"])
def test_a_stopped_release_is_denied(scene: Scene, state: str) -> None:
    scene.approve()
    records.move(scene.release, state)
    assert set(unmet(scene.ask())) == {"approval-current"}
    assert scene.ask(purpose="continue")["decision"] == "deny"


def test_what_runs_goes_on_past_the_end_of_an_approval(scene: Scene, clock: Clock) -> None:
    scene.approve()
    clock.move(timedelta(days=31))
    scene.pipeline = Pipeline(token(scene.owner, scene.system))
    assert scene.ask(purpose="continue")["decision"] == "allow"


def test_a_condition_counts_where_it_was_meant(scene: Scene, clock: Clock) -> None:
    made = scene.approve()
    records.condition(made, scene.other, portal_now() + timedelta(days=3), "production")
    assert str(scene.ask()["closes_because"]).startswith("Conditions are kept")
    clock.move(timedelta(days=3))
    assert set(unmet(scene.ask())) == {"conditions"}
    assert scene.ask(environment="canary")["decision"] == "allow"


def test_where_the_environment_observes_a_deny_is_told_and_not_enforced(scene: Scene) -> None:
    document = scene.ask(environment="dev")
    assert (document["decision"], document["enforced"], document["environment"]) == ("deny", False, "development")


def test_a_release_is_found_by_its_digest(scene: Scene) -> None:
    scene.approve()
    document = scene.pipeline.decision(environment="production", sha256=records.SHA)
    assert (document["decision"], document["system"], document["release"]) == ("allow", "fraud-scorer", "1.0")
    within = scene.pipeline.decision(environment="production", sha256=records.SHA, system="fraud-scorer")
    assert within["requirements"] == document["requirements"]


def test_a_digest_of_several_releases_is_ambiguous(scene: Scene) -> None:
    scene.approve()
    records.release(scene.system, scene.owner, "2.0")
    for question in ({}, {"system": "fraud-scorer"}):
        document = scene.pipeline.decision(environment="production", sha256=records.SHA, **question)
        assert document["decision"] == "deny"
        assert unmet(document)["release-known"].startswith("ambiguous: ")


def test_a_digest_of_systems_out_of_reach_is_unknown(scene: Scene) -> None:
    hidden = records.system("hidden", owner=scene.other)
    records.release(hidden, scene.other, sha256=records.OTHER_SHA)
    document = scene.pipeline.decision(environment="production", sha256=records.OTHER_SHA)
    assert set(unmet(document)) == {"release-known"}
    assert "hidden" not in str(document)


def test_an_unknown_release_of_a_visible_system_is_denied(scene: Scene) -> None:
    document = scene.ask(release="9.9")
    assert (document["decision"], document["release"]) == ("deny", "9.9")
    assert set(unmet(document)) == {"release-known"}


def test_a_release_of_another_system_with_that_version_is_not_meant(scene: Scene) -> None:
    other = records.system("churn", owner=scene.owner)
    records.release(other, scene.owner, "7.7")
    assert set(unmet(scene.ask(release="7.7"))) == {"release-known"}


def test_without_a_policy_nothing_is_allowed() -> None:
    owner = records.person("olga")
    system = records.system(owner=owner)
    records.release(system, owner)
    pipeline = Pipeline(token(owner, system))
    document = pipeline.decision(system=system.slug, release="1.0", environment="production")
    assert (document["decision"], document["policy"]) == ("deny", None)


def test_a_closed_owner_closes_the_gate(scene: Scene) -> None:
    scene.approve()
    pipeline = Pipeline(token(scene.other, scene.system))
    with records.write():
        User.objects.filter(pk=scene.owner.pk).update(is_active=False, closed_at=portal_now())
    document = pipeline.decision(system="fraud-scorer", release="1.0", environment="production")
    assert set(unmet(document)) == {"owner"}
