"""Jobs a restart or a lost database cut off: begun again so many times, and then given up visibly.

procrastinate forgets a worker that died, not what it was doing: that stays begun for ever, and nobody does it. Whatever
is a job here may therefore run twice.
"""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.db import OperationalError, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.utils import utcnow

from governance.database.health import LONGEST_SILENCE
from governance.notify.alarms import RowNotHandled, alarm, alone

MOST_ATTEMPTS = 5
JOB = "revive_jobs"
# Of a job nothing else would begin again: after 10 seconds, then a minute more each time.
AGAIN = RetryStrategy(
    max_attempts=MOST_ATTEMPTS, wait=10, linear_wait=60, retry_exceptions=[OperationalError]
)  # fmt: skip


def revive() -> None:
    """Put back into the queue what workers were doing that are not heard of any more."""
    manager = JobManager(DjangoConnector())
    silence = LONGEST_SILENCE.total_seconds()
    for job in async_to_sync(manager.get_stalled_jobs)(seconds_since_heartbeat=silence):
        with alone(JOB, str(job.id), f"The job {job.task_name} was cut off and could not be begun again"):
            _revive(manager, job)


def _revive(manager: JobManager, job: Job) -> None:
    """Have it begun again; a job of which the next one waits already is left to that one."""
    assert job.id is not None  # noqa: S101  it was read from the queue
    finish = async_to_sync(manager.finish_job_by_id_async)
    if job.attempts >= MOST_ATTEMPTS:
        finish(job.id, Status.FAILED, delete_job=False)
        words = f"Its worker was lost {job.attempts + 1} times while it ran."
        alarm(RowNotHandled(JOB, str(job.id), f"The job {job.task_name} was given up", words))
        return
    try:
        with transaction.atomic():
            manager.retry_job_by_id(job.id, retry_at=utcnow())
    except UniqueViolation:
        finish(job.id, Status.ABORTED, delete_job=False)
