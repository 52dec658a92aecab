"""The committee pack says what stands, of what its reader may see, and the PDF says the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.vocabulary import Role
from governance.committee.figures import AHEAD, OLDEST, Figures, Grid, figures
from governance.committee.home import ending, heated, piles
from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.validation.services import place_hold, raise_finding, refuse_certification, start_campaign
from inventory.models import System
from tests.clocks import Clock
from tests.governance.access.people import appoint, person, system
from tests.governance.engagements.walk import found, running
from tests.governance.validation.scene import Scene, build
from tests.incidents.test_pages import browser, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return build()


def told() -> Figures:
    return figures(System.objects.all(), portal_now())


def standing() -> tuple[int, ...]:
    return next(numbers for _, numbers, total in told().inventory.rows if total)


def test_a_system_goes_from_never_approved_through_review_to_approved_to_ended(scene: Scene, clock: Clock) -> None:
    assert standing() == (0, 0, 0, 0, 1)
    submission = scene.submitted()
    assert standing() == (0, 0, 0, 1, 0)
    scene.sign_all(submission)
    assert standing() == (1, 0, 0, 0, 0)
    assert told().closing == ()
    assert submission.valid_until is not None
    clock.set(submission.valid_until - AHEAD + timedelta(days=1))
    assert standing() == (0, 1, 0, 0, 0)
    (line,) = told().closing
    assert (line.system, line.until) == (scene.system.name, submission.valid_until)
    assert line.href == f"/systems/{scene.system.slug}/"
    clock.set(submission.valid_until + timedelta(seconds=1))
    assert standing() == (0, 0, 1, 0, 0)


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
    (late,) = told().overdue
    assert (late.what, late.number, late.oldest) == ("Findings past their due date", 1, finding.due)


def test_a_hold_stands_among_the_exceptions_and_a_system_nobody_owns_among_what_is_overdue(scene: Scene) -> None:
    place_hold(actor=scene["riskofficer"], system=scene.system, reason="Odd scores.")
    assert [line.what for line in told().exceptions] == ["Hold: Odd scores."]
    with acting(Command("test"), door=Door.COMMAND, verb="command.run"):
        system("ownerless", scene.unit)
    assert [(line.what, line.number) for line in told().overdue] == [("Systems without an owner", 1)]


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
    assert dict(ending(portal_now()))["Approvals end"] == (0, 0, 0)
    clock.set(approved.valid_until - timedelta(days=45))
    assert dict(ending(portal_now()))["Approvals end"] == (0, 1, 1)
    assert {pile.title: pile.number for pile in piles()} == {"Technical validation": 1, "Findings to answer": 1}


def test_a_cell_is_deeper_the_more_it_holds() -> None:
    (row,) = heated(Grid(("a", "b", "c"), (("High", (0, 1, 8), 9),)))
    assert [cell.heat for cell in row.cells] == [0, 1, 4]
