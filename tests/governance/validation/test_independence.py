"""Proof of independence: nothing to tell of an ordinary story, and every violation named however it got in."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command

from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.ledger.acting import Door, acting, seal_now
from governance.ledger.verification import verify
from governance.notify.models import Delivery, Notice
from governance.notify.spreading import spread
from governance.notify.topics import Topic
from governance.validation.independence import RULES, Violation, statement, violations
from governance.validation.services import grant_waiver, request_waiver, suspend_release
from governance.validation.tasks import IndependenceViolated, prove_independence
from incidents.models import Alert
from inventory.models import Assignment, System, Unit
from inventory.services.releases import retire_release
from tests.governance.access.people import TEST, appoint, join, person, unit
from tests.governance.validation import scene as scenes
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_database_guards import act_as, execute
from tests.loosening import loosen

OFF = """DO $$ DECLARE each record; every record; BEGIN
    FOR each IN SELECT unnest(ARRAY['validation_signoff', 'validation_waiver', 'inventory_assignment',
        'validation_contribution', 'validation_finding', 'validation_condition', 'validation_hold',
        'inventory_loweredtier', 'inventory_legacyapproval', 'inventory_risk', 'changes_change',
        'engagements_engagement', 'engagements_auditfinding'])::regclass AS name LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', each.name);
        FOR every IN SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u') AND conrelid = each.name LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.name, every.conname);
        END LOOP;
    END LOOP;
END $$"""
UNGUARDED = (r"^(assignment|move)_beside", r"^inventory_assignment\.inventory_assignment")
COPY = """INSERT INTO validation_signoff (review_id, submission_id, person_id, decision, comment, digest, pack_digest,
    meaning, printed_name, role, authenticated_by, signed_at, proof_key, proof)
SELECT review_id, submission_id, %s, decision, comment, digest, pack_digest, meaning, printed_name, role,
    authenticated_by, signed_at, proof_key, proof FROM validation_signoff ORDER BY id LIMIT 1"""
LENT = """WITH lender AS (
    INSERT INTO inventory_assignment (person_id, role, unit_id, since, reason)
    SELECT %s, role, unit_id, since, '' FROM inventory_assignment WHERE role = 'validator' LIMIT 1 RETURNING *
), lent AS (
    INSERT INTO inventory_assignment (person_id, role, unit_id, since, reason, delegated_from_id)
    SELECT u.id, f.role, f.unit_id, f.since, '', f.id FROM lender f, access_user u WHERE u.username = 'viewer'
    RETURNING id, person_id
) INSERT INTO validation_signoff (review_id, submission_id, person_id, decision, comment, digest, pack_digest,
    meaning, printed_name, role, authenticated_by, signed_at, proof_key, proof, delegation_id)
