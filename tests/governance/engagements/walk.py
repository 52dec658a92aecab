"""Audits brought where a test needs them."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile

from governance.database.clock import portal_now
from governance.engagements.models import AuditFinding, Engagement, Member
from governance.engagements.services import (
    add_member,
    hand_in_report,
    plan_engagement,
    raise_audit_finding,
    start_engagement,
)
from tests.governance.access.people import person
from tests.governance.validation.scene import Scene


def planned(scene: Scene, **more: object) -> Engagement:
    """An audit of the scene's system by a third party."""
    wanted = {
        "kind": "third_party", "title": "Yearly audit", "purpose": "Against the *letter* on model risk.",
        "ends_at": portal_now() + timedelta(days=60), "systems": [scene.system], **more,
    }  # fmt: skip
    return plan_engagement(actor=scene["governor"], **wanted)  # type: ignore[arg-type]


def led(scene: Scene, engagement: Engagement, name: str = "external", days: int = 30) -> Member:
    """An outsider who leads the team."""
    if name not in scene.people:
        scene.people[name] = person(name)
    until = portal_now() + timedelta(days=days)
    return add_member(actor=scene["governor"], engagement=engagement, person=scene[name], leads=True, until=until)


def running(scene: Scene) -> Engagement:
    """Begun, led by an outsider."""
    engagement = planned(scene)
    led(scene, engagement)
    return start_engagement(actor=scene["governor"], engagement=engagement)


def found(scene: Scene, engagement: Engagement) -> AuditFinding:
    """Something the lead found."""
    return raise_audit_finding(
        actor=scene["external"], engagement=engagement, system=scene.system, title="No owner on call",
        text="Nobody answered on *Sunday*.", severity="high",
    )  # fmt: skip


def reported(scene: Scene, engagement: Engagement, by: str = "external") -> Engagement:
    """With its report."""
    return hand_in_report(
        actor=scene[by], engagement=engagement, content=ContentFile(b"%PDF-1.7 report"), name="report.pdf",
        summary="Sound, with one gap.",
    )  # fmt: skip
