"""What is learnt from an incident: its review, where its action items lead, and better playbooks."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from governance.changes.models import Change
from incidents.models.incidents import ActionItem, Incident
from incidents.models.monitoring import MonitoringPlan
from inventory.models import Document, Risk

PEOPLE = settings.AUTH_USER_MODEL


class PostIncidentReview(models.Model):
    """What those who met an incident make of it afterwards.

    Its cause, its impact and what is learnt stand with the incident; here is how it was met and what to do better.
    """

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="post_review")
    response = models.TextField("how it was met", blank=True)
    detection = models.TextField("what to improve in detection", blank=True)
    analysis = models.TextField("what to improve in analysis", blank=True)
    mitigation = models.TextField("what to improve in mitigation", blank=True)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")

    scope = "incident__system"

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(completed_at=None, completed_by=None)
                | (
                    Q(completed_at__isnull=False, completed_by__isnull=False)
                    & ~Q(response="") & ~Q(detection="") & ~Q(analysis="") & ~Q(mitigation="")
                ),
                name="postincidentreview_complete_when_whole",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Review of {self.incident}"


class PlaybookVersion(models.Model):
    """A better version of a playbook of the policy, proposed from an incident and decided by somebody else.

    The newest accepted version is what begins from then on, for as long as the policy has a playbook of this name.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="playbook_versions")
    playbook = models.SlugField(max_length=60, help_text="A playbook of the policy pack.")
    version = models.PositiveIntegerField(help_text="The policy's own is the first.")
    title = models.CharField(max_length=300)
    steps = models.JSONField(encoder=DjangoJSONEncoder)
    reason = models.TextField("what was learnt")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")
    accepted = models.BooleanField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(PEOPLE, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.TextField("why it was decided so", blank=True)

    scope = "incident__system"

    class Meta:
        ordering = ["playbook", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["playbook", "version"], name="playbookversion_once"),
            models.UniqueConstraint(
                fields=["playbook"], condition=Q(decided_at=None), name="playbookversion_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, accepted=None)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, accepted__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="playbookversion_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class ActionLink(models.Model):
    """What an action item became: a change, a risk, something watched, a document or a version of a playbook."""

    action = models.ForeignKey(ActionItem, models.PROTECT, related_name="became")
    change = models.ForeignKey(Change, models.PROTECT, null=True, blank=True, related_name="+")
    risk = models.ForeignKey(Risk, models.PROTECT, null=True, blank=True, related_name="+")
    plan = models.ForeignKey(MonitoringPlan, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    playbook = models.ForeignKey(PlaybookVersion, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(PEOPLE, models.PROTECT, related_name="+")

    scope = "action__incident__system"
    TARGETS = ("change", "risk", "plan", "document", "playbook")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "change", "risk", "plan", "document", "playbook"], nulls_distinct=False,
                name="actionlink_once",
            ),
            models.CheckConstraint(
                condition=Q(change__isnull=False, risk=None, plan=None, document=None, playbook=None)
                | Q(change=None, risk__isnull=False, plan=None, document=None, playbook=None)
                | Q(change=None, risk=None, plan__isnull=False, document=None, playbook=None)
                | Q(change=None, risk=None, plan=None, document__isnull=False, playbook=None)
                | Q(change=None, risk=None, plan=None, document=None, playbook__isnull=False),
                name="actionlink_to_one_thing",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.target)

    @property
    def kind(self) -> str:
        """Which of the things it may be."""
        return next(name for name in self.TARGETS if getattr(self, f"{name}_id") is not None)

    @property
    def target(self) -> Change | Risk | MonitoringPlan | Document | PlaybookVersion:
        """The thing itself."""
        found: Change | Risk | MonitoringPlan | Document | PlaybookVersion = getattr(self, self.kind)
        return found
