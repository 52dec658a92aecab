"""Approvals from before the portal: two people, an end, never a signature, and the gate only where the pack says so."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from governance.access.models import User
from governance.access.rights import NotVisible
from governance.access.vocabulary import OrganisationRole, Role
from governance.database.clock import portal_now
from governance.gate.models import GateCheck
from governance.inputs import InvalidInput
from governance.ledger.acting import Door, acting
from governance.ledger.verification import verify
from governance.lifecycle import Conflict, Forbidden
from governance.policy import packs
from governance.policy.decide import Asked, Decision, Rules, Status, decide
from governance.policy.facts import LegacyFact
from governance.policy.gaps import UNMET, duties
from governance.policy.packs import PackInvalid, parse
from governance.policy.queries import facts_of
from governance.policy.services import adopt_pack, load_pack, propose_pack
from governance.validation.models import SignOff
from governance.web import slots
from governance.web.slots import Group
from inventory.legacy import whether_it_counts
from inventory.models import LegacyApproval, Release
from inventory.services.legacy import (
    bring_in_approval,
    move_legacy,
)
from tests.governance.access.people import appoint, join, person
from tests.governance.validation.scene import SHA, Scene, build, sign
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
YEAR = timedelta(days=365)
UNTIL = "2030-01-01T00:00:00Z"


@pytest.fixture
def scene(db: None) -> Scene:
    """A high-tier system with its people."""
    return build()


def brought_in(scene: Scene, release: Release | None = None, **more: Any) -> LegacyApproval:
    values: dict[str, Any] = {
        "actor": scene["governor"], "system": scene.system, "version": release.version if release else "1.1.0",
        "approved_on": date(2025, 3, 31), "approved_by": "Model Risk Committee", "reference": "MRC-2025-17",
        "until": portal_now() + YEAR,
    }  # fmt: skip
    return bring_in_approval(**{**values, **more})


def confirmed(scene: Scene, release: Release | None = None, **more: Any) -> LegacyApproval:
    approval = brought_in(scene, release, **more)
    return move_legacy("confirm", actor=scene["riskofficer"], approval=approval, reason="Read the minutes.")


def source(legacy: str = f"legacy: {{until: {UNTIL}, digest_known: false}}") -> str:
    text = (Path(packs.__file__).parent / "baseline.yaml").read_text()
    return text.replace("  renewal_notice_days: 30\n", f"  renewal_notice_days: 30\n  {legacy}\n")


def asked(release: Release, legacy: str, *digests: str) -> Decision:
    document = parse(source(legacy))
    facts = facts_of([release])[release.pk]
    production = document.environment("production")
    return decide(facts, Rules(document, "x"), production, portal_now(), asked=Asked(digests))


def test_two_people_bring_it_in_and_it_is_never_a_signature(scene: Scene) -> None:
    approval = confirmed(scene)
    assert (approval.state, approval.decided_by) == ("confirmed", scene["riskofficer"])
    assert not SignOff.objects.exists()
    assert not Release.objects.filter(state="approved").exists()
    assert not verify().differences


def test_the_fact_is_what_the_row_says(scene: Scene) -> None:
    release = scene.release()
    assert facts_of([release])[release.pk].legacy is None
    approval = brought_in(scene, release, sha256=[f"sha256:{SHA}"])
    assert facts_of([release])[release.pk].legacy is None
    approval = move_legacy("confirm", actor=scene["riskofficer"], approval=approval, reason="Seen.")
    assert approval.decided_at is not None
    assert facts_of([release])[release.pk].legacy == LegacyFact(
        approval.pk, approval.approved_on, "Model Risk Committee", "MRC-2025-17", approval.until,
        approval.decided_at, frozenset({SHA}),
    )  # fmt: skip


def test_the_shipped_packs_count_none(scene: Scene) -> None:
    release = scene.release()
    approval = confirmed(scene, release)
    decision = asked(release, "legacy: null")
    assert not decision.allowed
    assert not decision.legacy
    assert "counts no legacy approvals" in whether_it_counts(approval, release)


def test_where_the_pack_says_until_when_it_opens_the_gate_as_a_status_of_its_own(scene: Scene) -> None:
    release = scene.release()
    approval = confirmed(scene, release)
    decision = asked(release, f"legacy: {{until: {UNTIL}, digest_known: false}}", SHA)
    assert decision.allowed, decision.unmet
    stood_in = {line.id: line for line in decision.legacy}
    assert {"technical-validation", "process-audit", "release-approval", "approval-current"} <= set(stood_in)
    line = stood_in["technical-validation"]
    assert line.status is Status.LEGACY
    assert "Legacy approval of 2025-03-31 by Model Risk Committee (MRC-2025-17), not checked here" in line.reason
    assert (line.href, line.until) == (f"/legacy-approvals/{approval.pk}/", approval.until)
    assert decision.closes_at == approval.until
    sooner = asked(
        release, f"legacy: {{until: {portal_now() + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}, digest_known: false}}", SHA
    )
    assert sooner.closes_at is not None
    assert sooner.closes_at < approval.until


@pytest.mark.parametrize(
    ("legacy", "digests", "allowed"),
    [
        ("legacy: {until: 2030-01-01T00:00:00Z, tiers: [low], digest_known: false}", [SHA], False),
        ("legacy: {until: 2030-01-01T00:00:00Z, tiers: [high], digest_known: false}", [SHA], True),
        ("legacy: {until: 2026-01-01T00:00:00Z, digest_known: false}", [SHA], False),
        ("legacy: {until: 2030-01-01T00:00:00Z}", [SHA], False),
    ],
)
def test_tiers_ends_and_unknown_files_are_the_packs_to_judge(
    scene: Scene, legacy: str, digests: list[str], allowed: bool
) -> None:
    release = scene.release()
    confirmed(scene, release)
    assert asked(release, legacy, *digests).allowed is allowed


def test_files_it_names_are_the_files_of_the_release_and_the_ones_presented(scene: Scene) -> None:
    first, second = scene.release(), scene.release()
    confirmed(scene, first, sha256=[SHA])
    confirmed(scene, second, sha256=["b" * 64])
    permits = f"legacy: {{until: {UNTIL}}}"
    assert asked(first, permits, SHA).allowed
    assert not asked(first, permits, "b" * 64).allowed
    assert not asked(second, permits, SHA).allowed


def test_what_was_decided_here_counts_before_what_was_said_elsewhere(scene: Scene) -> None:
    submission = scene.submitted()
    release = submission.release
    confirmed(scene, release)
    assert asked(release, f"legacy: {{until: {UNTIL}, digest_known: false}}", SHA).allowed
    review = submission.reviews.get(state="open")
    sign(scene["validator"], review, SignOff.Decision.REJECT, "It does not hold.")
    release.refresh_from_db()
    assert release.state == "rejected"
    assert not asked(release, f"legacy: {{until: {UNTIL}, digest_known: false}}", SHA).allowed


def test_what_a_legacy_approval_stands_in_for_is_still_a_gap(scene: Scene) -> None:
    release = scene.release()
    confirmed(scene, release)
    document = parse(source())
    told = {duty.id: duty for duty in duties(facts_of([release])[release.pk], Rules(document, "x"), portal_now())}
    assert told["technical-validation"].status == UNMET
    assert "not checked here" in told["technical-validation"].reason


@pytest.mark.parametrize(
    "legacy",
    [
        "legacy: {until: 2030-01-01T00:00:00}",
        f"legacy: {{until: {UNTIL}, tiers: [grave]}}",
        f"legacy: {{until: {UNTIL}, covers: [holds]}}",
        f"legacy: {{until: {UNTIL}, covers: [nothing-we-know]}}",
    ],
)
def test_a_pack_that_says_it_wrongly_is_refused(legacy: str) -> None:
    with pytest.raises(PackInvalid, match=r"approvals[. ]legacy"):
        parse(source(legacy))
    assert parse(source(f"legacy: {{until: {UNTIL}, covers: [documents]}}")).approvals.legacy


@pytest.mark.parametrize("name", ["owner", "developer", "validator", "governor", "superuser", "outsider"])
def test_only_an_independent_risk_officer_or_approver_confirms(scene: Scene, name: str) -> None:
    approval = brought_in(scene)
    for decide_it in ("confirm", "refuse"):
        with pytest.raises((Forbidden, NotVisible)):
            move_legacy(decide_it, actor=scene[name], approval=approval, reason="So be it.")


def test_who_brought_it_in_or_builds_it_does_not_confirm_it_even_with_the_role(scene: Scene) -> None:
    approval = brought_in(scene)
    appoint(scene["governor"], Role.RISK_OFFICER, unit=scene.unit)
    appoint(scene["approver"], Role.DEVELOPER, system=scene.system)
    for name, code in (("governor", "sod.requester"), ("approver", "sod.owner")):
        with pytest.raises(Forbidden) as refused:
            move_legacy("confirm", actor=scene[name], approval=approval, reason="Mine.")
        assert refused.value.code == code


@pytest.mark.django_db(transaction=True)
def test_the_seal_refuses_a_confirmation_no_service_made() -> None:
    scene = build()
    approval = brought_in(scene)
    written = {"state": "confirmed", "decided_at": portal_now(), "decision_reason": "x"}

    def write(actor: User, **more: Any) -> None:
        with acting(actor, door=Door.COMMAND, verb="legacy_approval.confirm"), transaction.atomic():
            LegacyApproval.objects.filter(pk=approval.pk).update(**{**written, "decided_at": portal_now(), **more})

    for actor, names in (("owner", "owner"), ("riskofficer", "approver"), ("governor", "governor")):
        with pytest.raises(Forbidden):
            write(scene[actor], decided_by=scene[names])
    with pytest.raises(Conflict):
        write(scene["riskofficer"], decided_by=scene["riskofficer"], until=approval.until + YEAR)
    approval.refresh_from_db()
    assert approval.state == "brought_in"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", ""), ("approved_by", " "), ("reference", ""), ("sha256", ["ABC"]), ("report", "a" * 64),
        ("approved_on", date(2999, 1, 1)), ("until", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_record_says_when_by_whom_and_until_when(scene: Scene, field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as wrong:
        brought_in(scene, **{field: value})
    assert list(wrong.value.errors) == [field]


def test_it_is_withdrawn_by_who_brought_it_in_and_ended_by_who_could_confirm(scene: Scene) -> None:
    approval = brought_in(scene)
    with pytest.raises(Conflict) as twice:
        brought_in(scene)
    assert twice.value.code == "duplicate"
    with pytest.raises(Forbidden):
        move_legacy("withdraw", actor=scene["riskofficer"], approval=approval, reason="Not mine.")
    move_legacy("withdraw", actor=scene["governor"], approval=approval, reason="Wrong file.")
    release = scene.release()
    again = confirmed(scene, release)
    move_legacy("end", actor=scene["approver"], approval=again, reason="Replaced.")
    assert not asked(release, f"legacy: {{until: {UNTIL}, digest_known: false}}", SHA).allowed


FILE = "system,version,approved_on,approved_by,reference,until,sha256\n"
ROW = f"scorer,1.0,2025-03-31,Committee,MRC-1,2030-01-01,{SHA}\n"


def run(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[dict[str, Any], int]:
    file = tmp_path / "approvals.csv"
    file.write_text(text)
    status = 0
    try:
        call_command("import_approvals", str(file), "--json", *options)
    except SystemExit as left:
        status = int(str(left.code))
    return json.loads(capsys.readouterr().out), status


def test_a_file_is_taken_whole_tried_first_and_changes_nothing_twice(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    who = ("--as", "governor")
    tried, _ = run(tmp_path, FILE + ROW, capsys, *who, "--dry-run")
    assert (tried["created"], LegacyApproval.objects.count()) == (1, 0)
    done, status = run(tmp_path, FILE + ROW, capsys, *who)
    assert (done["created"], done["unchanged"], status) == (1, 0, 0)
    again, _ = run(tmp_path, FILE + ROW, capsys, *who)
    assert (again["created"], again["unchanged"], LegacyApproval.objects.count()) == (0, 1, 1)
    nobody, status = run(tmp_path, FILE + ROW, capsys)
    assert status == 1
    assert "another person confirms" in nobody["errors"][0]["message"]
    bad = FILE + ROW.replace("1.0", "2.0") + "nowhere,1.0,31.3.2025,x,y,2030-01-01,\nscorer,3,soon,x,y,later,\n"
    wrong, status = run(tmp_path, bad, capsys, *who)
    assert (status, [error["line"] for error in wrong["errors"]]) == (1, [3, 4])
    assert LegacyApproval.objects.count() == 1
    _, status = run(tmp_path, "system,version,colour\n", capsys, *who)
    assert status == 1


def test_pages_lead_from_the_system_to_the_confirmation_and_to_the_release(scene: Scene) -> None:
    release = scene.release()
    governor, officer, owner = (Client() for _ in range(3))
    for client, name in ((governor, "governor"), (officer, "riskofficer"), (owner, "owner")):
        client.force_login(scene[name], backend=BACKEND)
    assert "Bring in a legacy approval" in governor.get("/systems/scorer/").content.decode()
    assert owner.get("/systems/scorer/legacy-approval/").status_code == 403
    typed = {
        "version": release.version, "approved_on": "2025-03-31", "approved_by": "Committee", "reference": "MRC-1",
        "until": f"{portal_now() + YEAR:%Y-%m-%dT%H:%M}", "sha256": SHA, "report": "",
    }  # fmt: skip
    where = governor.post("/systems/scorer/legacy-approval/", typed)["Location"]
    assert governor.get(f"{where}confirm/").status_code == 403
    assert any(item.href == where for item in slots.work(scene["riskofficer"], Group.WAITING))
    assert "Confirm it" in officer.get(where).content.decode()
    assert officer.post(f"{where}confirm/", {"reason": "Read."}).status_code == 302
    page = owner.get(f"/releases/{release.pk}/").content.decode()
    assert "Legacy, not checked here" in page
    assert "counts no legacy approvals" in page
    assert "Committee" in owner.get("/legacy-approvals/?system=scorer").content.decode()
    file = SimpleUploadedFile("a.csv", (FILE + ROW).encode())
    assert governor.post("/legacy-approvals/import/", {"file": file, "only_try": "on"}).status_code == 302
    assert LegacyApproval.objects.count() == 1
    wrong = governor.post("/legacy-approvals/import/", {"file": SimpleUploadedFile("a.csv", b"PK\x03\x04zip")})
    assert wrong.status_code == 400
    assert governor.post(
        "/legacy-approvals/import/", {"file": SimpleUploadedFile("a.csv", (FILE + ROW).encode())}
    ).status_code == 302  # fmt: skip
    assert LegacyApproval.objects.count() == 2


def test_the_same_over_rest_up_to_the_gate(scene: Scene) -> None:
    governor, officer = Caller(scene["governor"]), Caller(scene["riskofficer"])
    release = scene.release()
    body = {
        "system": "scorer", "version": release.version, "approved_on": "2025-03-31", "approved_by": "Committee",
        "reference": "MRC-1",
    }  # fmt: skip
    problem(governor.post("legacy-approvals/", body), 400)
    body["until"] = (portal_now() + YEAR).isoformat()
    problem(Caller(scene["owner"]).post("legacy-approvals/", body), 403)
    made = good(governor.post("legacy-approvals/", {**body, "sha256": [SHA]}), 201)
    assert (made["state"], made["report"], made["sha256"]) == ("brought_in", None, [SHA])
    path = f"legacy-approvals/{made['id']}/"
    problem(governor.post(f"{path}confirm/", {"reason": "Mine."}), 403)
    problem(Caller(scene["outsider"]).get(path), 404)
    assert good(officer.post(f"{path}confirm/", {"reason": "Seen."}))["state"] == "confirmed"
    problem(officer.post(f"{path}confirm/", {"reason": "Twice."}), 409)
    gate = f"gate/?system=scorer&release={release.version}&environment=production&sha256={SHA}"
    assert good(officer.get(gate))["decision"] == "deny"
    permits = load_pack(actor=scene["governor"], source=source().replace('"2026.1"', '"2026.2"', 1))
    propose_pack(actor=scene["governor"], pack=permits)
    adopt_pack(actor=join(person("second"), OrganisationRole.GOVERNANCE), pack=permits)
    answer = good(officer.get(gate))
    assert answer["decision"] == "allow"
    assert {line["status"] for line in answer["requirements"] if line["id"].endswith("validation")} == {"legacy"}
    text = officer.get(gate, Accept="text/plain").content.decode()
    assert text.startswith("ALLOW")
    assert "legacy technical-validation: Legacy approval of 2025-03-31 by Committee" in text
    asked = {"system": "scorer", "release": release.version, "environment": "production", "sha256": [SHA]}
    assert good(officer.post("gate/", asked))["decision"] == "allow"
    kept = GateCheck.objects.get()
    assert (kept.unmet, kept.waived, "technical-validation" in kept.legacy) == ([], [], True)
    assert good(officer.post(f"{path}end/", {"reason": "Over."}))["state"] == "ended"
    assert good(officer.get(gate))["decision"] == "deny"


def test_an_examiner_reads_and_changes_nothing(scene: Scene) -> None:
    approval = brought_in(scene)
    examiner = join(scene["outsider"], OrganisationRole.EXAMINER)
    caller = Caller(examiner)
    assert good(caller.get(f"legacy-approvals/{approval.pk}/"))["reference"] == "MRC-2025-17"
    problem(caller.post(f"legacy-approvals/{approval.pk}/confirm/", {"reason": "x"}), 403)
