"""Rounds of the demonstration: owners certify the records of the high tier, and what is approved is reviewed again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from governance.access.models import User
from governance.changes.services import start_revalidation
from governance.database.clock import portal_now
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force
from governance.validation.models import Campaign
from governance.validation.services import certify, refuse_certification, start_campaign
from inventory.services.systems import system_version

DOOR = Door.COMMAND
TITLE = "Records of the high tier, this quarter"
RIGHT, WRONG = "credit-risk", "aml-monitor"


def rounds(people: Mapping[str, User]) -> None:
    """One record is certified, one said not to be right, the others wait."""
    if pack_in_force() is None or Campaign.objects.exists():
        return
    owner = people["owner"]
    campaign = start_campaign(
        actor=people["governance"], title=TITLE, tier="high", due=portal_now() + timedelta(days=21),
        reason="Look at the *vendors* and at who is on call since the move of the card platform.", door=DOOR,
    )  # fmt: skip
    for one in campaign.certifications.select_related("system", "campaign"):
        if one.system.slug == RIGHT:
            certify(actor=owner, certification=one, seen=system_version(one.system), door=DOOR)
        elif one.system.slug == WRONG:
            why = "The list of people on call names a team that was dissolved in September."
            refuse_certification(actor=owner, certification=one, statement=why, door=DOOR)
    start_revalidation(
        actor=people["governance"], title="All high-tier systems before the audit", tier="high",
        due=portal_now() + timedelta(days=100), reason="The internal audit of models begins then.", door=DOOR,
    )  # fmt: skip
