"""What a dead worker was doing is begun again, not for ever, and what lost the database too."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from procrastinate.contrib.django.models import ProcrastinateJob

from governance.changes.tasks import follow_policy_up
from governance.database.clock import portal_now
from governance.database.tasks import tidy
from governance.notify import jobs
from governance.notify.tasks import revive_jobs
from governance.policy import replaying
from governance.policy.models import Pack, ReplayRun
from governance.policy.tasks import replay_pack
from incidents.models import Alert
from tests.governance.validation.scene import Scene, build
from tests.jobs import begun, cut_off

pytestmark = pytest.mark.django_db


def standing(job: int) -> tuple[str, int]:
    """Where a job stands, and how often it was begun before."""
    found = ProcrastinateJob.objects.get(pk=job)
    return found.status, found.attempts


def run_of(scene: Scene) -> ReplayRun:
    """A what-if that somebody waits for."""
    return ReplayRun.objects.create(
        pack=Pack.objects.latest("pk"), asked_by=scene["owner"], asked_at=portal_now()
    )  # fmt: skip


def test_what_a_silent_or_forgotten_worker_was_doing_waits_again_and_what_a_living_one_does_goes_on() -> None:
    silent, forgotten = cut_off(replay_pack, silent=600, run=1), cut_off(follow_policy_up, pack=1)
    living = cut_off(replay_pack, silent=1, run=2)
    revive_jobs(0)
    assert [standing(job) for job in (silent, forgotten, living)] == [("todo", 1), ("todo", 1), ("doing", 0)]


def test_a_job_whose_next_one_waits_already_is_left_to_that_one_and_stops_no_other() -> None:
    left, other = cut_off(tidy, timestamp=0), cut_off(follow_policy_up, pack=1)
    following = tidy.configure().defer(timestamp=1)
    revive_jobs(0)
    assert [standing(job) for job in (left, following, other)] == [("aborted", 1), ("todo", 0), ("todo", 1)]


def test_a_job_that_kills_its_worker_each_time_is_given_up_with_an_alarm() -> None:
    job = cut_off(tidy, attempts=jobs.MOST_ATTEMPTS, timestamp=0)
    revive_jobs(0)
    assert standing(job)[0] == "failed"
    assert "tidy was given up" in Alert.objects.get(source="job").name


def test_a_what_if_that_is_cut_off_each_time_says_that_it_failed() -> None:
    run = run_of(build())
    replay_pack(begun(jobs.MOST_ATTEMPTS), run=run.pk)
    run.refresh_from_db()
    assert run.state == ReplayRun.State.FAILED
    assert "5 times" in Alert.objects.get(source="job").summary


@pytest.mark.parametrize("task", [replay_pack, follow_policy_up])
def test_what_lost_the_database_is_begun_again_and_nothing_else_is(task: Any) -> None:
    first, last = begun().job, begun(jobs.MOST_ATTEMPTS).job
    assert task.get_retry_exception(OperationalError("gone"), first) is not None
    assert task.get_retry_exception(OperationalError("gone"), last) is None
    assert task.get_retry_exception(ValueError("wrong"), first) is None


def test_a_what_if_that_lost_the_database_is_told_by_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(build())
    with monkeypatch.context() as patched:
        patched.setattr(replaying, "asked", mock.Mock(side_effect=OperationalError("gone")))
        with pytest.raises(OperationalError):
            replay_pack(begun(), run=run.pk)
    replay_pack(begun(1), run=run.pk)
    run.refresh_from_db()
    assert run.state == ReplayRun.State.DONE
