"""Assignments: who holds which role where, from when until when. The only source of rights."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from governance.access.models import User
from governance.access.vocabulary import DELEGABLE_ROLES, Role
from governance.database.clock import PortalNow
from inventory.models.systems import System
from inventory.models.units import Unit


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Named reads of assignments."""

    def current(self) -> AssignmentQuerySet:
        """Those that run now, by the portal's clock."""
        return self.filter(Q(until=None) | Q(until__gt=PortalNow()), since__lte=PortalNow())

    def unended(self) -> AssignmentQuerySet:
        """Those that run now or will."""
        return self.filter(Q(until=None) | Q(until__gt=PortalNow()))


class Assignment(models.Model):
    """A role of a person on one system or on a business unit and its subtree; half-open [since, until)."""

    scope = "system"
    unit_scope = "unit"

    class Roles(models.TextChoices):
        """The roles as people read them."""

        OWNER = Role.OWNER, "Owner"
        DEPUTY_OWNER = Role.DEPUTY_OWNER, "Deputy owner"
        DEVELOPER = Role.DEVELOPER, "Developer"
        VALIDATOR = Role.VALIDATOR, "Validator"
        AUDITOR = Role.AUDITOR, "Process auditor, second line"
        APPROVER = Role.APPROVER, "Approver"
        RISK_OFFICER = Role.RISK_OFFICER, "Risk officer"
        INCIDENT_MANAGER = Role.INCIDENT_MANAGER, "Incident manager"
        REVIEW_LEAD = Role.REVIEW_LEAD, "Review lead"
        VIEWER = Role.VIEWER, "Viewer"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=20, choices=Roles.choices)
    system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="assignments")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="assignments")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    delegated_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="delegations",
        help_text="The role its holder lends for a while; it gives a right only while that one runs too.",
    )  # fmt: skip

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["role", "since", "id"]
        indexes = [
            models.Index(
                fields=["person", "system"],
                condition=Q(system__isnull=False),
                name="assignment_person_system",
            ),
            models.Index(fields=["person", "unit"], condition=Q(unit__isnull=False), name="assignment_person_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(system=None, unit__isnull=False) | Q(system__isnull=False, unit=None),
                name="assignment_system_or_unit",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="assignment_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(assigned_by=None) | ~Q(assigned_by=F("person")), name="assignment_not_to_oneself"
            ),
            models.CheckConstraint(
                condition=Q(unit=None) | ~Q(role__in=[Role.OWNER]), name="assignment_owner_on_system_only"
            ),
            ExclusionConstraint(
                name="assignment_one_owner",
                expressions=[
                    (
                        Func(F("system"), F("system"), models.Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("since"), F("until"), RangeBoundary(), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(role=Role.OWNER),
            ),
            models.CheckConstraint(
                condition=Q(delegated_from=None) | Q(until__isnull=False, role__in=sorted(DELEGABLE_ROLES)),
                name="delegation_ends",
            ),
            ExclusionConstraint(
                name="delegation_to_one_at_a_time",
                expressions=[
                    (
                        Func(F("delegated_from"), F("delegated_from"), models.Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("since"), F("until"), RangeBoundary(), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(delegated_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()} · {self.system or self.unit}"

    @property
    def delegator(self) -> User | None:
        """Whose role this is, where it is lent."""
        return self.delegated_from.person if self.delegated_from is not None else None


class TokenLimit(models.Model):
    """A system, or a unit with everything below it, that a token reaches. A token without limits reaches nothing."""

    scope = "system"
    unit_scope = "unit"

    token = models.ForeignKey("access.Token", models.PROTECT, related_name="limits")
    system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(system=None, unit__isnull=False) | Q(system__isnull=False, unit=None),
                name="tokenlimit_system_or_unit",
            ),
            models.UniqueConstraint(fields=["token", "system"], name="tokenlimit_system_once"),
            models.UniqueConstraint(fields=["token", "unit"], name="tokenlimit_unit_once"),
        ]

    def __str__(self) -> str:
        return str(self.system or self.unit)
