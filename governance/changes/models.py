"""Changes: what is to change on a system, what that comes to, who decided, who carried it out and who verified it.

And the work that follows without anybody asking: an asset that stops, a roll-back, a policy that is to come.
"""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from governance.policy.models import Pack
from inventory.models import Asset, Release, System, Unit

PEOPLE = settings.AUTH_USER_MODEL


class Change(models.Model):
    """A request to change a system; described in draft, decided by somebody independent, verified afterwards."""

    class State(models.TextChoices):
        """Between the wish and the proof that it works."""

        DRAFT = "draft", "Draft"
        IN_APPROVAL = "in_approval", "In approval"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        IMPLEMENTED = "implemented", "Carried out"
        CLOSED = "closed", "Verified and closed"
        ROLLED_BACK = "rolled_back", "Rolled back"

    class Materiality(models.TextChoices):
        """What a change comes to, by the policy's rules or by what people made of it."""

        NONE = "none", "Not material"
        MINOR = "minor", "Minor"
        MATERIAL = "material", "Material"

    class Ratification(models.TextChoices):
        """The approval of an emergency change, given afterwards."""

        NONE = "none", "Not needed"
        DUE = "due", "Due"
        RATIFIED = "ratified", "Ratified"
        REFUSED = "refused", "Refused"

    system = models.ForeignKey(System, models.PROTECT, related_name="changes")
    kind = models.SlugField(max_length=60, help_text="A kind of the policy pack.")
    title = models.CharField(max_length=200)
    what = models.TextField("what changes", blank=True)
    why = models.TextField(blank=True)
    components = models.JSONField("affected components", default=list, blank=True, encoder=DjangoJSONEncoder)
    rollback_plan = models.TextField("roll-back plan", blank=True)
    test_plan = models.TextField(blank=True)
    test_results = models.TextField(blank=True)
    communication = models.TextField("who is told, when and how", blank=True)
    planned_from = models.DateTimeField(null=True, blank=True)
    planned_until = models.DateTimeField(null=True, blank=True)
    answers = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    emergency = models.BooleanField(default=False)
    target_release = models.ForeignKey(
        Release, models.PROTECT, null=True, blank=True, related_name="changes", help_text="Carries the change out."
    )
    rollback_release = models.ForeignKey(
        Release, models.PROTECT, null=True, blank=True, related_name="+", help_text="Gone back to if it fails."
    )
    requester = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="+", help_text="The policy that assessed it.")
    tier = models.CharField(max_length=40, blank=True, help_text="Of the system when it was assessed.")
    computed = models.CharField(max_length=8, choices=Materiality.choices)
    rule = models.CharField(max_length=60)
    explanation = models.TextField()
    materiality = models.CharField(max_length=8, choices=Materiality.choices)
    overridden_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    override_reason = models.TextField(blank=True)

    state = models.CharField(max_length=11, choices=State.choices, default=State.DRAFT)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.TextField(blank=True)
    implemented_at = models.DateTimeField(null=True, blank=True)
    implemented_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    verify_due = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    verification = models.TextField("what shows that it works", blank=True)
    rolled_back_at = models.DateTimeField(null=True, blank=True)
    rolled_back_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    rollback_reason = models.TextField(blank=True)
    ratification = models.CharField(max_length=8, choices=Ratification.choices, default=Ratification.NONE)
    ratify_due = models.DateTimeField(null=True, blank=True)
    ratified_at = models.DateTimeField(null=True, blank=True)
    ratified_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    ratification_reason = models.TextField(blank=True)
    updated_at = models.DateTimeField()

    scope = "system"

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["system", "state"], name="change_of_system"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="change_has_title"),
            models.CheckConstraint(
                condition=Q(planned_from=None) | Q(planned_until=None) | Q(planned_until__gt=F("planned_from")),
                name="change_window_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(materiality=F("computed")) | (Q(overridden_by__isnull=False) & ~Q(override_reason="")),
                name="change_override_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("requester")) & ~Q(ratified_by=F("requester")),
                name="change_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(verified_by=F("implemented_by")) & ~Q(ratified_by=F("implemented_by")),
                name="change_verified_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "rejected"]) | Q(decided_by__isnull=False),
                name="change_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["implemented", "closed", "rolled_back"]) | Q(implemented_by__isnull=False),
                name="change_implemented_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (Q(verified_by__isnull=False) & Q(ratification__in=["none", "ratified"])),
                name="change_closed_when_verified",
            ),
            models.CheckConstraint(
                condition=Q(ratification="none") | (Q(emergency=True) & Q(ratify_due__isnull=False)),
                name="change_ratified_in_emergency",
            ),
            models.CheckConstraint(
                condition=Q(ratification__in=["none", "due"]) | Q(ratified_by__isnull=False),
                name="change_ratified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"CHG-{self.pk} {self.title}"


class Contribution(models.Model):
    """That a person asked for, described or carried out a change; append-only, filled by trigger."""

    scope = "change__system"

    change = models.ForeignKey(Change, models.PROTECT, related_name="contributions")
    person = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=[("request", "Request"), ("implementation", "Implementation")])
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "person", "kind"], name="change_contribution_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} of {self.change}"


