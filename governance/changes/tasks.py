"""Jobs of changes."""

from __future__ import annotations

from procrastinate.contrib.django import app

from governance.changes.services.owing import follow_documents_up
from governance.changes.services.policies import open_for_policy
from governance.notify.jobs import AGAIN
from governance.policy.announcements import PackAdopted


@app.task(pass_context=False, retry=AGAIN)
def follow_policy_up(pack: int) -> None:
    """Open the work a coming policy asks for. A second run of the same job does nothing."""
    open_for_policy(pack)


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="ask_for_documents", pass_context=False)
def ask_for_documents(timestamp: int) -> None:
    """Ask every night for documents that systems in use owe. A second run opens nothing."""
    follow_documents_up()


def prepare(fact: PackAdopted) -> None:
    """Leave the comparison to a job: adopting a pack does not wait for the whole inventory."""
    follow_policy_up.defer(pack=fact.pack)
