"""Jobs the machinery itself needs."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="tidy", pass_context=False)
def tidy(timestamp: int) -> None:
    """Remove ended sessions every hour."""
    SessionStore.clear_expired()


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="forget_finished_jobs", pass_context=False)
async def forget_finished_jobs(timestamp: int) -> None:
    """Remove jobs that succeeded more than a week ago; failed ones stay to be looked at."""
    await app.job_manager.delete_old_jobs(nb_hours=7 * 24)
