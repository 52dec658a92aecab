"""What ends by itself and takes an open gate with it, unless somebody acts: one list for the pack and for My work.

What closes a gate already is not here: a finding that blocks while it is open has nothing left to end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Least

from governance.policy.legacy import UNDECIDED
from governance.policy.schema import PackDocument
from governance.validation.models import Condition, Finding, Submission, Waiver
from governance.validation.queries import standing_approvals, unsettled
from inventory.models import LegacyApproval, LoweredTier, Release, Risk, System


@dataclass(frozen=True, slots=True)
class Ending:
    """One kind of thing that ends: its rows, each with the instant in `ends`, and how one is told in a line."""

    title: str
    rows: QuerySet[Any]
    at: datetime
    told: Callable[[Any], str]
    path: str = "system"

    def within(self, ahead: timedelta) -> QuerySet[Any]:
        """Those that end after now and no later than so long ahead, soonest first."""
        found = self.rows.filter(ends__gt=self.at, ends__lte=self.at + ahead)
        return found.select_related(self.path).order_by("ends", "pk")

    def system(self, row: Any) -> System:
        """The system a row is about."""
        found: System = attrgetter(self.path.replace("__", "."))(row)
        return found


def endings(keys: QuerySet[Any], document: PackDocument | None, at: datetime) -> tuple[Ending, ...]:
    """Every kind, of the systems with these keys, under the policy in force. Nothing is read yet."""
    approvals = standing_approvals().filter(release__system__in=keys)
    waivers = Waiver.objects.filter(system__in=keys, state=Waiver.State.GRANTED)
    conditions = Condition.objects.filter(
        submission__release__system__in=keys, submission__state=Submission.State.APPROVED
    ).exclude(state=Condition.State.MET)
    findings = Finding.objects.filter(release__system__in=keys)
    lowered = LoweredTier.objects.filter(
        system__in=keys, state=LoweredTier.State.GRANTED, to_tier=F("system__tier")
    )  # fmt: skip
    risks = Risk.objects.filter(system__in=keys).exclude(state=Risk.State.CLOSED)
    return (
        Ending(
            "Approvals end", approvals.annotate(ends=F("valid_until")), at,
            lambda row: f"Approval of {row.release.version} ends", "release__system",
        ),
        Ending(
            "Legacy approvals end", _legacy(keys, document), at,
            lambda row: f"Legacy approval of {row.version} ends",
        ),
        Ending("Exceptions end", waivers.annotate(ends=F("until")), at, lambda row: f"Exception ends: {row.title}"),
        Ending(
            "Conditions fall due", conditions.annotate(ends=F("due")), at,
            lambda row: f"Condition due: {row.text[:120]}", "submission__release__system",
        ),
        Ending(
            "Findings fall due", _falling_due(findings, document, at).annotate(ends=F("due")), at,
            lambda row: f"Finding falls due: {row.title}", "release__system",
        ),
        Ending(
            "Acceptances of findings end", _accepted(findings, document).annotate(ends=F("accepted_until")), at,
            lambda row: f"Acceptance of a finding ends: {row.title}", "release__system",
        ),
        Ending(
            "Acceptances of risks end", risks.annotate(ends=F("accepted_until")), at,
            lambda row: f"Acceptance of a risk ends: {row.title}",
        ),
        Ending(
            "Lowered tiers end", lowered.annotate(ends=F("review_at")), at,
            lambda row: f"Lowered tier ends: {row.from_tier} instead of {row.to_tier}",
        ),
    )  # fmt: skip


def _severities(document: PackDocument | None, wanted: Callable[[bool, bool], bool]) -> list[str]:
    """Severities by whether they block while open, and whether they do once overdue."""
    known: Iterable[Any] = document.findings.severities if document and document.findings else ()
    return [each.id for each in known if wanted(each.blocking, each.blocking_when_overdue)]


def _falling_due(findings: QuerySet[Finding], document: PackDocument | None, at: datetime) -> QuerySet[Finding]:
    """Those that close the gate from their due date on, and not before. An ended acceptance leaves the due date."""
    later = _severities(document, lambda blocking, overdue: overdue and not blocking)
    return findings.filter(unsettled(at), blocking=False, severity__in=later)


def _accepted(findings: QuerySet[Finding], document: PackDocument | None) -> QuerySet[Finding]:
    """Those whose risk is accepted and that count again afterwards; of an unknown severity, they do."""
    harmless = _severities(document, lambda blocking, overdue: not blocking and not overdue)
    return findings.filter(state=Finding.State.ACCEPTED).exclude(blocking=False, severity__in=harmless)


def _legacy(keys: QuerySet[Any], document: PackDocument | None) -> QuerySet[LegacyApproval]:
    """Those the policy counts, for releases not decided on here, until their own end or the policy's."""
    rule = document.approvals.legacy if document and document.approvals else None
    found = LegacyApproval.objects.filter(system__in=keys, state=LegacyApproval.State.CONFIRMED)
    if rule is None:
        return found.none().annotate(ends=F("until"))
    if rule.tiers:
        found = found.filter(system__tier__in=rule.tiers)
    if rule.digest_known:
        found = found.exclude(sha256=[])
    described = Release.objects.filter(system=OuterRef("system"), version=OuterRef("version"), state__in=UNDECIDED)
    ends = Least(F("until"), Value(rule.until, output_field=DateTimeField()))
    return found.filter(Exists(described)).annotate(ends=ends)
