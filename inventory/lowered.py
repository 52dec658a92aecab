"""Named reads of lowered tiers: the rows, and what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from inventory.models import LoweredTier


def lowered_rows() -> QuerySet[LoweredTier]:
    """Decisions with what lists and pages show of them."""
    return LoweredTier.objects.select_related("system", "proposed_by", "decided_by", "ended_by").defer("system__search")


def narrow(rows: QuerySet[LoweredTier], wanted: Mapping[str, Any]) -> QuerySet[LoweredTier]:
    """The decisions that fit the filters of the list; what is proposed or counts, unless asked otherwise."""
    state = wanted.get("state")
    if state != "all":
        rows = rows.filter(state__in=[state] if state else [LoweredTier.State.PROPOSED, LoweredTier.State.GRANTED])
    if system := wanted.get("system"):
        rows = rows.filter(system__slug=system)
    return rows


def to_decide(person: User) -> QuerySet[LoweredTier]:
    """Proposals this person may decide, by what the role allows."""
    proposed = lowered_rows().filter(state=LoweredTier.State.PROPOSED).exclude(proposed_by=person)
    return rights.visible(person, proposed, Permission.TIER_LOWER).order_by("proposed_at", "id")


def of_system(system_id: int) -> QuerySet[LoweredTier]:
    """What is proposed for a system or counts there now, the decision that counts first."""
    open_states = [LoweredTier.State.PROPOSED, LoweredTier.State.GRANTED]
    return lowered_rows().filter(system=system_id, state__in=open_states).order_by("state", "id")


def counting(system_id: int) -> LoweredTier | None:
    """The decision by which a system is held to a lower tier than its answers come to, if there is one."""
    return LoweredTier.objects.filter(system=system_id, state=LoweredTier.State.GRANTED).first()
