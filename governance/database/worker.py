"""The job worker: works until told to stop, and begins again whenever it fell out of its work.

procrastinate returns as if all were well when it loses the database, and it has connections of its own, which do not
start the embedded server; so each round first asks the portal's connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal

import structlog
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

LONGEST_PAUSE = 30.0
GRACE_SECONDS = 20.0

log = structlog.get_logger(__name__)


def work() -> None:
    """Work until SIGTERM or SIGINT, which let running jobs finish for a while."""
    asyncio.run(_rounds())


async def _rounds() -> None:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    pause = 1.0
    while not told_to_stop.is_set():
        begun = loop.time()
        try:
            await asyncio.to_thread(_touch_database)
            await _round(told_to_stop)
        except (DatabaseError, ConnectorException) as error:
            log.warning("worker_lost_database", error=str(error))
        if told_to_stop.is_set():
            break
        pause = 1.0 if loop.time() - begun > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
        log.warning("worker_begins_again", seconds=pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told_to_stop.wait(), pause)


def _touch_database() -> None:
    """Start the embedded server if it is down; the thread's connection is of no further use."""
    connection.ensure_connection()
    connection.close()


async def _round(told_to_stop: asyncio.Event) -> None:
    """One life of the worker: until it is told to stop, or gives up by itself."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        async with working.open_async():
            job = asyncio.create_task(
                working.run_worker_async(install_signal_handlers=False, shutdown_graceful_timeout=GRACE_SECONDS)
            )
            stopping = asyncio.create_task(told_to_stop.wait())
            await asyncio.wait({job, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not job.done():
                job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await job
