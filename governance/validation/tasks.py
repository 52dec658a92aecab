"""Jobs of validation."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from governance.validation.independence import violations
from governance.validation.services import escalation, proving

logger = structlog.get_logger(__name__)


class IndependenceViolated(Exception):  # noqa: N818  what was found, not a mistake of the job
    """Somebody decided what they were not independent for; the job fails, so that it stays to be looked at."""


@app.periodic(cron="23 2 * * *")
@app.task(queueing_lock=proving.JOB, pass_context=False)
def prove_independence(timestamp: int) -> None:
    """Look every night at every act on record. Raises IndependenceViolated, after naming each in the log."""
    found = violations()
    proving.tell(found)
    for violation in found:
        logger.error("independence violated", rule=violation.rule, table=violation.table, key=violation.key)
    if found:
        raise IndependenceViolated("; ".join(map(str, found)))


@app.periodic(cron="37 * * * *")
@app.task(queueing_lock=escalation.JOB, pass_context=False)
def escalate_reviews(timestamp: int) -> None:
    """Tell of stages that have been open for longer than the policy allows."""
    escalation.escalate()
