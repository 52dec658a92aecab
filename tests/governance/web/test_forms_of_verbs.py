"""The form of a verb is shown to whoever may send it; anybody else reads why not before a word is typed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.vocabulary import Role
from governance.database.clock import portal_now
from governance.ledger.models import Denial
from governance.validation.services import raise_finding, request_waiver
from inventory.services.risks import identify_risk
from tests.governance.access.people import appoint
from tests.governance.changes.walk import in_approval
from tests.governance.validation.scene import build
from tests.governance.validation.test_pages import browser
from tests.incidents.walk import reported

pytestmark = pytest.mark.django_db


def test_who_may_not_send_a_form_is_told_why_instead_of_being_shown_it() -> None:
    scene = build()
    release = scene.submitted().release
    finding = raise_finding(
        actor=scene["validator"], release=release, title="Drift", text="Seen.", severity="high", category="data"
    )
    waiver = request_waiver(
        actor=scene["owner"], system=scene.system, requirement="findings", reason="Later.",
        until=portal_now() + timedelta(days=5),
    )  # fmt: skip
    risk = identify_risk(actor=scene["owner"], system=scene.system, title="It drifts", area="finance")
    incident, change = reported(scene), in_approval(scene, target_release=release)
    appoint(scene["owner"], Role.RISK_OFFICER, unit=scene.unit)
    before = Denial.objects.count()
    for address, allowed, refused, sentence in (
        (f"/findings/{finding.pk}/respond/", "owner", "viewer", "answer findings"),
        (f"/findings/{finding.pk}/withdraw/", "validator", "validator2", "raised"),
        (f"/waivers/{waiver.pk}/grant/", "riskofficer", "owner", "You asked for this exception"),
        (f"/risks/{risk.pk}/analyse/", "owner", "viewer", "work on risks"),
        (f"/incidents/{incident.pk}/triage/", "incidents", "viewer", "run incidents"),
        (f"/incidents/{incident.pk}/describe/", "incidents", "viewer", "run incidents"),
        (f"/changes/{change.pk}/approve/", "approver", "viewer", "approve changes"),
    ):
        assert browser(scene[allowed]).get(address).status_code == 200, address
        answer = browser(scene[refused]).get(address)
        assert answer.status_code == 403, address
        assert sentence in answer.content.decode(), address
    assert Denial.objects.count() == before