class AffectedAsset(models.Model):
    """An asset a change is about: what depends on it may feel the change. Chosen in draft."""

    scope = "change__system"

    change = models.ForeignKey(Change, models.PROTECT, related_name="assets")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="changes")

    class Meta:
        ordering = ["asset_id"]
        constraints = [models.UniqueConstraint(fields=["change", "asset"], name="affectedasset_once")]

    def __str__(self) -> str:
        return f"{self.change} is about {self.asset}"


class Opinion(models.Model):
    """What the owner of a dependent system says to a change; append-only, the newest of a system counts."""

    scope = "change__system"

    change = models.ForeignKey(Change, models.PROTECT, related_name="opinions")
    system = models.ForeignKey(System, models.PROTECT, related_name="opinions")
    person = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    agrees = models.BooleanField()
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(comment=""), name="opinion_objection_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {'agrees' if self.agrees else 'objects'} for {self.system}"


class Revalidation(models.Model):
    """A campaign: what is approved on many systems is reviewed again by a day. What it asks for never changes.

    Once ended, what it still asked for is no longer needed.
    """

    title = models.CharField(max_length=200)
    tier = models.CharField(max_length=60, blank=True, help_text="A tier of the policy; empty for every tier.")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    ends_before = models.DateTimeField(null=True, blank=True, help_text="Only approvals that end before; empty: all.")
    due = models.DateTimeField()
    reason = models.TextField(blank=True, help_text="Why, and what reviewers should look at in particular.")
    started_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    ended_reason = models.TextField("why it was ended", blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="revalidation_has_title"),
            models.CheckConstraint(condition=Q(due__gt=F("started_at")), name="revalidation_due_later"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_reason="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_reason="")),
                name="revalidation_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FollowUp(models.Model):
    """Work on a system that something made necessary: what caused it, what is to be done, by whom, until when."""

    class State(models.TextChoices):
        """Until somebody says that it is done, or that it need not be."""

        OPEN = "open", "Open"
        DONE = "done", "Done"
        MOOT = "moot", "No longer needed"

    class Cause(models.TextChoices):
        """What made it necessary."""

        ASSET = "asset", "Something it depends on stopped"
        ROLL_BACK = "roll_back", "A change was rolled back"
        POLICY = "policy", "Law or policy changes"
        REVALIDATION = "revalidation", "A campaign asks for a new review"
        CHANGE = "change", "A material change took effect"
        INCIDENT = "incident", "An incident was closed"
        DOCUMENTS = "documents", "A document is owed"
        ENGAGEMENT = "engagement", "An audit comes round again"

    # What law, a campaign or an audit asks for ahead of time is judged elsewhere; the rest closes the gate when late.
    PATIENT = (Cause.POLICY, Cause.REVALIDATION, Cause.ENGAGEMENT)

    scope = "system"

    system = models.ForeignKey(System, models.PROTECT, related_name="follow_ups")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    step = models.SlugField(max_length=40, help_text="Which of the things that follow from one cause.")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, blank=True, related_name="follow_ups")
    change = models.ForeignKey(Change, models.PROTECT, null=True, blank=True, related_name="follow_ups")
    pack = models.ForeignKey(Pack, models.PROTECT, null=True, blank=True, related_name="follow_ups")
    revalidation = models.ForeignKey(Revalidation, models.PROTECT, null=True, blank=True, related_name="follow_ups")
    origin = models.CharField(
        max_length=200, blank=True, help_text="Page of what made it necessary, of an app further on."
    )
    title = models.CharField("what is to be done", max_length=300)
    text = models.TextField("what to look at", blank=True)
    owner = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    due = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField("what was done, or why nothing is to be done", blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["system", "due"], condition=Q(state="open"), name="followup_open_of_system"),
            models.Index(fields=["owner"], condition=Q(state="open"), name="followup_open_of_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause="asset", asset__isnull=False, change=None, pack=None, revalidation=None, origin="")
                | Q(
                    cause__in=["roll_back", "change"], asset=None, change__isnull=False, pack=None, revalidation=None,
                    origin="",
                )
                | Q(cause="policy", asset=None, change=None, pack__isnull=False, revalidation=None, origin="")
                | Q(cause="revalidation", asset=None, change=None, pack=None, revalidation__isnull=False, origin="")
                | (
                    Q(
                        cause__in=["incident", "documents", "engagement"], asset=None, change=None, pack=None,
                        revalidation=None,
                    )
                    & ~Q(origin="")
                ),
                name="followup_has_its_cause",
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None, settled_by=None, note="")
                | (~Q(state="open") & Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(note="")),
                name="followup_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="moot")
                | Q(owner=None)
                | Q(cause__in=["policy", "revalidation"])
                | ~Q(settled_by=F("owner")),
                name="followup_dropped_by_another",
            ),
            models.UniqueConstraint(
                fields=["system", "asset", "step"], condition=Q(cause="asset", state="open"),
                name="followup_once_for_an_asset",
            ),
            models.UniqueConstraint(
                fields=["change", "step"], condition=Q(change__isnull=False), name="followup_once_for_a_roll_back"
            ),
            models.UniqueConstraint(
                fields=["system", "revalidation"], condition=Q(cause="revalidation"),
                name="followup_once_for_a_campaign",
            ),
            models.UniqueConstraint(
                fields=["system", "cause", "origin", "step"], condition=~Q(origin=""),
                name="followup_once_for_an_origin",
            ),
            models.UniqueConstraint(
                fields=["system", "pack"], condition=Q(cause="policy"), name="followup_once_for_a_policy"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"FU-{self.pk} {self.title}"
