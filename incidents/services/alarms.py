"""Alarms of the portal's own jobs, kept as alerts until a person has looked at them."""

from __future__ import annotations

from governance.database.clock import portal_now
from governance.ledger.acting import Command, Door, acting
from governance.notify.alarms import RowNotHandled
from incidents.models import Alert, MonitoringPlan
from incidents.services.alerts import follow


def raise_alarm(trouble: RowNotHandled) -> None:
    """An alert that a job could not handle a row; one for as long as nobody handled it."""
    with acting(Command(trouble.job), door=Door.JOB, verb="alert.raise"):
        fingerprint, now = f"{trouble.job}:{trouble.row}"[:300], portal_now()
        same = Alert.objects.filter(source=Alert.Source.JOB, fingerprint=fingerprint, handled_at=None)
        known = same.select_for_update(no_key=True).first()
        if known is not None:
            known.heard, known.last_heard = known.heard + 1, now
            known.save(update_fields=["heard", "last_heard"])
            return
        alert = Alert.objects.create(
            source=Alert.Source.JOB, fingerprint=fingerprint, starts_at=now, ends_at=now, first_heard=now,
            last_heard=now, system_id=trouble.system, name=trouble.title[:200], level=Alert.Level.CRITICAL,
            summary=trouble.words, follows=MonitoringPlan.Follows.WORK,
        )  # fmt: skip
        follow(alert)
