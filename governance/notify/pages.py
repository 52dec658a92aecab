"""What notifications add to pages of others: a line of the account menu, and a figure when messages are lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database import metrics
from governance.database.metrics import Gauge
from governance.notify.models import Delivery, Notice
from governance.web import slots

BY_STATE = "SELECT state, count(*) FROM notify_delivery GROUP BY 1"
SET_ASIDE = "SELECT count(*) FROM notify_notice WHERE error <> ''"


def given_up(request: HttpRequest) -> Mapping[str, Any] | None:
    """How many messages were given up, for whoever can do something about it."""
    if not _manages(request.user):  # type: ignore[arg-type]
        return None
    lost = Delivery.objects.filter(state=Delivery.State.GIVEN_UP).count()
    set_aside = Notice.objects.exclude(error="").count()
    return {"given_up": lost, "set_aside": set_aside} if lost or set_aside else None


def register() -> None:
    """Fill the slots; called once at start."""
    slots.ACCOUNT.register(slots.Entry("notifications", "Notifications", "notify:preferences", "bell", _anybody, 5))
    slots.ACCOUNT.register(slots.Entry("calendar", "Calendar", "notify:calendar", "calendar", _anybody, 6))
    slots.STATS.register(slots.Stat("given-up", "notify/_given_up.html", given_up, 5))
    metrics.register(Gauge("deliveries", "Messages to people and webhooks, by state.", BY_STATE, ("state",)))
    metrics.register(Gauge("notices_set_aside", "Notices of which no message could be made.", SET_ASIDE))


def _anybody(person: User) -> bool:
    return True


def _manages(person: User) -> bool:
    return rights.can(person, Permission.WEBHOOK_CHANGE)
