"""Incidents: what went wrong with which systems, who leads, what must be checked, what is still to be done."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from inventory.models import Release, System

OPEN_STATES = ["reported", "triaged", "contained"]
# What an incident teaches, as it is searched.
LESSON_WORDS = SearchVector("title", "root_cause", "review", config="english")


class Incident(models.Model):
    """Something that went wrong with a system in use; while it is open it closes the gate."""

    class State(models.TextChoices):
        """From the first report to the lesson."""

        REPORTED = "reported", "Reported"
        TRIAGED = "triaged", "Triaged"
        CONTAINED = "contained", "Contained"
        RESOLVED = "resolved", "Resolved"
        CLOSED = "closed", "Closed"
        DISMISSED = "dismissed", "Dismissed"
        DUPLICATE = "duplicate", "Duplicate"

    system = models.ForeignKey(System, models.PROTECT, related_name="incidents")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    type = models.SlugField(max_length=60, help_text="A type of the policy pack.")
    impact = models.SlugField(max_length=40)
    urgency = models.SlugField(max_length=40)
    severity = models.SlugField(max_length=40, help_text="By the pack's matrix of impact and urgency.")
    two_person_close = models.BooleanField(
        default=False, help_text="Once graded so severe, it stays so: nobody lowers a grade to close alone."
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.REPORTED)
    occurred_at = models.DateTimeField(null=True, blank=True)
    aware_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    commander = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    remedy_release = models.ForeignKey(
        Release, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="The release that mends it, or that is rolled back to; the gate lets it pass.",
    )  # fmt: skip
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    status_line = models.CharField("where it stands, in one sentence", max_length=200, blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    containment = models.TextField(blank=True)
    contained_at = models.DateTimeField(null=True, blank=True)
    dismissal = models.TextField("why it was dismissed", blank=True)
    root_cause = models.TextField(blank=True)
    impact_by_class = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    review = models.TextField("post-incident review", blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField()

    scope = "system"

    class Meta:
        ordering = ["-reported_at", "-id"]
        indexes = [
            models.Index(fields=["system"], condition=Q(state__in=OPEN_STATES), name="incident_open_on_system"),
            GinIndex(LESSON_WORDS, name="incident_lessons"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="incident_has_title"),
            models.CheckConstraint(
                condition=Q(status_line="", status_at=None, status_by=None)
                | (~Q(status_line="") & Q(status_at__isnull=False, status_by__isnull=False)),
                name="incident_status_said_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="duplicate") | Q(duplicate_of__isnull=False), name="incident_duplicate_of_something"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_by__isnull=False), name="incident_closed_by_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | Q(two_person_close=False)
                | (~Q(closed_by=F("reporter")) & (Q(commander=None) | ~Q(closed_by=F("commander")))),
                name="incident_severe_closed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"INC-{self.pk} {self.title}"


class AffectedRelease(models.Model):
    """A release an incident names; an incident that names none affects all of its system."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="affected")
    release = models.ForeignKey(Release, models.PROTECT, related_name="incidents")

    scope = "incident__system"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "release"], name="affectedrelease_once")]

    def __str__(self) -> str:
        return f"{self.incident} affects {self.release}"


class ServiceCheck(models.Model):
    """One thing that must hold before the system returns to normal service."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="checks")
    text = models.CharField(max_length=300)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    passed_at = models.DateTimeField(null=True, blank=True)
    passed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.TextField(blank=True)

    scope = "incident__system"

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class ActionItem(models.Model):
    """What an incident leaves to do, with an owner and a date, tracked to its end."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="actions")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="action_items")
    due = models.DateTimeField()
    playbook = models.SlugField(
        max_length=60, blank=True, help_text="The playbook whose step it is; empty for what is left to do."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    scope = "incident__system"

    class Meta:
        ordering = ["due", "id"]

    def __str__(self) -> str:
        return self.text


class TimelineEntry(models.Model):
    """What somebody noted while it happened; never changed afterwards."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="timeline")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    scope = "incident__system"

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="timelineentry_has_text")]

    def __str__(self) -> str:
        return self.text[:80]
