"""Findings: raise, respond, verify, reopen, accept the risk of, withdraw.

`seen` is the version of the finding the person read: an answer is judged as it was read, or it is a conflict.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks
from governance.ledger.acting import Door, acting
from governance.lifecycle import Conflict, Reason
from governance.policy.queries import rules_in_force
from governance.policy.schema import Severity
from governance.validation import notices, queries
from governance.validation.lifecycle import FINDING
from governance.validation.models import Finding
from governance.validation.rules import refuse_unread
from inventory.models import Release
from inventory.services.permitted import allowed, require
from inventory.services.releases import lock_release

_CLOSED = frozenset({Release.State.DISCARDED, Release.State.RETIRED})


def raise_finding(
    *,
    actor: User,
    release: Release,
    title: str,
    text: str,
    severity: str,
    category: str,
    door: Door = Door.WEB,
) -> Finding:
    """Record a defect of a release; the policy pack says by when and whether it closes the gate meanwhile.

    It belongs to the open submission, if there is one. Raises InvalidInput, Forbidden, Conflict.
    """
    with acting(actor, door=door, verb="finding.raise"):
        locked = lock_release(release, actor=actor)
        require(actor, Permission.FINDING_RAISE, locked)
        checks = Checks()
        title = checks.text("title", title, limit=200, required=True)
        text = checks.text("text", text, limit=20_000, required=True, lines=True)
        category = checks.choice("category", category, Finding.Category.values)
        degree = _severity(checks, severity)
        checks.done()
        if locked.state in _CLOSED:
            raise Conflict(Reason("state", "This release is out of use; findings are raised on one that is not."))
        now = portal_now()
        finding = Finding.objects.create(
            release=locked,
            submission=queries.open_submission(locked),
            title=title,
            text=text,
            severity=degree.id,
            category=category,
            blocking=degree.blocking,
            raised_by=actor,
            raised_at=now,
            due=now + timedelta(days=degree.due_days),
        )
        notices.finding_raised(finding, actor)
        return finding


def respond_to_finding(*, actor: User, finding: Finding, response: str, door: Door = Door.WEB) -> Finding:
    """Answer a finding. Raises InvalidInput, Forbidden, Conflict."""
    with acting(actor, door=door, verb="finding.respond"):
        locked = _move(actor, finding, "respond")
        checks = Checks()
        locked.response = checks.text("response", response, limit=20_000, required=True, lines=True)
        checks.done()
        locked.responded_by = actor
        locked.verified_by = None
        locked.verification = ""
        locked.save(update_fields=["state", "response", "responded_by", "verified_by", "verification"])
        notices.finding_answered(locked, actor)
        return locked


def verify_finding(
    *, actor: User, finding: Finding, verification: str, seen: str = "", door: Door = Door.WEB
) -> Finding:
    """Confirm that an answer settles the finding; another person than who answered.

    Raises as respond does, and Conflict `stale`.
    """
    with acting(actor, door=door, verb="finding.verify"):
        locked = _move(actor, finding, "verify", seen=seen)
        checks = Checks()
        locked.verification = checks.text("verification", verification, limit=20_000, required=True, lines=True)
        checks.done()
        locked.verified_by = actor
        locked.save(update_fields=["state", "verified_by", "verification"])
        return locked


def reopen_finding(*, actor: User, finding: Finding, reason: str, seen: str = "", door: Door = Door.WEB) -> Finding:
    """Open a finding again that was answered, closed or accepted. Raises as verify does."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=20_000, required=True, lines=True)
    with acting(actor, door=door, verb="finding.reopen", reason=reason):
        locked = _move(actor, finding, "reopen", seen=seen)
        checks.done()
        locked.verification = reason
        locked.verified_by = None
        locked.accepted_by = None
        locked.accepted_until = None
        locked.save(update_fields=["state", "verified_by", "verification", "accepted_by", "accepted_until"])
        notices.finding_sent_back(locked, actor, reason)
        return locked


def accept_finding(
    *, actor: User, finding: Finding, reason: str, until: datetime | None, seen: str = "", door: Door = Door.WEB
) -> Finding:
    """Accept the risk of a finding until an instant; neither who raised nor who answered it. Raises as verify does."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=20_000, required=True, lines=True)
    with acting(actor, door=door, verb="finding.accept", reason=reason):
        locked = _move(actor, finding, "accept", until=until, seen=seen)
        if checks.instant("until", until) is None:
            checks.refuse("until", "An accepted risk needs an end.")
        checks.done()
        locked.verification = reason
        locked.accepted_by = actor
        locked.accepted_until = until
        locked.save(update_fields=["state", "verification", "accepted_by", "accepted_until"])
        return locked


def withdraw_finding(*, actor: User, finding: Finding, reason: str, door: Door = Door.WEB) -> Finding:
    """Take a finding back that one raised oneself. Raises as respond does."""
    checks = Checks()
    reason = checks.text("reason", reason, limit=2000, required=True, lines=True)
    with acting(actor, door=door, verb="finding.withdraw", reason=reason):
        locked = _move(actor, finding, "withdraw")
        checks.done()
        locked.save(update_fields=["state"])
        return locked


def _move(actor: User, finding: Finding, verb: str, *, until: datetime | None = None, seen: str = "") -> Finding:
    """The finding, locked after its release and moved in memory; the caller writes it."""
    lock_release(finding.release, actor=actor)
    locked = Finding.objects.select_for_update(no_key=True, of=("self",)).select_related("release").get(pk=finding.pk)
    version = queries.finding_version(locked)
    facts = queries.finding_facts(actor, locked, until=until)
    locked.state = FINDING.decide(verb, locked.state, allowed=allowed(actor, locked), facts=facts)
    refuse_unread(seen, version)
    return locked


def _severity(checks: Checks, name: str) -> Severity:
    _, rules = rules_in_force()
    findings = rules.document.findings
    if findings is None:
        raise Conflict(Reason("blocked", "The policy pack in force has no findings."))
    chosen = checks.choice("severity", name, [severity.id for severity in findings.severities])
    return rules.document.severity(chosen) or findings.severities[0]
