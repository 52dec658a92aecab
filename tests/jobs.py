"""Jobs as the worker knows them: begun so many times, or left behind by a worker that died."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Job


def begun(times: int = 0) -> JobContext:
    """What a job is told that was cut off so many times before."""
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="test", attempts=times)
    return JobContext(app=app, job=job, start_timestamp=time.time(), abort_reason=lambda: None)


def cut_off(task: Any, *, silent: float | None = None, attempts: int = 0, **arguments: Any) -> int:
    """A job that is being done by a worker not heard of for so many seconds; forgotten altogether without a number."""
    job = int(task.configure().defer(**arguments))
    with connection.cursor() as cursor:
        worker = None
        if silent is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second')"
                " RETURNING id",
                [silent],
            )
            (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE id = %s",
            [worker, attempts, job],
        )
    return job
