"""What the demonstration tells of an incident is a whole one."""

from __future__ import annotations

from governance.access.vocabulary import Role
from governance.demo.troubles import troubles
from governance.ledger.acting import seal_now
from incidents.models import Incident, PlaybookVersion, PostIncidentReview
from tests.governance.access.people import appoint, system
from tests.governance.validation.scene import Scene, build


def test_the_fraud_scorers_incidents_are_closed_and_reviewed_and_no_other_system_has_one(db: None) -> None:
    scene: Scene = build()
    found = system("fraud-scorer", scene.unit)
    appoint(scene["owner"], Role.OWNER, system=found)
    appoint(scene["developer"], Role.DEVELOPER, system=found)
    for one in (scene.system, found):
        troubles(one, scene.people)
    seal_now()
    earlier, incident = Incident.objects.order_by("pk")
    assert earlier.state == "closed"
    assert (incident.system, incident.state) == (found, "closed")
    assert PostIncidentReview.objects.get().completed_by == scene["incidents"]
    assert PlaybookVersion.objects.get().decided_at is None
    assert [why.root for why in incident.whys.all()] == [False] * 4 + [True]
    assert incident.factors.filter(factor__in=earlier.factors.values("factor")).count() == 1
    assert incident.similar.get().other == earlier
    assert incident.foresights.get().risk is not None
    summary = incident.summaries.get()
    assert summary.approved
    assert "still looking into this" not in summary.text.partition("## What we did")[0]
