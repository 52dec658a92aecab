"""Named reads of engagements: what lists and pages show, who is on a team, who builds what it looks at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Least

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import BUILDING_ROLES, Permission
from governance.changes.models import FollowUp
from governance.database.clock import PortalNow
from governance.engagements.lifecycle import AUDIT_FINDING, ENGAGEMENT, AuditFindingFacts, EngagementFacts
from governance.engagements.models import AuditFinding, Covered, Engagement, Member
from governance.lifecycle import Offer
from governance.validation.models import Contribution
from inventory.models import Assignment, System, UnitClosure
from inventory.rules import content_version

UNSETTLED = (AuditFinding.State.OPEN, AuditFinding.State.ANSWERED)
RUNNING = (Engagement.State.PLANNED, Engagement.State.RUNNING, Engagement.State.REPORTED)
SOON = timedelta(days=30)


def engagements() -> QuerySet[Engagement]:
    """Engagements with their people and their report."""
    return Engagement.objects.select_related("unit", "planned_by", "report", "reported_by", "ended_by")


def seen_by(person: User, rows: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Those of which the person sees a system in scope."""
    seen = rights.visible(person, Covered.objects.filter(engagement=OuterRef("pk"))).order_by()
    return rows.filter(Exists(seen))


def covered(person: User, engagement: Engagement) -> QuerySet[Covered]:
    """The systems in scope the person sees."""
    return rights.visible(person, Covered.objects.filter(engagement=engagement).select_related("system")).order_by("id")


def team(engagement: Engagement) -> QuerySet[Member]:
    """Who is or was on the team."""
    return Member.objects.filter(engagement=engagement).select_related("person", "added_by").order_by("-leads", "id")


def on_team(person: User, engagement: Engagement | int) -> QuerySet[Member]:
    """The running membership of a person, if there is one."""
    return Member.objects.filter(engagement=engagement, person=person, left_at=None, until__gt=PortalNow())


def reads_report(person: User, engagement: Engagement) -> bool:
    """Whether the person reads what is said of everything in scope: on the team, or seeing each of its systems."""
    whole = covered(person, engagement).count() == engagement.covered.count()
    return whole or on_team(person, engagement).exists()


def to_move(person: User) -> QuerySet[Any]:
    """Audits that wait for this person, by `step`, until `due`: the lead reports; who runs audits names, begins,
    asks for what is late, settles, and plans the next.
    """
    team = Member.objects.filter(engagement=OuterRef("pk"), left_at=None, until__gt=PortalNow())
    leads = team.filter(leads=True)
    mine, state = team.filter(person=person), Engagement.State
    unsettled = Exists(AuditFinding.objects.filter(engagement=OuterRef("pk"), state__in=UNSETTLED))
    steps = [When(Q(state=state.RUNNING) & Exists(mine.filter(leads=True)), then=Value("report"))]
    if rights.can(person, Permission.ENGAGEMENT_RUN):
        steps += [
            When(Q(state__in=(state.PLANNED, state.RUNNING)) & ~Exists(leads), then=Value("lead")),
            When(state=state.PLANNED, then=Value("start")),
            When(state=state.RUNNING, then=Value("late")),
            When(Q(state=state.REPORTED) & unsettled & ~Exists(team), then=Value("judge")),
            When(Q(state=state.REPORTED) & ~unsettled & ~Exists(mine), then=Value("close")),
            When(Q(state=state.CLOSED, next_at__lte=PortalNow() + SOON) & Exists(_again()), then=Value("again")),
        ]
    due = Case(
        When(step="report", then=Least("ends_at", Subquery(mine.values("until")[:1]))),
        When(step="again", then=F("next_at")),
        When(step__in=("judge", "close"), then=Value(None, output_field=DateTimeField())),
        default=F("ends_at"),
    )
    moving = Engagement.objects.annotate(step=Case(*steps, default=Value(""), output_field=CharField()))
    return moving.exclude(step="").annotate(due=due).order_by(F("due").asc(nulls_last=True), "pk")


def _again() -> QuerySet[Covered]:
    """Systems in use that nobody has planned to audit again, though the work to have it done stands open."""
    since = Engagement.objects.exclude(state=Engagement.State.CANCELLED).filter(
        kind=OuterRef("engagement__kind"), planned_at__gt=OuterRef("engagement__ended_at"),
        covered__system=OuterRef("system"),
    )  # fmt: skip
    page = Concat(Value("/engagements/"), Cast(OuterRef("engagement_id"), CharField()), Value("/"))
    wanted = FollowUp.objects.filter(
        cause=FollowUp.Cause.ENGAGEMENT, state=FollowUp.State.OPEN, system=OuterRef("system"), origin=page
    )
    in_use = Covered.objects.filter(engagement=OuterRef("pk")).exclude(system__phase=System.Phase.RETIRED)
    return in_use.filter(~Exists(since), Exists(wanted))


