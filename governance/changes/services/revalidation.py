"""Campaigns of revalidation: what is approved on many systems is reviewed again ahead of a day."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.changes.lifecycle import FollowUpState
from governance.changes.models import FollowUp, Revalidation
from governance.changes.queries import approvals
from governance.changes.services.follow_ups import AT_ONCE, Wanted, open_follow_ups
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import rules_in_force
from inventory.models import Unit

LONG = 2000
STEP = "review-again"
TEXT = (
    "Submit each approved release for its renewal, so that every stage looks at it again; nobody has to invent a new "
    "version for that. It is done when each of them was approved anew."
)


def start_revalidation(
    *,
    actor: User,
    title: str,
    due: datetime | None,
    tier: str = "",
    unit: Unit | None = None,
    ends_before: datetime | None = None,
    reason: str = "",
    door: Door = Door.WEB,
) -> Revalidation:
    """Ask the owners of a tier, of a unit with all below it, or of all, to have what is approved reviewed again.

    With `ends_before` only approvals that end before. Raises InvalidInput, Forbidden, Conflict `nobody`.
    """
    checks = Checks()
    title = checks.text("title", title, limit=200, required=True)
    reason = checks.text("reason", reason, limit=LONG, lines=True)
    with acting(actor, door=door, verb="revalidation.start", reason=reason[:500]):
        rights.require(actor, Permission.CAMPAIGN_RUN)
        _, rules = rules_in_force()
        if tier:
            tier = checks.choice("tier", tier, [each.id for each in rules.document.tiers.order])
        now = portal_now()
        if due is None:
            checks.refuse("due", "A campaign has a day by which it is done.")
        elif checks.instant("due", due) is not None and due <= now:
            checks.refuse("due", "Must lie in the future.")
        if ends_before is not None:
            checks.instant("ends_before", ends_before)
        checks.done()
        assert due is not None  # noqa: S101  checked above
        found = approvals(tier=tier, unit=unit, ends_before=ends_before)
        keys = sorted(set(found.values_list("release__system", flat=True)))
        if not keys:
            raise Conflict(Reason("nobody", "Nothing is approved there that would have to be reviewed again."))
        campaign = Revalidation.objects.create(
            title=title, tier=tier, unit=unit, ends_before=ends_before, due=due, reason=reason, started_by=actor,
            started_at=now,
        )  # fmt: skip
        text = f"{reason}\n\n{TEXT}".strip()
        wanted = [Wanted(key, ("revalidation", campaign.pk), STEP, title, text) for key in keys]
        for place in range(0, len(wanted), AT_ONCE):
            some = wanted[place : place + AT_ONCE]
            open_follow_ups(FollowUp.Cause.REVALIDATION, some, due=due, summary="To be reviewed again")
        return campaign


def end_revalidation(*, actor: User, revalidation: Revalidation, reason: str, door: Door = Door.WEB) -> Revalidation:
    """End a campaign: what it still asks for is no longer needed. Raises InvalidInput, Forbidden, Conflict `state`."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=LONG, required=True, lines=True)
    with acting(actor, door=door, verb="revalidation.end", reason=reason[:500]):
        rights.require(actor, Permission.CAMPAIGN_RUN)
        checks.done()
        locked = Revalidation.objects.select_for_update(of=("self",)).get(pk=revalidation.pk)
        if locked.ended_at is not None:
            raise Conflict(Reason("state", "This campaign has ended already."))
        locked.ended_at, locked.ended_by, locked.ended_reason = portal_now(), actor, reason
        locked.save(update_fields=["ended_at", "ended_by", "ended_reason"])
        waiting = FollowUp.objects.filter(revalidation=locked, state=FollowUp.State.OPEN)
        waiting.update(
            state=FollowUpState.MOOT, settled_at=locked.ended_at, settled_by=actor,
            note=f"The campaign was ended: {reason}",
        )  # fmt: skip
        return locked


def address_of(campaign: Revalidation) -> str:
    """Where its page is."""
    return reverse("changes:revalidation_detail", args=[campaign.pk])
