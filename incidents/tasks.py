"""Jobs of monitoring."""

from __future__ import annotations

from procrastinate.contrib.django import app

from incidents.services import escalation
from incidents.services.silence import find_silence


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="find_silence", pass_context=False)
def watch_for_silence(timestamp: int) -> None:
    """Every ten minutes: which metric has not been heard of for too long."""
    find_silence()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="watch_clocks", pass_context=False)
def watch_clocks(timestamp: int) -> None:
    """Every five minutes: which report to an authority comes near its end, or is late."""
    escalation.watch_clocks()