def findings() -> QuerySet[AuditFinding]:
    """What audits found, with what is shown of it."""
    return AuditFinding.objects.select_related(
        "engagement", "system", "raised_by", "responded_by", "verified_by"
    ).defer("system__search")  # fmt: skip


def found(person: User, engagement: Engagement) -> QuerySet[AuditFinding]:
    """What it found on systems the person sees, the first thing first."""
    return rights.visible(person, findings().filter(engagement=engagement)).order_by("id")


def counted(person: User, of: Iterable[Engagement]) -> dict[int, tuple[int, int]]:
    """For each engagement: the systems in scope this person sees, and the findings there that are not settled."""
    keys = [one.pk for one in of]
    systems = rights.visible(person, Covered.objects.filter(engagement__in=keys)).order_by()
    waiting = rights.visible(person, AuditFinding.objects.filter(engagement__in=keys, state__in=UNSETTLED)).order_by()
    many = dict(systems.values_list("engagement").annotate(number=Count("pk")))
    unsettled = dict(waiting.values_list("engagement").annotate(number=Count("pk")))
    return {key: (many.get(key, 0), unsettled.get(key, 0)) for key in keys}


def builders(engagement: Engagement, person: User) -> list[System]:
    """The systems in scope this person owns or builds, or did since the period looked at began."""
    return list(
        System.objects.filter(engagements__engagement=engagement)
        .filter(
            Exists(_building(person, engagement.period_from))
            | Exists(
                Contribution.objects.filter(
                    person=person, at__gte=engagement.period_from, release__system=OuterRef("pk")
                )
            )
        )
        .only("id", "name", "slug")[:5]
    )


def runs_for_itself(engagement: Engagement, person: User) -> list[System]:
    """The systems in scope this person owns or develops by a role, or did since the period looked at began.

    Who only described a record, as whoever registers systems does, may run the audit of them, but not be on its team.
    """
    scope = System.objects.filter(engagements__engagement=engagement)
    return list(scope.filter(Exists(_building(person, engagement.period_from))).only("id", "name", "slug")[:5])


def _building(person: User, since: datetime) -> QuerySet[Assignment]:
    above = UnitClosure.objects.filter(descendant=OuterRef(OuterRef("unit"))).values("ancestor")
    return Assignment.objects.filter(
        Q(until=None) | Q(until__gt=since), Q(system=OuterRef("pk")) | Q(unit__in=above), person=person,
        role__in=BUILDING_ROLES,
    )  # fmt: skip


def allowed(person: User, engagement: Engagement) -> frozenset[str]:
    """The rights to ask the machine with: those over the organisation, and seeing what is in scope."""
    found = rights.permissions_of(person)
    if Permission.SYSTEM_VIEW not in found and covered(person, engagement).exists():
        found |= {Permission.SYSTEM_VIEW}
    return frozenset(found)


def engagement_facts(person: User, engagement: Engagement) -> EngagementFacts:
    """What the machine decides on for this person."""
    membership = on_team(person, engagement).first()
    unsettled = engagement.findings.filter(state__in=UNSETTLED).order_by("id")
    running = Member.objects.filter(engagement=engagement, left_at=None, leads=True, until__gt=PortalNow())
    return EngagementFacts(
        was_on_team=Member.objects.filter(engagement=engagement, person=person).exists(),
        leads=bool(membership and membership.leads), has_lead=running.exists(),
        builds=tuple(system.name for system in runs_for_itself(engagement, person)),
        unsettled=tuple(f"AF-{one.pk} “{one.title}”" for one in unsettled[:5]),
    )  # fmt: skip


def engagement_offers(person: User, engagement: Engagement) -> tuple[Offer, ...]:
    """What this person could do about an engagement."""
    return ENGAGEMENT.offered(
        engagement.state, allowed=allowed(person, engagement), facts=engagement_facts(person, engagement)
    )


def finding_version(finding: AuditFinding) -> str:
    """A word that changes with what is said about a finding: what a judgement of it is bound to."""
    said = (finding.response, finding.responded_by_id, finding.verification, finding.verified_by_id)
    return content_version("audit_finding", finding.pk, finding.state, *said)


def finding_facts(person: User, finding: AuditFinding) -> AuditFindingFacts:
    """What the machine of findings decides on for this person."""
    return AuditFindingFacts(
        on_team=on_team(person, finding.engagement_id).exists(), answered=finding.responded_by_id == person.pk,
        raised=finding.raised_by_id == person.pk, by_person=person.kind == User.Kind.HUMAN,
        runs=finding.engagement.state in RUNNING,
    )  # fmt: skip


def finding_offers(person: User, finding: AuditFinding) -> tuple[Offer, ...]:
    """What this person could do about a finding."""
    return AUDIT_FINDING.offered(
        finding.state, allowed=rights.permissions_of(person, finding), facts=finding_facts(person, finding)
    )