SELECT review_id, submission_id, lent.person_id, decision, comment, digest, pack_digest, meaning, printed_name, role,
    authenticated_by, signed_at, proof_key, proof, lent.id FROM validation_signoff s, lent ORDER BY s.id LIMIT 1"""
BLOWS: list[tuple[str, str, set[str]]] = [
    (COPY, "developer", {"signed.contributor", "signed.builder", "signed.without_role", "signed.off_the_record"}),
    (COPY, "owner", {"signed.contributor", "signed.submitter", "signed.builder", "signed.without_role",
        "signed.off_the_record"}),
    (COPY, "viewer", {"signed.without_role", "signed.off_the_record"}),
    ("UPDATE validation_waiver SET requested_by_id = decided_by_id WHERE %s > 0", "owner", {"waiver.requester"}),
    ("UPDATE validation_waiver SET decided_by_id = %s", "developer", {"waiver.builder"}),
    ("UPDATE inventory_assignment SET assigned_by_id = person_id WHERE person_id = %s", "auditor", {"role.to_oneself"}),
    ("UPDATE validation_contribution SET person_id = %s WHERE kind = 'artifact'", "validator", {"signed.contributor"}),
    ("UPDATE validation_signoff SET person_id = %s WHERE role = 'auditor'", "validator", {"signed.twice",
        "signed.without_role", "signed.off_the_record"}),
    (LENT, "developer", {"signed.for_one_who_may_not", "signed.off_the_record"}),
]  # fmt: skip
# A row as it would be written past every guard: who stands in which column, and the rules that name it.
ROWS: list[tuple[str, dict[str, str], set[str]]] = [
    ("validation_finding", {"state": "closed", "responded_by": "outsider", "verified_by": "outsider"},
        {"finding.responder"}),
    ("validation_finding", {"state": "closed", "responded_by": "owner", "verified_by": "developer"},
        {"finding.contributor"}),
    ("validation_finding", {"state": "closed", "responded_by": "owner", "verified_by": "deputy"},
        {"finding.contributor"}),
    ("validation_finding", {"state": "accepted", "raised_by": "outsider", "accepted_by": "outsider"},
        {"finding.accepted_by_party"}),
    ("validation_finding", {"state": "accepted", "responded_by": "outsider", "accepted_by": "outsider"},
        {"finding.accepted_by_party"}),
    ("validation_finding", {"state": "accepted", "raised_by": "validator", "accepted_by": "developer"},
        {"finding.accepted_by_contributor"}),
    ("validation_condition", {"state": "met", "claimed_by": "outsider", "confirmed_by": "outsider"},
        {"condition.claimer"}),
    ("validation_condition", {"state": "met", "claimed_by": "owner", "confirmed_by": "developer"},
        {"condition.contributor"}),
    ("validation_hold", {"state": "lifted", "placed_by": "outsider", "lifted_by": "outsider"}, {"hold.placer"}),
    ("validation_hold", {"state": "lifted", "placed_by": "outsider", "lifted_by": "developer"}, {"hold.builder"}),
    ("inventory_loweredtier", {"state": "granted", "proposed_by": "outsider", "decided_by": "outsider"},
        {"tier.proposer"}),
    ("inventory_loweredtier", {"state": "refused", "decided_by": "developer"}, {"tier.builder"}),
    ("inventory_legacyapproval", {"state": "confirmed", "brought_by": "outsider", "decided_by": "outsider"},
        {"legacy_approval.bringer"}),
    ("inventory_legacyapproval", {"state": "confirmed", "decided_by": "developer"}, {"legacy_approval.builder"}),
    ("inventory_risk", {"created_by": "outsider", "accepted_by": "outsider"}, {"risk.accepted_by_party"}),
    ("inventory_risk", {"assessed_by": "outsider", "accepted_by": "outsider"}, {"risk.accepted_by_party"}),
    ("inventory_risk", {"owner": "outsider", "accepted_by": "outsider"}, {"risk.accepted_by_party"}),
    ("changes_change", {"requester": "outsider", "decided_by": "outsider"}, {"change.requester"}),
    ("changes_change", {"requester": "outsider", "ratified_by": "outsider"}, {"change.requester"}),
    ("changes_change", {"requester": "outsider", "verified_by": "outsider"}, {"change.requester"}),
    ("changes_change", {"decided_by": "developer"}, {"change.builder"}),
    ("changes_change", {"implemented_by": "outsider", "verified_by": "outsider"}, {"change.implementer"}),
    ("changes_change", {"implemented_by": "outsider", "ratified_by": "outsider"}, {"change.implementer"}),
    ("changes_change", {"overridden_by": "approver", "decided_by": "approver", "state": "approved",
        "computed": "material", "materiality": "minor"}, {"change.lowered"}),
    ("engagements_auditfinding", {"state": "closed", "responded_by": "outsider", "verified_by": "outsider"},
        {"audit_finding.responder"}),
]  # fmt: skip
# Named in tests of their own, which let the seal through what it would refuse.
ELSEWHERE = {
    "change.decided_for_one_who_may_not", "change.verified_for_one_who_may_not",
    "condition.for_one_who_may_not", "finding.accepted_for_one_who_may_not", "finding.for_one_who_may_not",
    "hold.for_one_who_may_not", "release.builder", "release.for_one_who_may_not", "release.suspender",
    "legacy_approval.for_one_who_may_not", "risk.accepted_for_one_who_may_not",
    "signed.twice_for_one", "tier.for_one_who_may_not", "waiver.for_one_who_may_not",
}  # fmt: skip
OF_THE_STORY = {
    "release_id": "inventory_release", "submission_id": "validation_submission", "sign_off_id": "validation_signoff",
    "system_id": "inventory_system", "pack_id": "policy_pack", "engagement_id": "engagements_engagement",
}  # fmt: skip
FILLED = {"jsonb": "'{}'", "timestamp with time zone": "portal_now()", "date": "current_date", "boolean": "false"}
COLUMNS = """SELECT column_name, data_type FROM information_schema.columns
    WHERE table_name = %s AND table_schema = 'public' AND is_nullable = 'NO' AND is_identity = 'NO'"""


def story() -> Scene:
    """An approved release and a granted exception."""
    scene = scenes.build()
    scene.approved()
    waiver = request_waiver(
        actor=scene["owner"], system=scene.system, requirement="findings", reason="Mended on Monday.",
        until=portal_now() + timedelta(days=5),
    )  # fmt: skip
    grant_waiver(actor=scene["riskofficer"], waiver=waiver, reason="Small.")
    return scene


@pytest.mark.django_db
def test_an_ordinary_story_violates_nothing() -> None:
    story()
    assert violations() == []
    prove_independence(0)
    out = StringIO()
    call_command("check_independence", "--json", stdout=out)
    assert json.loads(out.getvalue()) == []


def move(scene: Scene, *, beside: Unit) -> None:
    """The system to another unit, and its unit below that one too."""
    with acting(TEST, door=Door.COMMAND, verb="unit.change"):
        System.objects.filter(pk=scene.system.pk).update(unit=beside)
        Unit.objects.filter(pk=scene.unit.pk).update(parent=beside)


@pytest.mark.django_db
def test_a_later_move_in_the_tree_of_units_makes_no_violation_of_what_was_in_order() -> None:
    scene = story()
    other = unit("other")
    retire_release(actor=scene["owner"], release=scene.system.releases.get(), reason="Replaced.")
    for name in ("validator", "approver", "riskofficer"):
        appoint(scene[name], Role.DEVELOPER, unit=other, since=scene.system.created_at)
    move(scene, beside=other)
    assert violations() == []
    with acting(TEST, door=Door.COMMAND, verb="unit.change"):
        Unit.objects.filter(pk=other.pk).update(parent=unit("above"))
    assert violations() == []


@pytest.mark.django_db
def test_a_later_move_in_the_tree_of_units_hides_no_violation() -> None:
    scene = story()
    loosen(*UNGUARDED)
    above, other = unit("above"), unit("other")
    roles = Assignment.objects.filter(person=scene["validator"])
    with acting(TEST, door=Door.COMMAND, verb="assignment.create"):
        roles.update(unit=other)
    assert {found.rule for found in violations()} == {"signed.without_role"}
    move(scene, beside=other)
    assert {found.rule for found in violations()} == {"signed.without_role"}
    with acting(TEST, door=Door.COMMAND, verb="assignment.create"):
        roles.update(unit=above)
        Unit.objects.filter(pk=other.pk).update(parent=above)
    assert {found.rule for found in violations()} == {"signed.without_role"}


@pytest.mark.django_db
def test_a_builder_by_the_unit_of_then_stays_one_after_the_system_left_it() -> None:
    scene = story()
    loosen(*UNGUARDED)
    other = unit("other")
    appoint(scene["auditor"], Role.DEVELOPER, unit=scene.unit, since=scene.system.created_at)
    assert {found.rule for found in violations()} == {"signed.builder"}
    move(scene, beside=other)
    with acting(TEST, door=Door.COMMAND, verb="unit.change"):
        Unit.objects.filter(pk=scene.unit.pk).update(parent=None)
    assert {found.rule for found in violations()} == {"signed.builder"}


def night() -> None:
    """The look of one night, which finds something."""
    with pytest.raises(IndependenceViolated):
        prove_independence(0)


def titles() -> list[str]:
    """What was announced as a violation, in order."""
    notices = Notice.objects.filter(topic=Topic.INDEPENDENCE_VIOLATED)
    return list(notices.order_by("pk").values_list("title", flat=True))


@pytest.mark.django_db
def test_governance_and_examiners_are_told_of_a_violation_once_by_name_and_nobody_of_the_system_is() -> None:
    scene = story()
    examiner = join(person("examiner"), OrganisationRole.EXAMINER)
    loosen(*UNGUARDED)
    appoint(scene["auditor"], Role.DEVELOPER, unit=scene.unit, since=scene.system.created_at)
    night()
    night()
    (violation,) = violations()
    assert titles() == [str(violation)]
    assert str(violation).startswith("scorer 1.1.0: Auditor signed a release of a system they owned")
    spread()
    mails = Delivery.objects.filter(notice__topic=Topic.INDEPENDENCE_VIOLATED).exclude(person=scene["superuser"])
    assert {mail.person_id for mail in mails} == {examiner.pk, scene["governor"].pk}
    assert mails.count() == 2
    (alert,) = Alert.objects.all()
    assert alert.summary == f"{violation}: see /independence/"
    assert alert.system is None


@pytest.mark.django_db
def test_a_new_violation_is_told_first_and_more_than_a_night_holds_in_the_nights_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story()
    rows = list(Assignment.objects.order_by("pk").values_list("pk", flat=True)[:10])
    now = portal_now()
    places = [(rule, key) for rule in ("first.rule", "second.rule", "third.rule") for key in rows]
    found = [
        Violation(rule, "did it", "scorer", "", f"Person {number}", now - timedelta(days=number),
            "inventory_assignment", key)
        for number, (rule, key) in enumerate(places)
    ]  # fmt: skip
    names = [str(violation) for violation in found]
    monkeypatch.setattr("governance.validation.tasks.violations", lambda: found[1:22])
    night()
    assert titles() == [*names[1:21], "And 1 more"]
    assert Alert.objects.count() == 21
    monkeypatch.setattr("governance.validation.tasks.violations", lambda: found[:22])
    night()
    assert titles()[21:] == [names[0], names[21]]


def insert(connection: psycopg.Connection[Any], scene: Scene, table: str, given: dict[str, str]) -> None:
    """A row with these people and words; the story's one of whatever else it must name, the owner where a person."""
    values = {f"{name}_id" if word in scene.people else name: word for name, word in given.items()}
    columns = {name: _filled(name, kind) for name, kind in connection.execute(COLUMNS, [table])}
    for name, word in values.items():
        columns[name] = str(scene[word].pk) if word in scene.people else f"'{word}'"
        if name.endswith("_by_id") and name != "overridden_by_id":
            columns |= _dated(connection, table, name.removesuffix("_by_id") + "_at")
    columns |= {name: str(scene["owner"].pk) for name, value in columns.items() if not value}
    connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(columns.values())})")


