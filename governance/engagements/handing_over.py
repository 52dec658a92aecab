"""What somebody left of audits: their place on a team."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from governance.access.models import User
from governance.database.clock import PortalNow
from governance.engagements.models import Member
from governance.engagements.queries import RUNNING
from governance.engagements.services import hand_over_membership
from governance.ledger.acting import Door
from governance.web.days import last_day
from governance.web.handing_over import LEGACIES, Left, Legacy

MOST = 200


def places_of(person: User) -> Iterable[Left]:
    """Teams of audits under way this person is on."""
    theirs = Member.objects.filter(
        person=person, left_at=None, until__gt=PortalNow(), engagement__state__in=RUNNING
    ).select_related("engagement")
    for each in theirs.order_by("until", "pk")[:MOST]:
        page = reverse("engagements:engagement_detail", args=[each.engagement_id])
        led = "Led the team, " if each.leads else "On the team, "
        yield Left(each.pk, str(each.engagement), page, f"{led}until {last_day(each.until):%-d %b %Y}")


def give_place(*, actor: User, person: User, key: int, successor: User, reason: str, door: Door) -> object:
    """Put somebody else there, who builds nothing that is audited."""
    member = Member.objects.select_related("engagement", "person").get(pk=key, person=person)
    return hand_over_membership(actor=actor, member=member, person=successor, reason=reason, door=door)


def register() -> None:
    """Say what is handed over of audits; called once at start."""
    LEGACIES.register(Legacy("engagements", "Teams of audits", places_of, give_place, order=65))
