"""The frozen package of one release put up for review, and who had a hand in the release."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.policy.models import Pack
from inventory.models import Release


class Submission(models.Model):
    """Number n of a release: canonical manifest, digest, binding facts as columns."""

    scope = "release__system"

    class State(models.TextChoices):
        """How the review ended, or that it has not."""

        OPEN = "open", "Open"
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        SUPERSEDED = "superseded", "Superseded"

    release = models.ForeignKey(Release, models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    manifest = models.TextField(help_text="Canonical JSON (RFC 8785); everything a reviewer sees is rendered from it.")
    digest = models.CharField(max_length=71, help_text="sha256: and the hash of the manifest's bytes.")
    route = models.CharField(max_length=10, default="full", help_text="full, light or envelope.")
    carried_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carries",
        help_text="The full review a light one leans on, or whose envelope this release ships in.",
    )  # fmt: skip
    renewal = models.BooleanField(default=False)
    tier = models.CharField(max_length=40)
    intended_use_digest = models.CharField(max_length=71)
    answers_digest = models.CharField(max_length=71)
    dependencies = models.JSONField(
        null=True, blank=True, help_text="(end, version) of everything the system depended on, as in the manifest."
    )
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="+")
    pack_digest = models.CharField(max_length=71)
    submitter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True, help_text="End of the approval; set when approved.")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="submission_number_once"),
            models.UniqueConstraint(fields=["release"], condition=Q(state="open"), name="submission_one_open"),
            models.CheckConstraint(condition=Q(digest__regex=r"^sha256:[0-9a-f]{64}$"), name="submission_digest_form"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(valid_until__isnull=False) & Q(closed_at__isnull=False) & Q(valid_until__gt=F("closed_at"))),
                name="submission_approval_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} · submission {self.number}"


class Contribution(models.Model):
    """That a person had a hand in a release; append-only, filled by trigger, judged when somebody signs."""

    scope = "release__system"

    release = models.ForeignKey(Release, models.PROTECT, related_name="contributions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="contributions")
    kind = models.CharField(max_length=40, help_text="release, artifact, document, submission …")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "person", "kind"], name="contribution_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} of {self.release}"
