"""Jobs of notifications: send what waits every minute, remind once a day; and the one that looks after all jobs."""

from __future__ import annotations

from procrastinate.contrib.django import app

from governance.notify import jobs, reminders, sending


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_notices", pass_context=False)
def send_notices(timestamp: int) -> None:
    """Tell what was announced since, and try again what did not arrive."""
    sending.work()


@app.periodic(cron="23 5 * * *")
@app.task(queueing_lock="remind", pass_context=False)
def remind(timestamp: int) -> None:
    """Announce what falls due soon."""
    reminders.remind()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock=jobs.JOB, pass_context=False)
def revive_jobs(timestamp: int) -> None:
    """Have begun again what a worker that died was doing."""
    jobs.revive()
