"""Jobs of monitoring."""

from __future__ import annotations

from procrastinate.contrib.django import app

from incidents.services import escalation, room
from incidents.services.reading import read_metrics
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


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="watch_updates", pass_context=False)
def watch_updates(timestamp: int) -> None:
    """Every five minutes: which audience of an incident was promised word and did not get it."""
    room.watch_updates()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="read_metrics", pass_context=False)
def read_from_prometheus(timestamp: int) -> None:
    """Every five minutes: the value of each metric that is read by a query."""
    read_metrics()
