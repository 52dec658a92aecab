"""Which pack is in force when, and its rules."""

from __future__ import annotations

from datetime import datetime

from governance.database.clock import PortalNow
from governance.lifecycle import Conflict, Reason
from governance.policy.decide import Rules
from governance.policy.models import Pack
from governance.policy.packs import rules_of


def pack_in_force(at: datetime | None = None) -> Pack | None:
    """The pack in force at an instant, now if none is given; None before the first comes into force."""
    moment = PortalNow() if at is None else at
    return (
        Pack.objects.filter(state=Pack.State.ADOPTED, effective_from__lte=moment)
        .order_by("-effective_from", "-id")
        .first()
    )


def rules(pack: Pack) -> Rules:
    """The parsed rules of a stored pack. Raises PackInvalid when what is stored is not what was loaded."""
    return rules_of(pack.digest, pack.document)


def rules_in_force(at: datetime | None = None) -> tuple[Pack, Rules]:
    """The pack in force with its rules. Raises Conflict where there is none: nothing is decided without rules."""
    pack = pack_in_force(at)
    if pack is None:
        raise Conflict(Reason("no_policy", "No policy pack is in force yet; have one adopted first."))
    return pack, rules(pack)
