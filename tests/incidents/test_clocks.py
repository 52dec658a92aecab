"""Regulator clocks: started from the pack, chained, reported with a draft from the record, owed before closing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.lifecycle import Conflict, Forbidden
from incidents.models import RegulatorClock
from incidents.services import close_incident, drop_clock, report_clock, report_incident, start_clock
from tests.governance.validation.scene import Scene
from tests.incidents.walk import SMALL, described, in_state, reported, resolved

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_a_clock_runs_from_awareness_whatever_zone_it_was_written_in(scene: Scene) -> None:
    aware = datetime(2026, 11, 6, 22, 30, tzinfo=UTC) - timedelta(days=200)
    incident = report_incident(actor=scene["owner"], system=scene.system, title="Wrong", aware_at=aware, **SMALL)
    clock = start_clock(actor=scene["incidents"], incident=incident, clock="gdpr-33")
    assert clock.deadline == clock.internal_deadline == aware + timedelta(hours=72)
    assert clock.counsel_to_confirm


def test_a_duty_that_had_not_begun_is_shown_and_does_not_bind(scene: Scene) -> None:
    before = datetime(2026, 8, 1, 12, tzinfo=UTC)
    incident = in_state(scene, "resolved")
    clock = start_clock(actor=scene["incidents"], incident=incident, clock="ai-act-73", since=before)
    assert not clock.binding
    assert close_incident(actor=scene["incidents"], incident=incident).state == "closed"


def test_a_clock_that_runs_from_a_decision_asks_when_it_fell(scene: Scene) -> None:
    incident = reported(scene)
    with pytest.raises(InvalidInput, match="since"):
        start_clock(actor=scene["incidents"], incident=incident, clock="dora-initial")
    with pytest.raises(InvalidInput, match="future"):
        start_clock(
            actor=scene["incidents"], incident=incident, clock="dora-initial", since=portal_now() + timedelta(hours=1)
        )
    with pytest.raises(InvalidInput, match="clock"):
        start_clock(actor=scene["incidents"], incident=incident, clock="no-such")


def test_a_chained_clock_starts_when_the_one_before_it_was_reported(scene: Scene) -> None:
    incident, leader = reported(scene), scene["incidents"]
    with pytest.raises(Conflict, match="starts by itself"):
        start_clock(actor=leader, incident=incident, clock="dora-intermediate", since=portal_now())
    first = start_clock(actor=leader, incident=incident, clock="dora-initial", since=portal_now())
    report_clock(actor=leader, clock=first, report="What we know.", reference="BNB-1")
    second = RegulatorClock.objects.get(clock="dora-intermediate")
    first.refresh_from_db()
    assert second.since == first.reported_at
    assert second.deadline == second.since + timedelta(hours=72)
    with pytest.raises(Conflict, match="nothing is owed"):
        report_clock(actor=leader, clock=first, report="Again.")


def test_an_incident_with_a_report_owed_is_not_closed(scene: Scene) -> None:
    incident, leader = in_state(scene, "resolved"), scene["incidents"]
    clock = start_clock(actor=leader, incident=incident, clock="gdpr-33")
    with pytest.raises(Conflict, match="Reports are owed"):
        close_incident(actor=leader, incident=incident)
    with pytest.raises(Forbidden, match="Somebody else"):
        drop_clock(actor=leader, clock=clock, reason="No personal data.")
    drop_clock(actor=scene["auditor"], clock=clock, reason="No personal data.")
    assert close_incident(actor=leader, incident=incident).state == "closed"


def test_the_page_counts_down_and_the_form_holds_a_draft_from_the_record(scene: Scene, client: Client) -> None:
    incident, leader = reported(scene, **SMALL), scene["incidents"]
    described(scene, incident)
    resolved(scene, incident)
    clock = start_clock(actor=leader, incident=incident, clock="gdpr-33")
    client.force_login(leader, backend=BACKEND)
    page = client.get(f"/incidents/{incident.pk}/").content.decode()
    assert "71 h 59 min left" in page or "2 days 23 h left" in page
    assert "CET" in page or "CEST" in page
    form = client.get(f"/incidents/{incident.pk}/clocks/{clock.pk}/report/").content.decode()
    assert "Fuel stations changed their terminal codes." in form
    assert "1,400 genuine payments declined" in form
    answer = client.post(f"/incidents/{incident.pk}/clocks/{clock.pk}/report/", {"report": "Sent.", "reference": "7"})
    assert answer.status_code == 302
    clock.refresh_from_db()
    assert (clock.report, clock.reference) == ("Sent.", "7")
