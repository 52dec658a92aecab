"""An audit that runs late, loses its lead, waits to be settled or comes round again waits for who runs audits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.access.models import User
from governance.changes.models import FollowUp
from governance.changes.services.follow_ups import drop_follow_up
from governance.database.clock import portal_now
from governance.engagements.models import Engagement
from governance.engagements.services import (
    add_member,
    cancel_engagement,
    close_engagement,
    respond_to_audit_finding,
    start_engagement,
    verify_audit_finding,
)
from governance.ledger.acting import Command, Door, seal_now
from governance.lifecycle import Conflict
from governance.notify.models import Delivery, Notice
from governance.notify.spreading import spread
from governance.notify.topics import Topic
from governance.web import slots
from governance.web.slots import Group
from inventory.services.systems import move_system
from tests.clocks import Clock
from tests.governance.access.people import person, system
from tests.governance.engagements.walk import found, led, planned, reported, running
from tests.governance.validation.scene import Scene

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def asked(who: User, audit: Engagement, group: Group = Group.WAITING) -> list[str]:
    """What this audit asks of a person."""
    page = f"/engagements/{audit.pk}/"
    return [item.action for item in slots.work(who, group) if item.href == page]


def test_an_audit_to_begin_waits_for_who_runs_audits_and_for_nobody_else(scene: Scene) -> None:
    audit = planned(scene)
    assert asked(scene["governor"], audit) == ["Name who leads the audit"]
    led(scene, audit)
    assert asked(scene["governor"], audit) == ["Begin the audit"]
    for name in ("external", "owner", "validator"):
        assert asked(scene[name], audit) == []
    start_engagement(actor=scene["governor"], engagement=audit)
    assert asked(scene["governor"], audit) == []
    assert asked(scene["external"], audit) == ["Hand in the report"]


def test_an_audit_that_runs_late_is_named_until_somebody_reports(scene: Scene, clock: Clock) -> None:
    audit = planned(scene)
    led(scene, audit, days=80)
    start_engagement(actor=scene["governor"], engagement=audit)
    clock.move(50 * DAY)
    assert asked(scene["governor"], audit) == []
    assert asked(scene["governor"], audit, Group.DUE) == ["See that the report comes in"]
    assert asked(scene["external"], audit, Group.DUE) == ["Hand in the report"]
    clock.move(11 * DAY)
    assert asked(scene["governor"], audit) == ["See that the report comes in"]
    assert asked(scene["external"], audit) == ["Hand in the report"]
    clock.move(20 * DAY)
    assert asked(scene["governor"], audit) == ["Name who leads the audit"]


def test_a_lead_whose_time_is_over_is_named_again_or_replaced(scene: Scene, clock: Clock) -> None:
    audit = running(scene)
    clock.move(31 * DAY)
    assert asked(scene["external"], audit) == []
    first = audit.team.get()
    again = led(scene, audit)
    seal_now()
    first.refresh_from_db()
    assert (first.left_at, first.left_reason) == (first.until, "The time on the team was over.")
    with pytest.raises(Conflict):
        led(scene, audit)
    clock.move(31 * DAY)
    until = portal_now() + 9 * DAY
    other = add_member(actor=scene["governor"], engagement=audit, person=person("heir"), leads=True, until=until)
    seal_now()
    again.refresh_from_db()
    assert again.left_at == again.until
    assert [member.pk for member in audit.team.filter(left_at=None)] == [other.pk]
    scene.people["heir"] = other.person
    assert reported(scene, Engagement.objects.get(pk=audit.pk), by="heir").state == "reported"


def test_who_runs_audits_is_told_of_the_report_and_settles_it_once_all_is_settled(scene: Scene, clock: Clock) -> None:
    audit = running(scene)
    finding = found(scene, audit)
    reported(scene, audit)
    notice = Notice.objects.get(topic=Topic.ENGAGEMENT_REPORTED)
    assert (notice.href, "one gap" in notice.text) == (f"/engagements/{audit.pk}/", False)
    spread()
    told = Delivery.objects.filter(notice=notice, person__isnull=False).values_list("person", flat=True)
    assert scene["governor"].pk in told
    assert not {scene["external"].pk, scene["owner"].pk} & set(told)
    assert asked(scene["governor"], audit) == []
    respond_to_audit_finding(actor=scene["owner"], finding=finding, response="There is one now.")
    clock.move(31 * DAY)
    assert asked(scene["governor"], audit) == ["Name somebody who judges the answers"]
    led(scene, audit)
    finding.refresh_from_db()
    verify_audit_finding(actor=scene["external"], finding=finding, verification="Called on Sunday.")
    assert asked(scene["governor"], audit) == ["Settle the audit"]
    assert asked(scene["external"], audit) == []


def closed(scene: Scene) -> Engagement:
    """An audit of two systems, one of them retired since, that comes round again in a hundred days."""
    other = system("other", scene.unit)
    audit = planned(scene, systems=[scene.system, other])
    led(scene, audit)
    start_engagement(actor=scene["governor"], engagement=audit)
    reported(scene, audit)
    move_system(actor=Command("scene"), system=other, verb="retire", reason="Replaced.", door=Door.COMMAND)
    close_engagement(actor=scene["governor"], engagement=audit, note="Settled.", next_at=portal_now() + 100 * DAY)
    seal_now()
    return audit


def test_the_next_audit_is_planned_by_who_may_plan_it_for_what_is_in_use(scene: Scene, clock: Clock) -> None:
    audit = closed(scene)
    assert [work.system for work in FollowUp.objects.filter(cause="engagement")] == [scene.system]
    assert asked(scene["governor"], audit) == []
    clock.move(71 * DAY)
    assert asked(scene["governor"], audit) == ["Plan the next audit"]
    assert asked(scene["governor"], audit, Group.DUE) == ["Plan the next audit"]
    assert asked(scene["owner"], audit) == []
    planned(scene, kind="security")
    assert asked(scene["governor"], audit) == ["Plan the next audit"]
    following = planned(scene)
    assert asked(scene["governor"], audit) == []
    cancel_engagement(actor=scene["governor"], engagement=following, reason="The firm withdrew.")
    assert asked(scene["governor"], audit) == ["Plan the next audit"]
    clock.move(100 * DAY)
    assert asked(scene["governor"], audit) == ["Plan the next audit"]
    work = FollowUp.objects.get(cause="engagement")
    drop_follow_up(actor=scene["validator"], follow_up=work, note="It is replaced next month.")
    assert asked(scene["governor"], audit) == []
