"""The incident room: what was told to whom and when they hear again, and where else to look."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from incidents.models.incidents import Incident

PEOPLE = settings.AUTH_USER_MODEL


class IncidentUpdate(models.Model):
    """What one audience was told about an incident; never changed afterwards."""

    class Audience(models.TextChoices):
        """Whom the words are meant for."""

        TEAM = "team", "Team"
        EXECUTIVES = "executives", "Executives"
        OWNERS = "owners", "Owners of systems that depend on it"
        AFFECTED = "affected_users", "Affected users"
        REGULATOR = "regulator_contact", "Regulator contact"
        PUBLIC = "public", "Public"

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="updates")
    audience = models.CharField(max_length=17, choices=Audience.choices)
    text = models.TextField()
    roles = ArrayField(models.CharField(max_length=40), default=list, help_text="Roles whose holders were told.")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    next_due = models.DateTimeField(null=True, blank=True, help_text="When this audience hears again at the latest.")

    scope = "incident__system"
    OUTSIDE = frozenset({Audience.AFFECTED, Audience.REGULATOR, Audience.PUBLIC})

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["incident", "audience", "-id"], name="incidentupdate_newest")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="incidentupdate_has_text"),
            models.CheckConstraint(
                condition=Q(next_due=None) | Q(next_due__gt=F("sent_at")), name="incidentupdate_due_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.text[:80]}"


class UpdateRecipient(models.Model):
    """Somebody an update was addressed to, by name or for a role they held then."""

    update = models.ForeignKey(IncidentUpdate, models.PROTECT, related_name="recipients")
    person = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")

    scope = "update__incident__system"

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["update", "person"], name="updaterecipient_once")]

    def __str__(self) -> str:
        return str(self.person)


class IncidentLink(models.Model):
    """Where else to look: logs, traces, dashboards, tickets."""

    class Kind(models.TextChoices):
        """What is there."""

        DASHBOARD = "dashboard", "Dashboard"
        DOCUMENT = "document", "Document"
        LOG = "log", "Log"
        TICKET = "ticket", "Ticket"
        TRACE = "trace", "Trace"

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="links")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=2000)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        PEOPLE, models.PROTECT, null=True, blank=True, related_name="+", help_text="Nobody: a hand-off came back."
    )

    scope = "incident__system"

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "url"], name="incidentlink_once"),
            models.CheckConstraint(condition=Q(url__startswith="https://"), name="incidentlink_is_https"),
            models.CheckConstraint(condition=~Q(title=""), name="incidentlink_has_title"),
        ]

    def __str__(self) -> str:
        return self.title
