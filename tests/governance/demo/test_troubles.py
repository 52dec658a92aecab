"""What the demonstration tells of an incident is a whole one."""

from __future__ import annotations

from governance.access.vocabulary import Role
from governance.demo.troubles import troubles
from governance.ledger.acting import seal_now
from incidents.models import Incident, PlaybookVersion, PostIncidentReview
from tests.governance.access.people import appoint, system
from tests.governance.validation.scene import Scene, build


def test_the_fraud_scorers_incident_is_closed_with_its_review_and_no_other_system_has_one(db: None) -> None:
    scene: Scene = build()
    found = system("fraud-scorer", scene.unit)
    appoint(scene["owner"], Role.OWNER, system=found)
    appoint(scene["developer"], Role.DEVELOPER, system=found)
    for one in (scene.system, found):
        troubles(one, scene.people)
    seal_now()
    incident = Incident.objects.get()
    assert (incident.system, incident.state) == (found, "closed")
    assert PostIncidentReview.objects.get().completed_by == scene["incidents"]
    assert PlaybookVersion.objects.get().decided_at is None
