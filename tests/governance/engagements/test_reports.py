"""Who reads what an audit of several systems reports: the team and who sees them all; others learn that it is there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.vocabulary import OrganisationRole
from governance.changes.models import FollowUp
from governance.database.clock import portal_now
from governance.engagements.models import Engagement
from governance.engagements.services import close_engagement, remove_member, start_engagement
from governance.ledger.acting import Command, Door, acting, seal_now
from tests.governance.access.people import join, person, system
from tests.governance.engagements.walk import found, led, planned, reported
from tests.governance.validation.scene import Scene
from tests.governance.validation.test_attachments import upload
from tests.governance.validation.test_pages import browser
from tests.rest import Caller, good

pytestmark = pytest.mark.django_db
SUMMARY, NOTE = "Sound, with one gap.", "The gap of the other is filled."


@pytest.fixture
def audit(scene: Scene) -> Engagement:
    """An audit of two systems, of which the owner sees one; reported."""
    with acting(Command("scene"), door=Door.COMMAND, verb="command.run"):
        other = system("other", scene.unit)
    scene.people["examiner"] = join(person("examiner"), OrganisationRole.EXAMINER)
    engagement = planned(scene, systems=[scene.system, other])
    led(scene, engagement)
    start_engagement(actor=scene["governor"], engagement=engagement)
    return reported(scene, engagement)


def settled(scene: Scene, audit: Engagement) -> Engagement:
    """With a note, and coming round again."""
    again = portal_now() + timedelta(days=90)
    return close_engagement(actor=scene["governor"], engagement=audit, note=NOTE, next_at=again)


@pytest.mark.parametrize("name", ["external", "governor", "examiner", "validator"])
def test_the_team_and_who_sees_every_system_read_the_report(scene: Scene, audit: Engagement, name: str) -> None:
    settled(scene, audit)
    seal_now()
    web, rest = browser(scene[name]), Caller(scene[name])
    for page in (f"/engagements/{audit.pk}/", f"/engagements/{audit.pk}/print/"):
        shown = web.get(page).content.decode()
        assert (SUMMARY in shown, NOTE in shown, "report.pdf" in shown) == (True, True, True)
    assert web.get(f"/engagements/{audit.pk}/report/file/").getvalue() == b"%PDF-1.7 report"
    for path in (f"engagements/{audit.pk}/", f"engagements/{audit.pk}/report/"):
        told = good(rest.get(path))
        assert (told["summary"], told["note"], told["report_name"]) == (SUMMARY, NOTE, "report.pdf")


@pytest.mark.parametrize("name", ["owner", "developer"])
def test_who_sees_one_of_the_systems_learns_that_there_is_a_report_and_its_digest(
    scene: Scene, audit: Engagement, name: str
) -> None:
    settled(scene, audit)
    seal_now()
    assert audit.report is not None
    digest = audit.report.sha256
    web, rest = browser(scene[name]), Caller(scene[name])
    for page in (f"/engagements/{audit.pk}/", f"/engagements/{audit.pk}/print/"):
        answer = web.get(page)
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert digest in shown
        assert (SUMMARY in shown, NOTE in shown, "report.pdf" in shown) == (False, False, False)
        assert f"/engagements/{audit.pk}/report/file/" not in shown
    assert web.get(f"/engagements/{audit.pk}/report/file/").status_code == 403
    for path in (f"engagements/{audit.pk}/", f"engagements/{audit.pk}/report/"):
        told = good(rest.get(path))
        assert (told["summary"], told["note"], told["report_name"]) == (None, None, None)
        assert (told["state"], told["report"], told["reported_by"]["username"]) == ("closed", digest, "external")


def test_what_was_found_elsewhere_does_not_come_with_the_work_or_the_timeline(scene: Scene, audit: Engagement) -> None:
    settled(scene, audit)
    seal_now()
    assert not any(SUMMARY in work.text or NOTE in work.text for work in FollowUp.objects.filter(cause="engagement"))
    timeline = browser(scene["owner"]).get("/systems/scorer/?tab=ledger")
    assert timeline.status_code == 200
    assert NOTE not in timeline.content.decode()


def test_why_somebody_left_the_team_is_told_to_who_reads_the_report(scene: Scene, audit: Engagement) -> None:
    remove_member(actor=scene["governor"], member=audit.team.get(), reason="Fell ill.")
    seal_now()
    page = f"/engagements/{audit.pk}/"
    assert "Fell ill." in browser(scene["validator"]).get(page).content.decode()
    assert "Fell ill." not in browser(scene["owner"]).get(page).content.decode()


def test_the_report_of_one_system_is_read_by_who_sees_it(scene: Scene) -> None:
    engagement = planned(scene)
    led(scene, engagement)
    start_engagement(actor=scene["governor"], engagement=engagement)
    finding = found(scene, engagement)
    handed = good(upload(Caller(scene["external"]), f"engagements/{engagement.pk}/report/", summary=SUMMARY))
    assert (handed["summary"], handed["report_name"]) == (SUMMARY, "report.pdf")
    shown = browser(scene["owner"]).get(f"/engagements/{engagement.pk}/").content.decode()
    assert (SUMMARY in shown, str(finding) in shown) == (True, True)
