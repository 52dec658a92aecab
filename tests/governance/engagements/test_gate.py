"""What audits found closes the gate where a pack says so, by severity or once overdue; the shipped one does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from governance.database.clock import portal_now
from governance.engagements.models import AuditFinding
from governance.engagements.services import cancel_engagement, respond_to_audit_finding, verify_audit_finding
from governance.policy import packs
from governance.policy.checking import Purpose
from governance.policy.decide import Decision, Rules, decide
from governance.policy.packs import PackInvalid, parse
from governance.policy.queries import facts_of
from governance.web.days import last_day
from tests.governance.engagements.walk import found, reported, running
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_attachments import upload
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good, problem

pytestmark = pytest.mark.django_db
BASELINE = (Path(packs.__file__).parent / "baseline.yaml").read_text()
LINE = """
  - id: audits
    title: Nothing an audit found stands open
    why: What an audit found is settled before more is built on it.
    check: audit_findings
    parameters: {{{parameters}}}
    applies: {{tiers: [{tiers}]}}
"""


def rules(parameters: str, tiers: str = "high") -> Rules:
    """The baseline, asking for audits too."""
    line = LINE.format(parameters=parameters, tiers=tiers)
    return Rules(parse(BASELINE.replace("\nrequirements:\n", f"\nrequirements:{line}", 1)), "sha256:fixture")


def audited(scene: Scene, asked: Rules, *, days: int = 0) -> tuple[str, str]:
    """How the requirement stands for a release of the scene's system, some days from now."""
    release = scene.system.releases.first() or scene.release()
    facts = facts_of([release])[release.pk]
    environment = asked.document.environment("production")
    decision: Decision = decide(facts, asked, environment, portal_now() + timedelta(days=days), Purpose.DEPLOY)
    return next(((str(line.status), line.reason) for line in decision.lines if line.id == "audits"), ("absent", ""))


def test_an_open_finding_of_a_named_severity_closes_the_gate_until_it_is_settled(scene: Scene) -> None:
    audit = running(scene)
    asked = rules("severities: [critical, high]")
    assert audited(scene, asked) == ("met", "Nothing that an audit found stands against it.")
    finding = found(scene, audit)
    status, reason = audited(scene, asked)
    assert (status, f"AF-{finding.pk} “No owner on call”" in reason) == ("unmet", True)
    assert audited(scene, rules("severities: [critical]"))[0] == "met"
    assert audited(scene, rules("", tiers="low"))[0] == "not_applicable"
    respond_to_audit_finding(actor=scene["owner"], finding=finding, response="There is one now.")
    assert audited(scene, asked)[0] == "unmet"
    verify_audit_finding(
        actor=scene["external"], finding=AuditFinding.objects.get(pk=finding.pk), verification="Called on Sunday."
    )
    assert audited(scene, asked)[0] == "met"


def test_a_pack_may_ask_only_for_what_is_overdue(scene: Scene) -> None:
    finding = found(scene, running(scene))
    asked = rules("only_overdue: true")
    status, reason = audited(scene, asked)
    assert (status, "The next falls due" in reason) == ("met", True)
    late = (finding.due - portal_now()).days + 1
    assert audited(scene, asked, days=late)[0] == "unmet"


def test_what_a_cancelled_audit_raised_holds_nothing_up(scene: Scene) -> None:
    audit = running(scene)
    found(scene, audit)
    cancel_engagement(actor=scene["governor"], engagement=audit, reason="Merged.")
    assert audited(scene, rules(""))[0] == "met"


def test_the_shipped_baseline_does_not_ask_and_a_pack_names_known_severities(scene: Scene) -> None:
    found(scene, running(scene))
    assert audited(scene, Rules(parse(BASELINE), "sha256:shipped"))[0] == "absent"
    with pytest.raises(PackInvalid, match="there is no severity “grave”"):
        rules("severities: [grave]")
    with pytest.raises(PackInvalid, match="only_sometimes"):
        rules("only_sometimes: true")


def test_the_report_is_handed_in_and_read_over_rest_and_printed(scene: Scene) -> None:
    audit = running(scene)
    finding = found(scene, audit)
    path = f"engagements/{audit.pk}/report/"
    external, owner = Caller(scene["external"]), Caller(scene["owner"])
    fields = {"summary": "Sound, with *one* gap."}
    problem(upload(owner, path, **fields), 403)
    problem(upload(external, path), 400)
    problem(external.post(path, fields), 415)
    shown = good(upload(external, path, **fields))
    assert (shown["state"], shown["report_name"], len(shown["report"])) == ("reported", "report.pdf", 64)
    assert [(each["key"], each["text"]) for each in shown["findings"]] == [
        (f"AF-{finding.pk}", "Nobody answered on *Sunday*.")
    ]
    assert good(owner.get(path))["findings"] == shown["findings"]
    problem(Caller(scene["outsider"]).get(path), 404)
    page = browser(scene["owner"]).get(f"/engagements/{audit.pk}/print/")
    assert page.status_code == 200
    finding.refresh_from_db()
    days = [f"{last_day(each):%-d %b %Y}" for each in (audit.ends_at, finding.due)]
    for words in (shown["report"], "<em>Sunday</em>", "<em>one</em> gap", "(leads)", *days):
        assert words in page.content.decode()
    assert browser(scene["outsider"]).get(f"/engagements/{audit.pk}/print/").status_code == 404
    reported(scene, audit)
