"""Reviews (one stage of one submission), sign-offs and the conditions attached to them."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from governance.access.models import User
from governance.validation.models.submissions import Submission
from governance.validation.promised import TITLES, Kind, Promised
from inventory.models import Assignment

CHECKS = [(kind.value, TITLES[kind]) for kind in Kind]


class Review(models.Model):
    """One stage of one submission, with the quorum the pack demanded when it was submitted."""

    scope = "submission__release__system"

    class State(models.TextChoices):
        """Where the stage stands."""

        WAITING = "waiting", "Waiting"
        OPEN = "open", "Open"
        SIGNED = "signed", "Signed"
        REJECTED = "rejected", "Rejected"
        RETURNED = "returned", "Returned"
        VOID = "void", "Void"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="reviews")
    stage = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    permission = models.CharField(max_length=60)
    meaning = models.TextField(help_text="What a signature on this stage states.")
    checklist = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    quorum = models.PositiveSmallIntegerField(default=1)
    order = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]
        indexes = [models.Index(fields=["role", "opened_at"], condition=Q(state="open"), name="review_open_by_role")]
        constraints = [
            models.UniqueConstraint(fields=["submission", "stage"], name="review_stage_once"),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="review_quorum_at_least_one"),
        ]

    def __str__(self) -> str:
        return f"{self.title} of {self.submission}"


class SignOff(models.Model):
    """One person's decision on a review, bound to the submission's digest; append-only."""

    scope = "submission__release__system"

    class Decision(models.TextChoices):
        """What was decided."""

        APPROVE = "approve", "Approve"
        APPROVE_WITH_CONDITIONS = "approve_with_conditions", "Approve with conditions"
        REJECT = "reject", "Reject"
        RETURN = "return", "Return"

    review = models.ForeignKey(Review, models.PROTECT, related_name="sign_offs")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="sign_offs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sign_offs")
    decision = models.CharField(max_length=24, choices=Decision.choices)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=71)
    pack_digest = models.CharField(max_length=71)
    meaning = models.TextField()
    printed_name = models.CharField(max_length=150)
    role = models.CharField(max_length=20)
    authenticated_by = models.CharField(max_length=20, help_text="How the person proved presence: password …")
    signed_at = models.DateTimeField()
    delegation = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="The lent role it was signed under; empty: in the person's own right.",
    )  # fmt: skip
    proof_key = models.CharField(max_length=32, editable=False, help_text="Fingerprint of the key of the proof.")
    proof = models.CharField(max_length=64, editable=False, help_text="That the portal's sign-in made this decision.")

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "person"], name="signoff_one_per_person"),
            models.CheckConstraint(condition=~Q(meaning=""), name="signoff_has_meaning"),
            models.CheckConstraint(condition=~Q(printed_name=""), name="signoff_has_name"),
            models.CheckConstraint(
                condition=Q(decision="approve") | ~Q(comment=""), name="signoff_comment_unless_approve"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.printed_name}: {self.decision} ({self.review})"

    @property
    def affirms(self) -> bool:
        """Whether the signer states what the stage asks for; who rejects or returns was asked to, and does not."""
        return self.decision in (self.Decision.APPROVE, self.Decision.APPROVE_WITH_CONDITIONS)

    @property
    def on_behalf_of(self) -> str:
        """For whom and under which delegation it was signed; empty in the person's own right."""
        if self.delegation is None:
            return ""
        return f"on behalf of {self.delegation.delegator} under delegation {self.delegation_id}"


class Condition(models.Model):
    """A promise attached to a conditional sign-off: who does what, by when, for which environments."""

    scope = "submission__release__system"

    class State(models.TextChoices):
        """Where the promise stands."""

        OPEN = "open", "Open"
        CLAIMED = "claimed", "Claimed"
        MET = "met", "Met"

    sign_off = models.ForeignKey(SignOff, models.PROTECT, related_name="conditions")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="conditions")
    text = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="conditions")
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Who answers for it since its owner's account was closed.",
    )  # fmt: skip
    due = models.DateTimeField()
    environments = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder, help_text="Empty: all.")
    check_kind = models.CharField("what the portal checks", max_length=20, choices=CHECKS, blank=True)
    check_of = models.CharField(max_length=200, blank=True)
    check_slice = models.CharField(max_length=200, blank=True)
    check_value = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    evidence = models.TextField(blank=True)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("claimed_by")),
                name="condition_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="met") | Q(confirmed_by__isnull=False, claimed_by__isnull=False),
                name="condition_met_is_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def answerable(self) -> User:
        """Who answers for it now."""
        return self.successor or self.owner

    @property
    def promised(self) -> Promised | None:
        """What the portal checks of it; None where that is left to people."""
        if not self.check_kind:
            return None
        return Promised(self.check_kind, self.check_of, self.check_slice, self.check_value)
