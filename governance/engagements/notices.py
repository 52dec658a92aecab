"""Whom engagements tell what: who is put on a team, what was found, what was answered, what was reported."""

from __future__ import annotations

from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.engagements.models import AuditFinding, Engagement, Member
from governance.notify.outbox import announce
from governance.notify.topics import Topic


def joined(member: Member, actor: User) -> None:
    """Who is put on the team."""
    audit = member.engagement
    seen = audit.covered.order_by("id").first()
    if seen is not None:
        announce(
            Topic.ENGAGEMENT_JOINED, seen, people=[member.person], actor=actor, due=audit.ends_at,
            title=f"You are on the team of {audit}", text=audit.purpose,
            href=reverse("engagements:engagement_detail", args=[audit.pk]),
        )  # fmt: skip


def found(finding: AuditFinding, actor: User) -> None:
    """Those who may answer it."""
    announce(
        Topic.AUDIT_FINDING, finding, holders=[Permission.FINDING_RESPOND], actor=actor, due=finding.due,
        title=f"{finding.title} ({finding.severity}) on {finding.system}", href=_page(finding),
        stands=AuditFinding.State.OPEN,
    )  # fmt: skip


def answered(finding: AuditFinding, actor: User) -> None:
    """Who raised it."""
    announce(
        Topic.AUDIT_FINDING, finding, people=[finding.raised_by], actor=actor, text=finding.response[:500],
        title=f"Answered: {finding}", href=_page(finding), stands=AuditFinding.State.ANSWERED,
    )  # fmt: skip


def reported(audit: Engagement, actor: User) -> None:
    """Those who run audits; what the report says stands on its page."""
    announce(
        Topic.ENGAGEMENT_REPORTED, audit, holders=[Permission.ENGAGEMENT_RUN], actor=actor,
        title=f"The report of {audit} is handed in", stands=Engagement.State.REPORTED,
        href=reverse("engagements:engagement_detail", args=[audit.pk]),
    )  # fmt: skip


def _page(finding: AuditFinding) -> str:
    return reverse("engagements:finding_detail", args=[finding.pk])
