"""What is to be told (notices), to whom (deliveries), how people want it (preferences), and to which webhooks."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance.notify.topics import CHOICES


class Notice(models.Model):
    """One fact to tell, written in the transaction of the act it is about."""

    topic = models.CharField(max_length=40, choices=CHOICES)
    about_model = models.CharField(max_length=80, help_text="Label of the model of what it is about.")
    about_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    text = models.CharField(max_length=2000, blank=True)
    href = models.CharField(max_length=500, help_text="The page of it, as a path.")
    due = models.DateTimeField(null=True, blank=True)
    people = ArrayField(models.BigIntegerField(), default=list, help_text="Keys of the people to ask about.")
    permissions = ArrayField(models.CharField(max_length=60), help_text="A person needs one of these rights on it.")
    state = models.CharField(max_length=40, blank=True, help_text="People are told while it stands in this state.")
    to_holders = models.BooleanField(default=False, help_text="Also to everybody who holds one of the rights.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    occurred_at = models.DateTimeField()
    once = models.CharField(max_length=64, null=True, blank=True, unique=True)
    spread_at = models.DateTimeField(null=True, blank=True, help_text="When its deliveries were made.")
    error = models.CharField(max_length=500, blank=True, help_text="Why no deliveries could be made of it.")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], condition=Q(spread_at=None), name="notice_to_spread")]

    def __str__(self) -> str:
        return f"{self.topic}: {self.title}"


class Endpoint(models.Model):
    """A webhook of another system: where to, in which form, for which topics. Ended, never deleted."""

    class Form(models.TextChoices):
        """How the body is written."""

        JSON = "json", "Signed JSON"
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        PAGERDUTY = "pagerduty", "PagerDuty (Events v2)"
        TICKET = "ticket", "Ticket by template (Jira and others)"
        WIKI = "wiki", "Wiki page (Markdown)"

    name = models.CharField(max_length=120)
    host = models.CharField(max_length=260, editable=False)
    url = models.CharField(max_length=2000, help_text="Kept out of the ledger: for chat services it is the secret.")
    form = models.CharField(max_length=9, choices=Form.choices, default=Form.JSON)
    topics = ArrayField(models.CharField(max_length=40, choices=CHOICES), default=list, blank=True)
    credential = models.CharField(
        max_length=500, blank=True, help_text="A routing key, or what stands in Authorization. Kept out of the ledger."
    )
    template = models.JSONField("template of a ticket", null=True, blank=True)
    answer_key = models.CharField("where the answer names the ticket", max_length=100, blank=True)
    answer_link = models.CharField("address of a ticket", max_length=1000, blank=True)
    seed = models.UUIDField(default=uuid.uuid4, editable=False, help_text="What the secret is derived from.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    secret_renewed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ended_at", "name", "id"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One notice for one person or one webhook: sent at most once, tried again while it is sure not to have arrived."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "Not sent: not wanted or not to be seen any more"
        GIVEN_UP = "given_up", "Given up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, null=True, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    bundled = models.BooleanField(default=False, help_text="Goes into one message with what else waits.")
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["not_before", "id"]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state__in=["waiting", "sending"]), name="delivery_to_send"),
            models.Index(fields=["settled_at"], condition=Q(state="given_up"), name="delivery_given_up"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notice", "person"], name="delivery_once_a_person"),
            models.UniqueConstraint(fields=["notice", "endpoint"], name="delivery_once_an_endpoint"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, endpoint=None) | Q(person=None, endpoint__isnull=False),
                name="delivery_to_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} → {self.person or self.endpoint}"


class Preference(models.Model):
    """How one person wants to be told; without a row, at once and of everything."""

    class Rhythm(models.TextChoices):
        """How often."""

        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Once a day, everything in one message"

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+")
    rhythm = models.CharField(max_length=7, choices=Rhythm.choices, default=Rhythm.AT_ONCE)
    digest_hour = models.PositiveSmallIntegerField(default=7)
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    zone = models.CharField(max_length=60, default="UTC")
    calendar = models.UUIDField(null=True, blank=True, help_text="What the address of the calendar is made of.")
    muted = ArrayField(models.CharField(max_length=40, choices=CHOICES), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23)
                & (Q(quiet_from=None, quiet_until=None) | Q(quiet_from__lte=23, quiet_until__lte=23)),
                name="preference_hours",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.rhythm}"
