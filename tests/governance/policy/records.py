"""Rows for tests of policy and gate, written by the ORM and not by the services under test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from governance import canonical
from governance.access.models import User
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.policy.checking import text_digest
from governance.policy.models import Pack
from governance.policy.packs import parse, shipped
from governance.policy.services import adopt_at_bootstrap, load_pack
from governance.policy.tiering import assess
from governance.validation.models import Condition, Finding, Hold, Review, SignOff, Submission
from inventory.models import Artifact, Assignment, Release, System, Unit
from tests.loosening import EVERYTHING, loosen
from tests.papers import write_papers

SHA = "ab" * 32
OTHER_SHA = "cd" * 32
ANSWERS = {
    "decision-role": "informs", "error-detection": "always", "novelty": "proven", "people-affected": "nothing",
    "money": "small", "essential": "no", "vulnerable-groups": "no",
}  # fmt: skip
HIGH_ANSWERS = {**ANSWERS, "decision-role": "decides", "people-affected": "rights-or-safety"}


def write() -> Any:
    """The context every row of a test is written in."""
    return acting(Command("test"), door=Door.COMMAND, verb="command.run")


def person(username: str) -> User:
    """A person with an account."""
    with write():
        return User.objects.create(username=username, email=f"{username}@example.org", name=username.title())


def pack(source: str | None = None) -> Pack:
    """The baseline in force since a moment ago."""
    loaded = load_pack(actor=Command("test"), source=source or shipped("baseline"))
    return adopt_at_bootstrap(actor=Command("bootstrap"), pack=loaded)


def system(
    slug: str = "fraud-scorer", *, answers: Mapping[str, str] = ANSWERS, owner: User | None = None, papers: bool = True
) -> System:
    """A system with a tier; with an owner, who has written its documents."""
    now = portal_now()
    with write():
        unit, _ = Unit.objects.get_or_create(slug="retail", defaults={"name": "Retail"})
        made = System.objects.create(
            slug=slug, name=slug.title(), unit=unit, intended_use="Scores payments.", answers=dict(answers),
            tier=assess(parse(shipped("baseline")), answers).tier, created_at=now, updated_at=now,
        )  # fmt: skip
        if owner is not None:
            Assignment.objects.create(person=owner, role="owner", system=made, since=now)
    if owner is not None and papers:
        write_papers(made, owner)
    return made


def release(of: System, by: User, version: str = "1.0", sha256: str = SHA, **fields: Any) -> Release:
    """A draft with one model."""
    now = portal_now()
    with write():
        made = Release.objects.create(
            system=of, version=version, created_by=by, created_at=now, updated_at=now, **fields
        )
        Artifact.objects.create(release=made, name="model.onnx", kind="model", sha256=sha256)
    return made


def submission(of: Release, by: User, *, state: str = "open", days: int = 30, at: datetime | None = None) -> Submission:
    """A submission of the release as it is now, with a review for each stage of its tier."""
    loosen(EVERYTHING)
    now = at or portal_now()
    in_force = Pack.objects.get(state="adopted")
    lines = [{"name": a.name, "kind": a.kind, "sha256": a.sha256} for a in of.artifacts.all()]
    manifest = {"artifacts": lines}
    with write():
        made = Submission.objects.create(
            release=of, number=of.submissions.count() + 1, manifest=json.dumps(manifest),
            digest=canonical.digest(manifest), tier=of.system.tier, pack=in_force, pack_digest=in_force.digest,
            intended_use_digest=text_digest(of.system.intended_use), submitter=by, submitted_at=now,
            answers_digest=canonical.digest(of.system.answers),
        )  # fmt: skip
        for stage in parse(in_force.source).stages_for(of.system.tier):
            Review.objects.create(
                submission=made, stage=stage.id, title=stage.title, role=stage.role, permission=stage.permission,
                meaning=stage.meaning, quorum=stage.quorum, order=stage.order, state="open",
            )  # fmt: skip
        if of.state == "draft":
            move(of, "in_review")
    if state == "approved":
        approve(made, now, now + timedelta(days=days))
    return made


def approve(made: Submission, at: datetime, until: datetime) -> None:
    """Sign every stage by a person of its own and approve."""
    with write():
        for review in made.reviews.all():
            signer, _ = User.objects.get_or_create(username=f"signer-{review.stage}", defaults={"name": review.stage})
            sign(review, signer, at)
            Review.objects.filter(pk=review.pk).update(state="signed", closed_at=at)
        Submission.objects.filter(pk=made.pk).update(state="approved", closed_at=at, valid_until=until)
        if made.release.state == "in_review":
            move(made.release, "approved")


def sign(review: Review, by: User, at: datetime, decision: str = "approve") -> SignOff:
    """One signature."""
    return SignOff.objects.create(
        review=review, submission=review.submission, person=by, decision=decision,
        comment="" if decision == "approve" else "because", digest=review.submission.digest,
        pack_digest=review.submission.pack_digest, meaning="I looked.", printed_name=by.name, role=review.role,
        authenticated_by="password", signed_at=at,
    )  # fmt: skip


def move(of: Release, state: str) -> None:
    """Put a release into a state."""
    loosen(EVERYTHING)
    with write():
        Release.objects.filter(pk=of.pk).update(state=state)
        of.state = state


def finding(of: Release, by: User, severity: str = "critical", *, blocking: bool = True, **fields: Any) -> Finding:
    """A finding."""
    loosen(EVERYTHING)
    now = portal_now()
    values = {"title": "Leak", "text": "t", "category": "data", "due": now + timedelta(days=7), **fields}
    with write():
        return Finding.objects.create(
            release=of, severity=severity, blocking=blocking, raised_by=by, raised_at=now, **values
        )


def hold(on: System, by: User, of: Release | None = None) -> Hold:
    """A placed hold."""
    loosen(EVERYTHING)
    with write():
        return Hold.objects.create(system=on, release=of, reason="Smoke.", placed_by=by, placed_at=portal_now())


def condition(of: Submission, by: User, due: datetime, *environments: str) -> Condition:
    """A condition on the first signature of a submission."""
    with write():
        return Condition.objects.create(
            sign_off=of.sign_offs.earliest("id"), submission=of, text="Watch drift.", owner=by, due=due,
            environments=list(environments),
        )  # fmt: skip
