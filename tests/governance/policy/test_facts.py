"""Facts: each SQL fragment tells what the ORM says, and one statement tells it all."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.database.clock import portal_now
from governance.policy.facts import Facts, Fragment, contribute, registered
from governance.policy.queries import facts_of
from governance.validation.models import Finding
from inventory.models import Artifact, Assignment, Document, DocumentRevision, Release, System, Unit
from tests.governance.policy import records

pytestmark = pytest.mark.django_db


def told(release: Release) -> Facts:
    return facts_of([release])[release.pk]


def test_every_fact_has_one_fragment() -> None:
    assert [fragment.fact for fragment in registered()] == [field.name for field in fields(Facts)]


def test_a_fact_is_told_by_one_app_only() -> None:
    with pytest.raises(ValueError, match="has a fragment already"):
        contribute(Fragment("holds", "SELECT 1", tuple))
    with pytest.raises(ValueError, match="no field of Facts"):
        contribute(Fragment("weather", "SELECT 1", tuple))


def test_facts_of_many_releases_come_from_one_statement() -> None:
    owner = records.person("olga")
    system = records.system(owner=owner)
    releases = [records.release(system, owner, f"1.{number}") for number in range(5)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = facts_of(releases)
    assert len(queries) == 1
    assert {key: facts.release.version for key, facts in found.items() if facts.release} == {
        release.pk: release.version for release in releases
    }


def test_a_release_that_does_not_exist_is_left_out() -> None:
    assert facts_of([Release(pk=99)]) == {}


def test_the_bare_release_tells_what_the_orm_tells() -> None:
    owner = records.person("olga")
    system = records.system(owner=owner, papers=False)
    release = records.release(system, owner)
    facts = told(release)
    row = System.objects.get(pk=system.pk)
    assert facts.system is not None
    assert (facts.system.slug, facts.system.tier, facts.system.answers, facts.system.intended_use) == (
        row.slug, row.tier, row.answers, row.intended_use,
    )  # fmt: skip
    assert facts.release is not None
    assert (facts.release.id, facts.release.version, facts.release.state) == (release.pk, "1.0", "draft")
    assert [(a.name, a.kind, a.sha256, a.complete) for a in facts.artifacts] == [
        (a.name, a.kind, a.sha256, True) for a in Artifact.objects.filter(release=release)
    ]
    assignment = Assignment.objects.get(system=system)
    assert [(h.person, h.since, h.until, h.active) for h in facts.owner.owners] == [
        (owner.pk, assignment.since, None, True)
    ]
    assert (facts.submissions, facts.findings, facts.holds, facts.documents) == ((), (), (), ())
    assert (facts.rollback.named, facts.rollback.approved) == (None, ())


def test_units_above_and_regimes_in_scope_are_told() -> None:
    owner = records.person("olga")
    system = records.system(owner=owner)
    with records.write():
        below = Unit.objects.create(slug="cards", name="Cards", parent=system.unit)
        System.objects.filter(pk=system.pk).update(
            unit=below, regimes=[{"regime": "sr-26-2", "scope": "in"}, {"regime": "iso-42001", "scope": "out"}]
        )
    facts = told(records.release(system, owner))
    assert facts.system is not None
    assert facts.system.units == ("cards", "retail")
    assert facts.system.regimes == {"sr-26-2"}


def test_deputies_are_told_from_the_system_and_the_units_above_while_they_last() -> None:
    owner, near, far, past = (records.person(name) for name in ("olga", "nora", "farid", "paul"))
    system = records.system(owner=owner)
    now = portal_now()
    with records.write():
        Assignment.objects.create(person=near, role="deputy_owner", system=system, since=now)
        Assignment.objects.create(person=far, role="deputy_owner", unit=system.unit, since=now)
        Assignment.objects.create(person=past, role="deputy_owner", system=system, since=now, until=now)
        Assignment.objects.create(person=past, role="developer", system=system, since=now)
    facts = told(records.release(system, owner))
    assert {holder.person for holder in facts.owner.deputies} == {near.pk, far.pk}
    assert {holder.person for holder in facts.owner.owners} == {owner.pk}


def test_submissions_are_told_with_reviews_signatures_and_conditions() -> None:
    records.pack()
    owner, author = records.person("olga"), records.person("vera")
    release = records.release(records.system(owner=owner, answers=records.HIGH_ANSWERS), owner)
    made = records.submission(release, owner, state="approved")
    due = portal_now() + timedelta(days=3)
    condition = records.condition(made, author, due, "production")
    made.refresh_from_db()
    (told_one,) = told(release).submissions
    assert (told_one.number, told_one.digest, told_one.state) == (1, made.digest, "approved")
    assert (told_one.closed_at, told_one.valid_until) == (made.closed_at, made.valid_until)
    assert told_one.artifacts == {("model.onnx", records.SHA)}
    assert [(r.id, r.stage, r.state, r.quorum, r.approvals) for r in told_one.reviews] == [
        (r.pk, r.stage, "signed", 1, 1) for r in made.reviews.order_by("order")
    ]
    assert [(c.id, c.due, c.environments, c.owner, c.state) for c in told_one.conditions] == [
        (condition.pk, due, ("production",), "Vera", "open")
    ]


def test_a_signature_for_another_digest_does_not_count() -> None:
    records.pack()
    owner = records.person("olga")
    release = records.release(records.system(owner=owner), owner)
    made = records.submission(release, owner, state="approved")
    with records.write():
        type(made).objects.filter(pk=made.pk).update(digest="sha256:" + "0" * 64)
    assert [review.approvals for review in told(release).submissions[0].reviews] == [0]


def test_the_approved_the_open_and_the_newest_submission_are_told() -> None:
    records.pack()
    owner = records.person("olga")
    release = records.release(records.system(owner=owner), owner)
    for state in ("withdrawn", "approved", "returned", "open"):
        made = records.submission(release, owner, state="approved" if state == "approved" else "open")
        if state != "approved":
            with records.write():
                type(made).objects.filter(pk=made.pk).update(state=state)
    facts = told(release)
    assert [(s.number, s.state) for s in facts.submissions] == [(2, "approved"), (4, "open")]
    assert facts.counting is not None
    assert facts.under_review is not None
    assert (facts.counting.number, facts.under_review.number) == (2, 4)


def test_findings_and_holds_are_told_while_they_last() -> None:
    owner, other = records.person("olga"), records.person("vera")
    system = records.system(owner=owner)
    release, sibling = records.release(system, owner), records.release(system, owner, "2.0")
    kept = records.finding(release, other)
    closed = records.finding(release, other)
    records.finding(sibling, other)
    here, everywhere = records.hold(system, other, release), records.hold(system, other)
    records.hold(system, other, sibling)
    lifted = records.hold(system, other, release)
    with records.write():
        Finding.objects.filter(pk=closed.pk).update(state="closed", responded_by=owner, verified_by=other)
        type(lifted).objects.filter(pk=lifted.pk).update(state="lifted", lifted_by=owner, lifted_at=portal_now())
    facts = told(release)
    assert [(f.id, f.severity, f.blocking, f.due) for f in facts.findings] == [(kept.pk, "critical", True, kept.due)]
    assert [(h.id, h.whole_system, h.placed_by) for h in facts.holds] == [
        (here.pk, False, "Vera"), (everywhere.pk, True, "Vera"),
    ]  # fmt: skip


def test_the_newest_revision_of_each_document_is_told() -> None:
    owner = records.person("olga")
    system = records.system(owner=owner, papers=False)
    now = portal_now()
    with records.write():
        document = Document.objects.create(system=system, template="model-card", title="Model card", created_at=now)
        for number, sections in enumerate([{"purpose": "old"}, {"purpose": "new", "data": "  "}], 1):
            DocumentRevision.objects.create(
                document=document, number=number, sections=sections, author=owner, contact="olga", created_at=now
            )
    (fact,) = told(records.release(system, owner)).documents
    assert (fact.template, fact.revision, fact.filled, fact.contact) == (
        "model-card",
        2,
        frozenset({"purpose"}),
        "olga",
    )


def test_the_way_back_is_told() -> None:
    owner = records.person("olga")
    system = records.system(owner=owner)
    first, second = records.release(system, owner), records.release(system, owner, "2.0")
    records.move(first, "approved")
    third = records.release(system, owner, "3.0", rollback_target=second)
    facts = told(third).rollback
    assert facts.named is not None
    assert (facts.named.version, facts.named.state) == ("2.0", "draft")
    assert [release.version for release in facts.approved] == ["1.0"]
