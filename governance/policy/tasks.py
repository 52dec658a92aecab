"""Jobs of the policy: what no page should wait for."""

from __future__ import annotations

import structlog
from django.db import OperationalError, transaction
from procrastinate.contrib.django import app

from governance.access.models import User
from governance.notify.alarms import RowNotHandled, alarm
from governance.policy.models import Pack, ReplayRun
from governance.policy.queries import inventory_size
from governance.policy.replaying import ask, carry_out

logger = structlog.get_logger(__name__)


@app.task(pass_context=False)
def replay_pack(run: int) -> None:
    """Carry a what-if out. A second run of the same job does nothing."""
    waiting = ReplayRun.objects.select_related("pack").filter(pk=run, state=ReplayRun.State.WAITING).first()
    if waiting is None:
        return
    try:
        carry_out(waiting)
    except OperationalError:
        raise  # the database, not the pack: the job stays failed, to be run again
    except Exception as error:
        logger.exception("what-if not carried out", run=run)
        ReplayRun.objects.filter(pk=run).update(state=ReplayRun.State.FAILED)
        words = f"{type(error).__name__}: {error}"[:500]
        alarm(RowNotHandled("replay_pack", str(run), f"What {waiting.pack} would change could not be told", words))


def start_replay(person: User, pack: Pack, question: str) -> ReplayRun:
    """Leave a question about a pack to the job; whoever asked looks at the run. Raises Forbidden."""
    with transaction.atomic():
        run = ask(person, pack, inventory_size(), question)
        replay_pack.defer(run=run.pk)
    return run
