"""Engagements: audits tied to no release, with their scope, their team, what they found and their report.

What a review of a release finds belongs to that release; an audit looks at systems, so its findings are of its own.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models import Assignment, EvidenceFile, System, Unit

PEOPLE = settings.AUTH_USER_MODEL


class Engagement(models.Model):
    """One audit: why, of what period, until when; its report and when it comes round again."""

    class Kind(models.TextChoices):
        """Who audits what."""

        MODEL = "model", "Periodic audit of models"
        THIRD_PARTY = "third_party", "Audit by a third party"
        SECURITY = "security", "Security audit"
        ETHICS = "ethics", "Ethics audit"

    class State(models.TextChoices):
        """From the plan to the end."""

        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        REPORTED = "reported", "Reported"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    kind = models.CharField(max_length=11, choices=Kind.choices)
    title = models.CharField(max_length=200)
    purpose = models.TextField("what is looked at, and against what")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    period_from = models.DateTimeField("period looked at, from")
    ends_at = models.DateTimeField("planned end")
    planned_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    summary = models.TextField("what the report says in short", blank=True)
    report = models.ForeignKey(EvidenceFile, models.PROTECT, null=True, blank=True, related_name="engagements")
    report_name = models.CharField(max_length=200, blank=True)
    reported_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField("next audit", null=True, blank=True)
    ended_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField("how it was settled, or why it was cancelled", blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(purpose=""), name="engagement_says_what"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("planned_at")), name="engagement_ends_later"),
            models.CheckConstraint(condition=Q(period_from__lt=F("ends_at")), name="engagement_period_before_end"),
            models.CheckConstraint(
                condition=~Q(state__in=["reported", "closed"])
                | (Q(report__isnull=False, reported_by__isnull=False, reported_at__isnull=False) & ~Q(report_name="")),
                name="engagement_reported_with_report",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "cancelled"], ended_by__isnull=False, ended_at__isnull=False)
                & ~Q(note="")
                | ~Q(state__in=["closed", "cancelled"]),
                name="engagement_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"ENG-{self.pk} {self.title}"


class Covered(models.Model):
    """A system in the scope of an audit, named when it was planned."""

    scope = "system"

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="covered")
    system = models.ForeignKey(System, models.PROTECT, related_name="engagements")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["engagement", "system"], name="covered_once")]

    def __str__(self) -> str:
        return f"{self.engagement} looks at {self.system}"


class Member(models.Model):
    """Somebody on the team until a day; one of them leads."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="team")
    person = models.ForeignKey(PEOPLE, models.PROTECT, related_name="engagements")
    leads = models.BooleanField(default=False)
    until = models.DateTimeField()
    added_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "person"], condition=Q(left_at=None), name="member_once"
            ),
            models.UniqueConstraint(
                fields=["engagement"], condition=Q(left_at=None, leads=True), name="member_one_leads"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("added_at")), name="member_ends_later"),
            models.CheckConstraint(condition=~Q(added_by=F("person")), name="member_named_by_another"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person} in {self.engagement}"


class TeamRight(models.Model):
    """The role a membership gave on a system in scope: an assignment like any other, with the same end."""

    scope = "assignment__system"

    member = models.ForeignKey(Member, models.PROTECT, related_name="rights")
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="team_right")

    def __str__(self) -> str:
        return f"{self.member} sees {self.assignment.system}"


class AuditFinding(models.Model):
    """Something an audit found on a system in its scope; answered by its builders, verified by the team."""

    scope = "system"

    class State(models.TextChoices):
        """Until somebody else than who answered says that the answer settles it."""

        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="findings")
    system = models.ForeignKey(System, models.PROTECT, related_name="audit_findings")
    title = models.CharField(max_length=200)
    text = models.TextField()
    severity = models.CharField(max_length=60, help_text="A severity of the policy.")
    due = models.DateTimeField()
    raised_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    response = models.TextField(blank=True)
    responded_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    verification = models.TextField(blank=True)
    verified_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="auditfinding_says_what"),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "closed"]) | (Q(responded_by__isnull=False) & ~Q(response="")),
                name="auditfinding_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(verified_by__isnull=False), name="auditfinding_verified_by_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(verified_by=F("responded_by")), name="auditfinding_verified_by_another"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"AF-{self.pk} {self.title}"
