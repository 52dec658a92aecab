"""Failure modes of systems, and what went wrong elsewhere: past incidents of others, and whether they could be ours."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from inventory.models.systems import System


class PastIncident(models.Model):
    """An incident somebody else had, as a public database tells it. A later edition changes it in place."""

    source = models.SlugField(max_length=40)
    number = models.BigIntegerField(help_text="What the source calls it.")
    occurred_on = models.DateField(null=True, blank=True)
    title = models.CharField(max_length=1000)
    description = models.TextField(blank=True)
    deployers = models.JSONField("alleged deployers", default=list, blank=True)
    developers = models.JSONField("alleged developers", default=list, blank=True)
    harmed = models.JSONField("alleged harmed or nearly harmed parties", default=list, blank=True)
    reports = models.JSONField("numbers of its reports", default=list, blank=True)
    changed_at = models.DateTimeField(db_index=True)
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("description", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-occurred_on", "-id"]
        indexes = [GinIndex(fields=["search"], name="pastincident_search")]
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="pastincident_once")]

    def __str__(self) -> str:
        return f"{self.source.upper()} {self.number}: {self.title}"


class FailureMode(models.Model):
    """One line of a system's worksheet: what goes wrong, for or through whom, when, and how one copes with it."""

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="failure_modes")
    what = models.TextField("what goes wrong")
    who = models.TextField("who is harmed, or causes it")
    when = models.TextField("when it happens")
    how = models.TextField("how one notices and copes")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField("why it no longer counts", blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["system"], condition=Q(ended_at=None), name="failuremode_counts")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(who="") & ~Q(when="") & ~Q(how=""), name="failuremode_says_all_four"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason="")),
                name="failuremode_end_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class LookAlikeSearch(models.Model):
    """One search for past incidents that look like a system: by whom, when, on which words."""

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="look_alike_searches")
    words_digest = models.CharField(max_length=80, help_text="Of what the system said of itself then.")
    found = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["system", "-id"], name="lookalikesearch_newest")]

    def __str__(self) -> str:
        return f"{self.found} for {self.system}"


class LookAlike(models.Model):
    """A past incident proposed for a system, and what its people say: it could be us, or why not."""

    scope = "system"

    class Answer(models.TextChoices):
        """Whether it could happen here."""

        OPEN = "", "Not answered"
        APPLIES = "applies", "It could happen here"
        NOT_HERE = "not_here", "It could not happen here"

    system = models.ForeignKey(System, models.PROTECT, related_name="look_alikes")
    incident = models.ForeignKey(PastIncident, models.PROTECT, related_name="look_alikes")
    proposed_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answer.choices, default=Answer.OPEN, blank=True)
    reason = models.TextField("how it is treated, or why it cannot happen", blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "incident"], name="lookalike_once"),
            models.CheckConstraint(
                condition=Q(answer="", reason="", answered_by=None, answered_at=None)
                | (~Q(answer="") & ~Q(reason="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="lookalike_answer_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident} for {self.system}"
