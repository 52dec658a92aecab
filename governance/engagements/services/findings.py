"""What an audit finds: raised by the team, answered by the system's people, verified by another of the team.

`seen` is the version of the finding the person read: an answer is judged as it was read, or it is a conflict.
"""

from __future__ import annotations

from datetime import timedelta

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.engagements import notices, queries
from governance.engagements.lifecycle import AUDIT_FINDING
from governance.engagements.models import AuditFinding, Engagement
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Forbidden, Reason
from governance.policy.queries import rules_in_force
from governance.validation.rules import refuse_unread
from inventory.models import System

LONG = 20_000


def raise_audit_finding(
    *,
    actor: User,
    engagement: Engagement,
    system: System,
    title: str,
    text: str,
    severity: str,
    door: Door = Door.WEB,
) -> AuditFinding:
    """Record what the audit found on a system in scope; the policy says by when it is to be settled.

    Raises InvalidInput, Forbidden unless the person is on the team, Conflict `state` while the audit does not run.
    """
    with acting(actor, door=door, verb="audit_finding.raise"):
        locked = Engagement.objects.select_for_update(no_key=True).get(pk=engagement.pk)
        rights.require(actor, Permission.SYSTEM_VIEW, system)
        if not queries.on_team(actor, locked).exists():
            raise Forbidden(Reason("forbidden", "Somebody on the team of this audit does that."))
        checks = Checks()
        title = checks.text("title", title, limit=200, required=True)
        text = checks.text("text", text, limit=LONG, required=True, lines=True)
        _, rules = rules_in_force()
        known = {each.id: each for each in rules.document.findings.severities} if rules.document.findings else {}
        severity = checks.choice("severity", severity, tuple(known))
        if not locked.covered.filter(system=system).exists():
            checks.refuse("system", "Must be a system in scope of the audit.")
        checks.done()
        if locked.state not in (Engagement.State.RUNNING, Engagement.State.REPORTED):
            raise Conflict(Reason("state", f"This audit is {locked.get_state_display().lower()}."))
        now = portal_now()
        finding = AuditFinding.objects.create(
            engagement=locked, system=system, title=title, text=text, severity=severity, raised_by=actor,
            raised_at=now, due=now + timedelta(days=known[severity].due_days),
        )  # fmt: skip
        notices.found(finding, actor)
        return finding


def respond_to_audit_finding(
    *, actor: User, finding: AuditFinding, response: str, door: Door = Door.WEB
) -> AuditFinding:
    """Answer it, for the system. Raises InvalidInput, Forbidden, Conflict."""
    words = _said("response", response)
    with acting(actor, door=door, verb="audit_finding.respond"):
        locked = _move("respond", actor, finding)
        locked.response, locked.responded_by, locked.verification, locked.verified_by = words, actor, "", None
        locked.save(update_fields=["state", "response", "responded_by", "verification", "verified_by"])
        notices.answered(locked, actor)
        return locked


def verify_audit_finding(
    *, actor: User, finding: AuditFinding, verification: str, seen: str = "", door: Door = Door.WEB
) -> AuditFinding:
    """Say, on the team and not having answered it, that the answer settles it.

    Raises as respond does, and Conflict `stale`.
    """
    words = _said("verification", verification)
    with acting(actor, door=door, verb="audit_finding.verify"):
        locked = _move("verify", actor, finding, seen)
        locked.verification, locked.verified_by = words, actor
        locked.save(update_fields=["state", "verification", "verified_by"])
        return locked


def reopen_audit_finding(
    *, actor: User, finding: AuditFinding, reason: str, seen: str = "", door: Door = Door.WEB
) -> AuditFinding:
    """Say why the answer does not settle it. Raises as verify does."""
    words = _said("reason", reason)
    with acting(actor, door=door, verb="audit_finding.reopen", reason=words[:500]):
        locked = _move("reopen", actor, finding, seen)
        locked.verification, locked.verified_by = words, None
        locked.save(update_fields=["state", "verification", "verified_by"])
        return locked


def withdraw_audit_finding(*, actor: User, finding: AuditFinding, reason: str, door: Door = Door.WEB) -> AuditFinding:
    """Take back what one raised oneself, saying why. Raises as respond does."""
    words = _said("reason", reason)
    with acting(actor, door=door, verb="audit_finding.withdraw", reason=words[:500]):
        locked = _move("withdraw", actor, finding)
        locked.verification = words
        locked.save(update_fields=["state", "verification"])
        return locked


def _said(name: str, words: str) -> str:
    checks = Checks()
    words = checks.text(name, words, limit=LONG, required=True, lines=True)
    checks.done()
    return words


def _move(verb: str, actor: User, finding: AuditFinding, seen: str = "") -> AuditFinding:
    """The finding, locked after its audit, in its next state; the caller saves."""
    engagement = Engagement.objects.select_for_update(no_key=True).get(pk=finding.engagement_id)
    locked = AuditFinding.objects.select_for_update(no_key=True).get(pk=finding.pk)
    locked.engagement = engagement
    rights.require(actor, Permission.SYSTEM_VIEW, locked)
    version, facts = queries.finding_version(locked), queries.finding_facts(actor, locked)
    locked.state = AUDIT_FINDING.decide(verb, locked.state, allowed=rights.permissions_of(actor, locked), facts=facts)
    refuse_unread(seen, version)
    return locked
