"""The committee pack says what stands, of what its reader may see, and the PDF says the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.vocabulary import Role
from governance.committee import figures as committee
from governance.committee import views
from governance.committee.ending import endings
from governance.committee.figures import AHEAD, OLDEST, Figures, Grid, figures
from governance.committee.home import ending, heated, piles
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.policy.packs import parse
from governance.policy.queries import pack_in_force, rules
from governance.validation.models import Finding, Submission
from governance.validation.services import (
    accept_finding,
    place_hold,
    raise_finding,
    refuse_certification,
    renew_release,
    start_campaign,
)
from governance.web.typesetting import pdf
from incidents.services import add_action, start_clock
from inventory.models import System
from inventory.services.legacy import bring_in_approval, move_legacy
from inventory.services.lowering import move_lowered, propose_lower_tier
from inventory.services.risks import accept_risk, analyse_risk, identify_risk, treat_risk
from tests.clocks import Clock
from tests.governance.access.people import appoint, person, system
from tests.governance.engagements.walk import found, running
from tests.governance.validation.scene import SHA, Scene, build
from tests.incidents.test_pages import browser, text
from tests.incidents.walk import reported
from tests.inventory.services.test_legacy_approvals import source

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return build()


def told() -> Figures:
    return figures(System.objects.all(), portal_now())


def told_soon() -> dict[str, tuple[int, ...]]:
    pack = pack_in_force()
    return dict(ending(rules(pack).document if pack else None, portal_now()))


def standing() -> tuple[int, ...]:
    return next(numbers for _, numbers, total in told().inventory.rows if total)


def test_a_system_goes_from_never_approved_through_review_to_approved_to_ended(scene: Scene, clock: Clock) -> None:
    assert standing() == (0, 0, 0, 0, 1)
    submission = scene.submitted()
    assert standing() == (0, 0, 0, 1, 0)
    scene.sign_all(submission)
    assert standing() == (1, 0, 0, 0, 0)
    assert told().closing.lines == ()
    assert submission.valid_until is not None
    clock.set(submission.valid_until - AHEAD + timedelta(days=1))
    assert standing() == (0, 1, 0, 0, 0)
    (line,) = told().closing.lines
    assert (line.system, line.until) == (scene.system.name, submission.valid_until)
    assert line.href == f"/systems/{scene.system.slug}/"
    clock.set(submission.valid_until + timedelta(seconds=1))
    assert standing() == (0, 0, 1, 0, 0)


def test_an_approval_that_was_renewed_is_not_told_as_ending(scene: Scene, clock: Clock) -> None:
    first = scene.approved()
    assert first.valid_until is not None
    clock.set(first.valid_until - timedelta(days=9))
    assert told_soon()["Approvals end"] == (1, 1, 1)
    scene.sign_all(renew_release(actor=scene["owner"], release=first.release))
    assert told_soon()["Approvals end"] == (0, 0, 0)
    assert told().closing.lines == ()


def test_a_finding_grows_old_and_overdue(scene: Scene, clock: Clock) -> None:
    submission = scene.submitted()
    finding = raise_finding(
        actor=scene["validator"], release=submission.release, title="Leaks", text="It does.", severity="high",
        category="data",
    )  # fmt: skip
    ageing = told().ageing
    assert (ageing.total, ageing.rows[[title for title, _, _ in ageing.rows].index("High")][1][0]) == (1, 1)
    assert [line.what for line in told().overdue] == []
    assert finding.due is not None
    clock.set(finding.due + timedelta(days=200))
    ageing = told().ageing
    assert sum(numbers[ageing.columns.index(OLDEST)] for _, numbers, _ in ageing.rows) == 1
    late, stage = told().overdue
    assert (late.what, late.number, late.oldest) == ("Findings past their due date", 1, finding.due)
    assert stage.what == "Stages open longer than the policy allows"


def raised(scene: Scene, submission: Submission, title: str, severity: str) -> Finding:
    return raise_finding(
        actor=scene["validator"], release=submission.release, title=title, text="It does.", severity=severity,
        category="data",
    )  # fmt: skip


def test_findings_that_will_close_a_gate_are_told_beforehand_and_those_that_do_or_never_will_are_not(
    scene: Scene, clock: Clock
) -> None:
    submission = scene.submitted()
    medium = raised(scene, submission, "Drifts", "medium")
    raised(scene, submission, "Closes it now", "high")
    raised(scene, submission, "Never closes it", "low")
    accepted, harmless = raised(scene, submission, "Leaks", "critical"), raised(scene, submission, "Typo", "low")
    assert medium.due is not None
    clock.set(medium.due - timedelta(days=20))
    end = portal_now() + timedelta(days=40)
    for finding in (accepted, harmless):
        accept_finding(actor=scene["riskofficer"], finding=finding, reason="For now.", until=end)
    assert [(line.what, line.until) for line in told().closing.lines] == [
        ("Finding falls due: Drifts", medium.due), ("Acceptance of a finding ends: Leaks", end),
    ]  # fmt: skip
    soon = told_soon()
    assert (soon["Findings fall due"], soon["Acceptances of findings end"]) == ((1, 1, 1), (0, 1, 1))


def test_an_accepted_finding_whose_acceptance_ended_is_told_by_its_due_date(scene: Scene, clock: Clock) -> None:
    medium = raised(scene, scene.submitted(), "Drifts", "medium")
    assert medium.due is not None
    accept_finding(
        actor=scene["riskofficer"], finding=medium, reason="For now.", until=portal_now() + timedelta(days=5)
    )
    clock.move(timedelta(days=10))
    assert [(line.what, line.until) for line in told().closing.lines] == [("Finding falls due: Drifts", medium.due)]


def test_a_lowered_tier_and_the_acceptance_of_a_risk_end_too(scene: Scene) -> None:
    end = portal_now() + timedelta(days=45)
    lowered = propose_lower_tier(
        actor=scene["owner"], system=scene.system, tier="low", reason="Only tried out.", review_at=end
    )
    assert told().closing.lines == ()
    move_lowered("grant", actor=scene["riskofficer"], lowered=lowered, reason="Agreed.")
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="Wrong scores", area="people")
    analyse_risk(actor=scene["developer"], risk=risk, likelihood="likely", consequence="serious")
    accept_risk(actor=scene["riskofficer"], risk=risk, reason="It is small.", until=end + timedelta(days=1))
    assert [line.what for line in told().closing.lines] == [
        "Lowered tier ends: high instead of low", "Acceptance of a risk ends: Wrong scores",
    ]  # fmt: skip
    soon = told_soon()
    assert (soon["Lowered tiers end"], soon["Acceptances of risks end"]) == ((0, 1, 1), (0, 1, 1))


def test_a_legacy_approval_ends_where_the_policy_counts_it_and_no_later_than_the_policy_says(scene: Scene) -> None:
    until = portal_now() + timedelta(days=80)
    approval = bring_in_approval(
        actor=scene["governor"], system=scene.system, version=scene.release().version, approved_on=date(2025, 3, 31),
        approved_by="Model Risk Committee", reference="MRC-2025-17", until=until, sha256=[SHA],
    )  # fmt: skip
    move_legacy("confirm", actor=scene["riskofficer"], approval=approval, reason="Read the minutes.")

    def ends(legacy: str) -> list[datetime]:
        found = endings(System.objects.values("pk"), parse(source(legacy)), portal_now())
        (kind,) = (each for each in found if each.title == "Legacy approvals end")
        return [each.ends for each in kind.within(AHEAD)]

    assert told().closing.lines == ()
    assert ends("legacy: null") == []
    assert ends("legacy: {until: 2099-01-01T00:00:00Z}") == [until]
    assert ends("legacy: {until: 2099-01-01T00:00:00Z, tiers: [low]}") == []
    sooner = (until - timedelta(days=70)).replace(microsecond=0)
    assert ends(f"legacy: {{until: {sooner:%Y-%m-%dT%H:%M:%SZ}}}") == [sooner]


def test_a_hold_stands_among_the_exceptions_and_a_system_nobody_owns_among_what_is_overdue(scene: Scene) -> None:
    place_hold(actor=scene["riskofficer"], system=scene.system, reason="Odd scores.")
    assert [line.what for line in told().exceptions.lines] == ["Hold: Odd scores."]
    with acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        system("ownerless", scene.unit)
    assert [(line.what, line.number) for line in told().overdue] == [("Systems without an owner", 1)]


def test_risks_stages_action_items_and_reports_to_authorities_stand_among_what_is_overdue(
    scene: Scene, clock: Clock
) -> None:
    scene.submitted()
    incident = reported(scene)
    due = portal_now() + timedelta(days=5)
    add_action(actor=scene["incidents"], incident=incident, text="Retrain.", owner=scene["developer"], due=due)
    owed = start_clock(actor=scene["incidents"], incident=incident, clock="gdpr-33")
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="Wrong scores", area="people")
    analyse_risk(actor=scene["developer"], risk=risk, likelihood="likely", consequence="serious")
    treat_risk(
        actor=scene["owner"], risk=risk, treatment="mitigate", plan="Watch it.", owner=scene["developer"], due=due,
        residual_likelihood="rare", residual_consequence="serious", review_at=due + timedelta(days=1),
    )  # fmt: skip
    assert told().overdue == ()
    clock.move(timedelta(days=15))
    late = {line.what: (line.number, line.oldest) for line in told().overdue}
    assert late.pop("Stages open longer than the policy allows")[0] == 1
    assert late == {
        "Action items of incidents past their day": (1, due),
        "Reports to authorities past their deadline": (1, owed.deadline),
        "Treatments of risks past their day": (1, due),
        "Risks not looked at again in time": (1, due + timedelta(days=1)),
    }  # fmt: skip


def test_a_list_that_is_cut_says_how_much_there_is_on_the_page_and_in_the_pdf(
    scene: Scene, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committee, "LISTED", 2)
    submission = scene.submitted()
    for number in range(3):
        place_hold(actor=scene["riskofficer"], system=scene.system, reason=f"Odd scores {number}.")
        medium = raised(scene, submission, f"Drifts {number}", "medium")
    assert medium.due is not None
    clock.set(medium.due - timedelta(days=20))
    assert [(len(each.lines), each.number) for each in (told().exceptions, told().closing)] == [(2, 3), (2, 3)]
    assert text(scene["validator"], "/committee/").count("The first 2 of 3.") == 2
    spied = mock.Mock(side_effect=pdf)
    monkeypatch.setattr(views, "pdf", spied)
    assert browser(scene["validator"]).get("/committee/pack.pdf").content.startswith(b"%PDF-")
    closing = spied.call_args.args[1]["closing"]
    assert (closing["number"], len(closing["lines"])) == (3, 2)


def test_one_vendor_written_in_two_ways_is_one(scene: Scene) -> None:
    with acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        for number, vendor in enumerate(("Acme  Models", "acme models", "Other")):
            System.objects.filter(pk=system(f"bought-{number}", scene.unit).pk).update(vendor=vendor)
    assert [(each.systems, each.share) for each in told().vendors] == [(2, 50), (1, 25)]


def test_retired_systems_are_left_out(scene: Scene) -> None:
    with acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        System.objects.update(phase=System.Phase.RETIRED)
    assert told().inventory.total == 0


def test_a_reader_is_told_of_what_they_may_see_only(scene: Scene) -> None:
    place_hold(actor=scene["riskofficer"], system=scene.system, reason="Odd scores.")
    assert "Odd scores." in text(scene["validator"], "/committee/")
    shown = text(scene["outsider"], "/committee/")
    assert "Odd scores." not in shown
    assert "0 systems" in shown
    wrong = browser(scene["outsider"]).get(f"/committee/?unit={scene.unit.slug}")
    assert wrong.status_code == 400


def test_a_unit_narrows_it_to_that_unit_and_those_below(scene: Scene) -> None:
    assert "1 system you may see" in text(scene["validator"], f"/committee/?unit={scene.unit.slug}")


def test_records_and_audits_stand_among_what_is_overdue_and_audits_among_the_findings(
    scene: Scene, clock: Clock
) -> None:
    campaign = start_campaign(
        actor=scene["governor"], title="All", due=portal_now() + timedelta(days=9), unit=scene.unit
    )  # fmt: skip
    found(scene, running(scene))
    assert told().overdue == ()
    assert told().ageing.total == 1
    refuse_certification(actor=scene["owner"], certification=campaign.certifications.get(), statement="Wrong.")
    clock.move(timedelta(days=100))
    late = {line.what: line.number for line in told().overdue}
    assert late == {
        "Findings of audits past their due date": 1, "Audits past their planned end": 1,
        "Records said to be wrong, or not certified in time": 1,
    }  # fmt: skip
    page = text(scene["validator"], "/committee/")
    assert all(what in page for what in late)


def test_the_pdf_is_tagged_and_survives_what_people_write(scene: Scene) -> None:
    place_hold(actor=scene["riskofficer"], system=scene.system, reason='#panic("x") *bold* $1 @ref <label> ☃')
    answer = browser(scene["validator"]).get("/committee/pack.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in answer.content


def test_it_costs_the_same_for_two_systems_and_for_forty(scene: Scene) -> None:
    reader = person("reader")
    appoint(reader, Role.AUDITOR, unit=scene.unit)

    def cost() -> int:
        client = browser(reader)
        client.get("/committee/")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get("/committee/").status_code == 200
        return len(asked)

    few = cost()
    with acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        for number in range(40):
            system(f"more-{number}", scene.unit)
    assert cost() == few


def test_the_governance_team_sees_the_estate_at_a_glance_and_nobody_else_does(scene: Scene, clock: Clock) -> None:
    approved, submitted = scene.approved(), scene.submitted()
    raise_finding(
        actor=scene["validator"], release=submitted.release, title="Leaks", text="It does.", severity="high",
        category="data",
    )  # fmt: skip
    assert approved.valid_until is not None
    assert "Where work waits" not in text(scene["owner"], "/")
    shown = text(scene["governor"], "/")
    assert "Technical validation" in shown
    assert "Findings to answer" in shown
    assert told_soon()["Approvals end"] == (0, 0, 0)
    clock.set(approved.valid_until - timedelta(days=45))
    assert told_soon()["Approvals end"] == (0, 1, 1)
    assert {pile.title: pile.number for pile in piles()} == {"Technical validation": 1, "Findings to answer": 1}


def test_a_cell_is_deeper_the_more_it_holds() -> None:
    (row,) = heated(Grid(("a", "b", "c"), (("High", (0, 1, 8), 9),)))
    assert [cell.heat for cell in row.cells] == [0, 1, 4]
