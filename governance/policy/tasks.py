"""Jobs of the policy: what no page should wait for."""

from __future__ import annotations

import structlog
from django.db import OperationalError, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app

from governance.access.models import User
from governance.notify.alarms import RowNotHandled, alarm
from governance.notify.jobs import AGAIN, MOST_ATTEMPTS
from governance.policy.models import Pack, ReplayRun
from governance.policy.queries import inventory_size
from governance.policy.replaying import ask, carry_out

logger = structlog.get_logger(__name__)


@app.task(pass_context=True, retry=AGAIN)
def replay_pack(context: JobContext, run: int) -> None:
    """Carry a what-if out. A second run of the same job does nothing; one cut off too often says that it failed."""
    waiting = ReplayRun.objects.select_related("pack").filter(pk=run, state=ReplayRun.State.WAITING).first()
    if waiting is None:
        return
    if context.job.attempts >= MOST_ATTEMPTS:
        _fail(waiting, f"It was cut off {context.job.attempts} times.")
        return
    try:
        carry_out(waiting)
    except OperationalError:
        raise  # the database, not the pack: it is begun again
    except Exception as error:
        logger.exception("what-if not carried out", run=run)
        _fail(waiting, f"{type(error).__name__}: {error}"[:500])


def _fail(run: ReplayRun, words: str) -> None:
    """Say so on its page, and to whoever keeps alarms."""
    ReplayRun.objects.filter(pk=run.pk).update(state=ReplayRun.State.FAILED)
    alarm(RowNotHandled("replay_pack", str(run.pk), f"What {run.pack} would change could not be told", words))


def start_replay(person: User, pack: Pack, question: str) -> ReplayRun:
    """Leave a question about a pack to the job; whoever asked looks at the run. Raises Forbidden."""
    with transaction.atomic():
        run = ask(person, pack, inventory_size(), question)
        replay_pack.defer(run=run.pk)
    return run