def _filled(name: str, kind: str) -> str:
    """Something for a column nobody named; empty for the key of a person."""
    if name in OF_THE_STORY:
        return f"(SELECT min(id) FROM {OF_THE_STORY[name]})"
    return FILLED.get(kind, "" if kind == "bigint" else "'x'")


def _dated(connection: psycopg.Connection[Any], table: str, name: str) -> dict[str, str]:
    asked = "SELECT FROM information_schema.columns WHERE table_name = %s AND column_name = %s"
    return {name: "portal_now()"} if connection.execute(asked, [table, name]).fetchone() is not None else {}


@pytest.mark.django_db(transaction=True)
def test_what_an_owner_of_the_tables_writes_with_triggers_off_is_named(
    owner_connection: psycopg.Connection[Any],
) -> None:
    scene = story()
    told: set[str] = set()
    for blow, who, rules in BLOWS:
        with owner_connection.transaction(force_rollback=True):
            owner_connection.execute(OFF)
            owner_connection.execute(blow, [scene[who].pk])
            found = owner_connection.execute(statement()).fetchall()
        assert {row[0] for row in found} == rules, blow
        told |= rules
    for table, given, rules in ROWS:
        with owner_connection.transaction(force_rollback=True):
            owner_connection.execute(OFF)
            insert(owner_connection, scene, "engagements_engagement", {})
            insert(owner_connection, scene, table, given)
            found = owner_connection.execute(statement()).fetchall()
        assert {row[0] for row in found} == rules, (table, given)
        told |= rules
    owner_connection.execute(OFF)
    owner_connection.execute(COPY, [scene["developer"].pk])
    with pytest.raises(IndependenceViolated, match="Developer signed a release they had a hand in"):
        prove_independence(0)
    with pytest.raises(SystemExit) as ended:
        call_command("check_independence", stdout=StringIO())
    assert ended.value.code == 1
    assert any(each.field == "signed.contributor" for each in verify().differences)
    assert told | ELSEWHERE == set(RULES)


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "rule"), [("incidents", "release.suspender"), ("deputy", "release.builder")])
def test_who_reinstated_a_release_is_read_from_the_ledger(who: str, rule: str) -> None:
    scene = story()
    release = suspend_release(actor=scene["incidents"], release=scene.system.releases.get(), reason="It drifts.")
    loosen("^release_reinstated")
    act_as(scene[who])
    execute(f"UPDATE inventory_release SET state = 'approved', suspended_by_id = NULL WHERE id = {release.pk}")
    seal_now()
    (found,) = violations()
    assert (found.rule, found.person_id, found.release) == (rule, scene[who].pk, "1.1.0")
