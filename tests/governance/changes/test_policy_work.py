"""A policy that is to come: adopting it is quick, a job asks each system it touches to prepare, once and in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from governance.access.vocabulary import OrganisationRole
from governance.changes.models import FollowUp
from governance.changes.services import open_for_policy
from governance.changes.services.policies import due_before
from governance.changes.tasks import follow_policy_up
from governance.database.clock import portal_now
from governance.ledger.acting import Command
from governance.ledger.models import Event
from governance.notify.models import Notice
from governance.notify.topics import Topic
from governance.policy.models import Pack
from governance.policy.services import adopt_pack, load_pack, propose_pack, withdraw_pack
from tests.governance.access.people import join, person
from tests.governance.policy.test_replay import stricter
from tests.governance.validation.scene import Scene
from tests.incidents.test_pages import text

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
MONTHS = timedelta(days=90)


def coming(scene: Scene, *, ahead: timedelta = MONTHS) -> Pack:
    """A stricter policy, adopted by two people for a later day."""
    second = person("governor2")
    join(second, OrganisationRole.GOVERNANCE)
    pack = propose_pack(actor=scene["governor"], pack=load_pack(actor=Command("test"), source=stricter()))
    return adopt_pack(actor=second, pack=pack, effective_from=portal_now() + ahead)


@pytest.mark.django_db
def test_a_policy_adopted_for_a_day_asks_each_system_it_closes_to_prepare_before_it(scene: Scene) -> None:
    release = scene.approved().release
    pack = coming(scene)
    assert not FollowUp.objects.exists()
    waiting = ProcrastinateJob.objects.filter(task_name="governance.changes.tasks.follow_policy_up")
    assert [job.args for job in waiting] == [{"pack": pack.pk}]
    assert open_for_policy(pack.pk) == 1
    work = FollowUp.objects.get()
    assert (work.system, work.cause, work.pack, work.owner) == (scene.system, "policy", pack, scene["owner"])
    assert pack.effective_from is not None
    assert work.due == pack.effective_from - timedelta(days=14)
    assert f"- Release {release.version}: " in work.text
    assert "Exit plan" in work.text
    assert Event.objects.get(verb="follow_up.open").actor_name == "system:follow_policy_up"
    assert Notice.objects.filter(topic=Topic.FOLLOW_UP_OPENED, people=[scene["owner"].pk]).count() == 1
    follow_policy_up(pack=pack.pk)
    assert FollowUp.objects.get() == work
    assert f"/follow-ups/?pack={pack.pk}" in text(scene["owner"], f"/policy/{pack.pk}/")
    assert f"/follow-ups/{work.pk}/" in text(scene["owner"], f"/follow-ups/?pack={pack.pk}&state=all")
    form = f"/systems/{scene.system.slug}/changes/new/?follow_up={work.pk}"
    assert form in text(scene["owner"], f"/follow-ups/{work.pk}/")
    filled = text(scene["owner"], form)
    assert '<option value="law" selected>' in filled
    assert f"FU-{work.pk}: {work.title}." in filled
    for other in ("0", "x", "9" * 30):
        assert "selected>Law" not in text(scene["owner"], form.replace(f"={work.pk}", f"={other}"))


@pytest.mark.django_db
def test_a_policy_withdrawn_before_its_day_takes_its_work_back(scene: Scene) -> None:
    scene.approved()
    pack = coming(scene)
    open_for_policy(pack.pk)
    withdraw_pack(actor=scene["governor"], pack=pack, reason="Parliament decided otherwise.")
    work = FollowUp.objects.get()
    assert (work.state, work.settled_by) == ("moot", scene["governor"])
    assert "Parliament decided otherwise." in work.note
    assert open_for_policy(pack.pk) == 0


@pytest.mark.django_db
def test_a_policy_that_changes_nothing_asks_nothing(scene: Scene) -> None:
    scene.submitted()
    assert open_for_policy(coming(scene).pk) == 0


@pytest.mark.parametrize(
    ("days", "start", "due"),
    [
        (14, 90, 76), (14, 14, 14), (14, 15, 1), (14, 3, 3), (14, 0, 14), (14, -5, 14), (None, 90, 90), (None, 0, None),
    ],
)  # fmt: skip
def test_the_work_is_due_before_the_policy_or_as_close_as_is_left(
    days: int | None, start: int, due: int | None
) -> None:
    expected = None if due is None else NOW + timedelta(days=due)
    assert due_before(days, NOW + timedelta(days=start), NOW) == expected
