"""Every job of the portal: one row that cannot be handled leaves all others handled, and raises an alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

from governance.access.models import User
from governance.changes.services import owing, policies
from governance.changes.services.follow_ups import Wanted
from governance.database.clock import portal_now
from governance.database.tasks import tidy
from governance.notify import jobs as revival
from governance.notify import reminders, sending
from governance.notify.models import Notice
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from governance.policy import replaying
from governance.policy.models import Pack, ReplayRun
from governance.validation.independence import Violation
from governance.validation.models import Review
from governance.validation.services import escalation as stages
from governance.web import slots
from governance.web.slots import Group, WorkItem
from incidents.models import Alert, RegulatorClock
from incidents.services import escalation, reading, report_clock, room, send_update, silence, start_clock
from incidents.services.plans import plan_monitoring
from inventory.models import ImportUpload, Sandbox
from tests.clocks import Clock
from tests.governance.validation.scene import Scene
from tests.incidents.walk import reported
from tests.jobs import begun, cut_off

pytestmark = pytest.mark.django_db

# A case prepares three rows of which the second is poisoned, runs the job, and says which rows were handled.
Case = Callable[[Scene, Clock], list[str]]
ROWS = ["first", "poisoned", "last"]
WELL = ["first", "last"]


def job(name: str) -> Any:
    """A job by its full name, as the worker calls it."""
    return import_string(name)


@contextmanager
def poisoned(target: Any, name: str, is_meant: Callable[..., bool]) -> Iterator[list[Any]]:
    """Have one call of a function fail; gives the arguments of those that went well."""
    original, well = getattr(target, name), []

    def instead(*arguments: Any, **more: Any) -> Any:
        if is_meant(*arguments, **more):
            raise ValueError("poisoned row")
        answer = original(*arguments, **more)
        well.append(arguments)
        return answer

    with mock.patch.object(target, name, instead):
        yield well


def _notices(scene: Scene, clock: Clock) -> list[str]:
    for title in ROWS:
        with transaction.atomic():
            announce(Topic.HOLD_PLACED, scene.system, title=title, href="/", people=[scene["owner"]])
    Notice.objects.filter(title="poisoned").update(about_model="no.such_thing")
    with poisoned(sending, "_send", lambda claimed: False) as well:
        job("governance.notify.tasks.send_notices")(0)
    return [one.notice.title for (claimed,) in well for one in claimed]


def _reminders(scene: Scene, clock: Clock) -> list[str]:
    soon = portal_now() + timedelta(days=1)
    items = [WorkItem(title, f"/{title}/", "Do it", due=soon) for title in ROWS]
    source = mock.Mock(group=Group.DUE, key="test", items=lambda person: items if person == scene["owner"] else [])
    broken = mock.Mock(group=Group.DUE, key="broken", items=mock.Mock(side_effect=ValueError("poisoned source")))
    User.objects.filter(pk=scene["owner"].pk).update(email="owner@bank.example")
    trap = poisoned(reminders, "announce", lambda *_, **more: "poisoned" in more["title"])
    with mock.patch.object(slots, "WORK", [broken, source]), trap:
        job("governance.notify.tasks.remind")(0)
    assert Alert.objects.filter(source="job", summary="ValueError: poisoned source").count() == 1
    return [title.removeprefix("Do it: ") for title in Notice.objects.order_by("pk").values_list("title", flat=True)]


def _registries(scene: Scene, clock: Clock) -> list[str]:
    with mock.patch("inventory.tasks.sync_mlflow") as sync, override_settings(MLFLOW_URLS=ROWS):
        sync.side_effect = [None, ValueError("poisoned row"), None]
        job("inventory.tasks.sync_registries")(0)
        return [call.kwargs["url"] for call in sync.call_args_list if call.kwargs["url"] != "poisoned"]


def _uploads(scene: Scene, clock: Clock) -> list[str]:
    """Each file is a job of its own; one that fails is refused, so that nobody waits for it for ever."""
    upload = ImportUpload.objects.create(
        person=scene["owner"], file_name="poisoned.csv", content=b"x", state=ImportUpload.State.QUEUED,
        mapping="native", at=portal_now(),
    )  # fmt: skip
    with mock.patch("inventory.tasks.chosen", side_effect=ValueError("poisoned row")):
        job("inventory.tasks.take_upload")(str(upload.pk))
    upload.refresh_from_db()
    assert upload.state == ImportUpload.State.REFUSED
    return WELL


def _spreadsheets(scene: Scene, clock: Clock) -> list[str]:
    """As files that are taken in."""
    sandbox = Sandbox.objects.create(
        person=scene["governor"], file_name="poisoned.csv", content=b"x", mapping="native", at=portal_now()
    )  # fmt: skip
    with mock.patch("inventory.services.sandboxes.chosen", side_effect=ValueError("poisoned row")):
        job("inventory.tasks.judge_spreadsheet")(str(sandbox.pk))
    sandbox.refresh_from_db()
    assert sandbox.state == Sandbox.State.REFUSED
    return WELL


def _silence(scene: Scene, clock: Clock) -> list[str]:
    plans = [
        plan_monitoring(
            actor=scene["owner"], system=scene.system, metric=metric, kind="service", direction="lower",
            longest_silence_hours=1,
        )
        for metric in ROWS
    ]  # fmt: skip
    clock.move(timedelta(hours=2))
    with poisoned(silence, "follow", lambda alert: alert.plan_id == plans[1].pk):
        job("incidents.tasks.watch_for_silence")(0)
    return list(Alert.objects.filter(source="silence").order_by("pk").values_list("plan__metric", flat=True))


def _clocks(scene: Scene, clock: Clock) -> list[str]:
    rows = ("gdpr-33", "dora-initial-latest", "ai-act-73-widespread")
    names = dict(zip(rows, ROWS, strict=True))
    incident = reported(scene)
    started = [start_clock(actor=scene["incidents"], incident=incident, clock=row) for row in rows]
    clock.move(timedelta(days=9))
    with poisoned(escalation, "follow", lambda alert: alert.labels["clock"] == rows[1]):
        job("incidents.tasks.watch_clocks")(0)
    late = Alert.objects.filter(name__endswith="is late by law").order_by("pk")
    assert all(one.internal_deadline <= one.deadline for one in started)
    return [names[alert.labels["clock"]] for alert in late]


def _coming_policy(scene: Scene, clock: Clock) -> list[str]:
    touched = {slug: ["It closes."] for slug in ROWS}
    pack = mock.Mock(pk=7, state="adopted", effective_from=portal_now())
    names = ("pack_in_force", "rules", "Report", "replay", "facts_of_inventory")
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(mock.patch.object(policies, name))
        stack.enter_context(mock.patch.object(Pack.objects, "get", return_value=pack))
        stack.enter_context(mock.patch.object(policies, "_touched", return_value=touched))
        stack.enter_context(mock.patch.object(policies, "_open", lambda pack, touched, slugs: len(slugs)))
        trap = poisoned(policies, "_open", lambda pack, touched, slugs: "poisoned" in slugs)
        well = stack.enter_context(trap)
        job("governance.changes.tasks.follow_policy_up")(7)
    return [slug for _, _, slugs in well for slug in slugs]


def _independence(scene: Scene, clock: Clock) -> list[str]:
    """Nothing is handled there: what is found is the alarm, each of it."""
    found = [Violation("rule", "did", "s", "r", "p", portal_now(), "table", number) for number in range(2)]
    with (
        mock.patch("governance.validation.tasks.violations", return_value=found),
        pytest.raises(Exception, match="did"),
    ):
        job("governance.validation.tasks.prove_independence")(0)
    assert Alert.objects.filter(source="job").count() == 2
    return WELL


def _stages_that_sit(scene: Scene, clock: Clock) -> list[str]:
    for _ in ROWS:
        scene.submitted()
    waiting = list(Review.objects.filter(state=Review.State.OPEN).order_by("opened_at", "pk"))
    names = dict(zip((review.pk for review in waiting), ROWS, strict=True))
    clock.move(timedelta(days=15))
    with poisoned(stages, "_escalate", lambda review, *_: names[review.pk] == "poisoned") as well:
        job("governance.validation.tasks.escalate_reviews")(0)
    return [names[review.pk] for review, *_ in well]


def _owed_documents(scene: Scene, clock: Clock) -> list[str]:
    wanted = [Wanted(scene.system.pk, ("origin", f"/{row}/"), "revision-0", row, "Owed.") for row in ROWS]
    trap = poisoned(owing, "_open", lambda one: one.title == "poisoned")
    with mock.patch.object(owing, "_owed", return_value=wanted), trap as well:
        job("governance.changes.tasks.ask_for_documents")(0)
    return [one.title for (one,) in well]


def _promised_updates(scene: Scene, clock: Clock) -> list[str]:
    incident = reported(scene)
    promised = [
        send_update(
            actor=scene["incidents"], incident=incident, audience=audience, text="Still looking.",
            people=[scene["owner"]], next_due=portal_now() + timedelta(hours=1),
        )
        for audience in ("team", "executives", "owners")
    ]  # fmt: skip
    names = dict(zip((update.pk for update in promised), ROWS, strict=True))
    clock.move(timedelta(hours=2))
    with poisoned(room, "_overdue", lambda key: names[key] == "poisoned") as well:
        job("incidents.tasks.watch_updates")(0)
    return [names[key] for (key,) in well]


def _read_metrics(scene: Scene, clock: Clock) -> list[str]:
    plans = [mock.Mock(pk=number, system_id=scene.system.pk, metric=row) for number, row in enumerate(ROWS)]
    with (
        mock.patch.object(reading, "_read", return_value=plans),
        mock.patch.object(reading, "_keep", return_value=1),
        poisoned(reading, "_keep", lambda plan: plan.metric == "poisoned") as well,
    ):
        job("incidents.tasks.read_from_prometheus")(0)
    return [plan.metric for (plan,) in well]


def _long_what_if(scene: Scene, clock: Clock) -> list[str]:
    """Each is a job of its own; one that fails says so, so that nobody waits for it for ever."""
    pack = Pack.objects.latest("pk")
    runs = [ReplayRun.objects.create(pack=pack, asked_by=scene["owner"], asked_at=portal_now()) for _ in ROWS]
    with poisoned(replaying, "replayed", lambda *_: ReplayRun.objects.filter(state="done").count() == 1):
        for run in runs[:2]:
            job("governance.policy.tasks.replay_pack")(begun(), run.pk)
    job("governance.policy.tasks.replay_pack")(begun(), runs[2].pk)
    assert [ReplayRun.objects.get(pk=run.pk).state for run in runs] == ["done", "failed", "done"]
    return WELL


def _cut_off(scene: Scene, clock: Clock) -> list[str]:
    names = dict(zip((cut_off(tidy, timestamp=number) for number, _ in enumerate(ROWS)), ROWS, strict=True))
    with poisoned(revival, "_revive", lambda manager, one: names[one.id] == "poisoned") as well:
        job("governance.notify.tasks.revive_jobs")(0)
    return [names[one.id] for _, one in well]


CASES: dict[str, Case] = {
    "governance.changes.tasks.ask_for_documents": _owed_documents,
    "governance.changes.tasks.follow_policy_up": _coming_policy,
    "governance.notify.tasks.remind": _reminders,
    "governance.notify.tasks.revive_jobs": _cut_off,
    "governance.notify.tasks.send_notices": _notices,
    "governance.policy.tasks.replay_pack": _long_what_if,
    "governance.validation.tasks.escalate_reviews": _stages_that_sit,
    "governance.validation.tasks.prove_independence": _independence,
    "incidents.tasks.read_from_prometheus": _read_metrics,
    "incidents.tasks.watch_clocks": _clocks,
    "incidents.tasks.watch_for_silence": _silence,
    "incidents.tasks.watch_updates": _promised_updates,
    "inventory.tasks.judge_spreadsheet": _spreadsheets,
    "inventory.tasks.sync_registries": _registries,
    "inventory.tasks.take_upload": _uploads,
}
# One statement of the database over all rows; there is no row that could fail by itself.
WHOLE = {"governance.database.tasks.forget_finished_jobs", "governance.database.tasks.tidy"}


def _all_jobs() -> set[str]:
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    return {name for name in app.tasks if name.startswith(("governance.", "inventory.", "incidents."))}


def test_every_job_says_here_what_a_poisoned_row_does_to_it() -> None:
    assert _all_jobs() == {*CASES, *WHOLE}


@pytest.mark.parametrize("name", sorted(CASES))
def test_one_poisoned_row_leaves_all_others_handled_and_raises_an_alarm(name: str, scene: Scene, clock: Clock) -> None:
    assert CASES[name](scene, clock) == WELL
    alarm = Alert.objects.filter(source="job", level="critical", ends_at__isnull=False).first()
    assert alarm is not None, "no alarm"
    assert alarm.waits


def test_the_same_trouble_again_is_the_same_alarm_until_it_is_handled(scene: Scene) -> None:
    for _ in range(3):
        _registries(scene, Clock())
    assert Alert.objects.get(source="job").heard == 3


def test_a_report_that_is_late_is_told_higher_and_its_alerts_end_with_it(scene: Scene, clock: Clock) -> None:
    incident, leader = reported(scene), scene["incidents"]
    owed = start_clock(actor=leader, incident=incident, clock="ai-act-73")
    assert owed.internal_deadline < owed.deadline
    assert escalation.watch_clocks() == 0
    assert not Notice.objects.filter(topic="other.due").exists()
    clock.set(owed.since + (owed.internal_deadline - owed.since) * 0.6)
    assert escalation.watch_clocks() == 0
    reminder = Notice.objects.get(topic="other.due")
    assert (leader.pk in reminder.people, reminder.due) == (True, owed.internal_deadline)
    clock.set(owed.internal_deadline)
    assert [escalation.watch_clocks() for _ in range(2)] == [1, 0]
    clock.set(owed.deadline)
    assert [escalation.watch_clocks() for _ in range(2)] == [1, 0]
    alerts = list(Alert.objects.filter(source="job").order_by("pk"))
    assert [(one.level, one.waits, one.starts_at) for one in alerts] == [
        ("warning", True, owed.internal_deadline), ("critical", True, owed.deadline),
    ]  # fmt: skip
    higher = Notice.objects.filter(topic="alert.raised", permissions__contains=["alert.assign"])
    assert higher.count() == 1
    report_clock(actor=leader, clock=owed, report="Sent.")
    assert not any(one.waits or one.ends_at is None for one in Alert.objects.filter(source="job"))
    assert escalation.watch_clocks() == 0
    assert not RegulatorClock.objects.get(pk=owed.pk).is_open
