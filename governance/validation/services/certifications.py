"""Certifications: start and end a campaign, certify that the record of a system is right, say that it is not."""

from __future__ import annotations

from datetime import datetime

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import rules_in_force
from governance.validation import notices
from governance.validation.certifications import facts_of
from governance.validation.lifecycle import CERTIFICATION
from governance.validation.models import Campaign, Certification
from governance.validation.services.locks import lock_system
from inventory.models import System, Unit, UnitClosure
from inventory.registries import owners_of
from inventory.services.permitted import allowed
from inventory.services.systems import system_version

LONG = 2000


def start_campaign(
    *,
    actor: User,
    title: str,
    due: datetime | None,
    tier: str = "",
    unit: Unit | None = None,
    reason: str = "",
    door: Door = Door.WEB,
) -> Campaign:
    """Ask the owners of every system in use, of a tier and of a unit with all below it, to certify its record.

    Raises InvalidInput, Forbidden, Conflict `nobody` where it would ask for nothing.
    """
    checks = Checks()
    title = checks.text("title", title, limit=200, required=True)
    reason = checks.text("reason", reason, limit=LONG, lines=True)
    with acting(actor, door=door, verb="campaign.start", reason=reason):
        rights.require(actor, Permission.CAMPAIGN_RUN)
        _, rules = rules_in_force()
        if tier:
            tier = checks.choice("tier", tier, [each.id for each in rules.document.tiers.order])
        now = portal_now()
        if due is None:
            checks.refuse("due", "A campaign has a day by which it is done.")
        elif checks.instant("due", due) is not None and due <= now:
            checks.refuse("due", "Must lie in the future.")
        checks.done()
        assert due is not None  # noqa: S101  checked above
        systems = System.objects.exclude(phase=System.Phase.RETIRED)
        if tier:
            systems = systems.filter(tier=tier)
        if unit is not None:
            systems = systems.filter(unit__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))
        keys = list(systems.order_by("pk").values_list("pk", flat=True))
        if not keys:
            raise Conflict(Reason("nobody", "There is no system in use of that tier and unit."))
        campaign = Campaign.objects.create(
            title=title, tier=tier, unit=unit, due=due, reason=reason, started_by=actor, started_at=now
        )
        Certification.objects.bulk_create(Certification(campaign=campaign, system_id=key) for key in keys)
        notices.campaign_started(campaign, owners_of(keys))
        return campaign


def end_campaign(*, actor: User, campaign: Campaign, reason: str, door: Door = Door.WEB) -> Campaign:
    """Wait for nobody any more: what was not answered neither lapses nor can be. Raises InvalidInput, Forbidden,
    Conflict `state` where it has ended already."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=LONG, required=True, lines=True)
    with acting(actor, door=door, verb="campaign.end", reason=reason):
        rights.require(actor, Permission.CAMPAIGN_RUN)
        checks.done()
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.ended_at is not None:
            raise Conflict(Reason("state", "This campaign has ended already."))
        locked.ended_at, locked.ended_by, locked.ended_reason = portal_now(), actor, reason
        locked.save(update_fields=["ended_at", "ended_by", "ended_reason"])
        return locked


def certify(
    *, actor: User, certification: Certification, seen: str, statement: str = "", door: Door = Door.WEB
) -> Certification:
    """State that the record of the system is right, as it was shown (`seen` is its version).

    Raises InvalidInput, Forbidden, Conflict `stale` when the record has changed since.
    """
    return _decide(actor, certification, "certify", statement, door, seen=seen)


def refuse_certification(
    *, actor: User, certification: Certification, statement: str, door: Door = Door.WEB
) -> Certification:
    """State that the record is not right, saying why; certifying after all stays possible. Raises as certify does."""
    return _decide(actor, certification, "refuse", statement, door)


def _decide(
    actor: User, certification: Certification, verb: str, statement: str, door: Door, seen: str | None = None
) -> Certification:
    checks = Checks()
    statement = checks.text("statement", statement, limit=LONG, required=verb == "refuse", lines=True)
    with acting(actor, door=door, verb=f"certification.{verb}", reason=statement):
        system = lock_system(certification.system_id, actor=actor)
        rounds = Campaign.objects.filter(certifications=certification.pk)
        campaign = rounds.select_for_update(no_key=True, of=("self",)).select_related("started_by").get()
        locked = Certification.objects.select_for_update(no_key=True, of=("self",)).get(pk=certification.pk)
        locked.campaign = campaign
        locked.system = system
        facts = facts_of(locked, shown=seen is None or seen == system_version(system))
        locked.state = CERTIFICATION.decide(verb, locked.state, allowed=allowed(actor, locked), facts=facts)
        checks.done()
        locked.record, locked.statement = system_version(system), statement
        locked.decided_by, locked.decided_at = actor, portal_now()
        locked.save(update_fields=["state", "record", "statement", "decided_by", "decided_at"])
        if verb == "refuse":
            notices.certification_refused(locked, actor)
        return locked
