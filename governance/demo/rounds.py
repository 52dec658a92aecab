"""Rounds of the demonstration: owners certify the records of the high tier, and what is approved is reviewed again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from governance.access.models import User
from governance.changes.services import start_revalidation
from governance.database.clock import portal_now
from governance.engagements.services import (
    add_member,
    plan_engagement,
    raise_audit_finding,
    respond_to_audit_finding,
    start_engagement,
)
from governance.ledger.acting import Door
from governance.policy.queries import pack_in_force
from governance.validation.models import Campaign
from governance.validation.services import certify, refuse_certification, start_campaign
from inventory.models import System
from inventory.services.systems import system_version

DOOR = Door.COMMAND
TITLE = "Records of the high tier, this quarter"
SCORED = "fraud-scorer"
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
    _audit(people)


def _audit(people: Mapping[str, User]) -> None:
    """A security audit by an outsider, who found one thing; its answer waits to be judged."""
    scored = System.objects.get(slug=SCORED)
    audit = plan_engagement(
        actor=people["governance"], kind="security", title="Attacks on the fraud scorer", systems=[scored],
        purpose="Whether somebody with a card and patience can learn where the limit lies.",
        ends_at=portal_now() + timedelta(days=45), door=DOOR,
    )  # fmt: skip
    tester = people["tester"]
    add_member(
        actor=people["governance"], engagement=audit, person=tester, leads=True,
        until=portal_now() + timedelta(days=45), door=DOOR,
    )  # fmt: skip
    start_engagement(actor=people["governance"], engagement=audit, door=DOOR)
    finding = raise_audit_finding(
        actor=tester, engagement=audit, system=scored, title="The limit can be learnt", severity="medium",
        text="Four hundred small payments are enough to find the *limit* within one euro.", door=DOOR,
    )  # fmt: skip
    words = "Small payments of one card are slowed down after the twentieth refusal in an hour."
    respond_to_audit_finding(actor=people["developer"], finding=finding, response=words, door=DOOR)
