"""What audits take in and show over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.engagements.models import AuditFinding, Engagement
from governance.rest.serializers import Instant, Offered, StrictSerializer, Text
from inventory.api.serializers import PersonShown

LONG = 20_000
READERS = "Null unless you are on the team or see every system in scope."


class MemberShown(serializers.Serializer[Any]):
    """Somebody on the team."""

    id = serializers.IntegerField()
    person = PersonShown()
    leads = serializers.BooleanField()
    until = serializers.DateTimeField(help_text="What they see of the scope ends then.")
    left_at = serializers.DateTimeField(allow_null=True)


class EngagementShown(serializers.Serializer[Any]):
    """An audit tied to no release."""

    id = serializers.IntegerField()
    key = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(Engagement.Kind.values)
    title = serializers.CharField()
    unit = serializers.CharField(source="unit.slug", default=None, allow_null=True)
    period_from = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    state = serializers.ChoiceField(Engagement.State.values)
    next_at = serializers.DateTimeField(allow_null=True)
    planned_by = PersonShown()
    planned_at = serializers.DateTimeField()
    href = serializers.SerializerMethodField()

    def get_key(self, audit: Engagement) -> str:
        """The name people use."""
        return f"ENG-{audit.pk}"

    def get_href(self, audit: Engagement) -> str:
        """Its page."""
        return f"/engagements/{audit.pk}/"


class EngagementDetail(EngagementShown):
    """With its scope and its report as far as you see them, its team and what you could do."""

    purpose = serializers.CharField()
    systems = serializers.ListField(child=serializers.CharField(), help_text="Slugs of those in scope you may see.")
    team = MemberShown(many=True, source="members")
    summary = serializers.CharField(allow_null=True, help_text=READERS)
    report = serializers.CharField(
        source="report.sha256", default=None, allow_null=True, help_text="SHA-256 of the report; its page hands it out."
    )
    report_name = serializers.CharField(allow_null=True, help_text=READERS)
    reported_by = PersonShown(allow_null=True)
    reported_at = serializers.DateTimeField(allow_null=True)
    ended_by = PersonShown(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_null=True, help_text=READERS)
    available_actions = Offered(many=True)


class EngagementPlanned(StrictSerializer):
    """Input for an audit."""

    kind = serializers.ChoiceField(Engagement.Kind.values)
    title = Text(max_length=200)
    purpose = Text(max_length=LONG)
    systems = serializers.ListField(child=Text(max_length=120), required=False, max_length=200, help_text="Slugs.")
    unit = Text(required=False, max_length=120, help_text="Slug; what is in use in it and below it today.")
    period_from = Instant(required=False, help_text="Who built a system since then is not on the team.")
    ends_at = Instant()


class MemberNamed(StrictSerializer):
    """Input for the team."""

    person = Text(max_length=150, help_text="Username.")
    leads = serializers.BooleanField(required=False, default=False)
    until = Instant(required=False)


class MemberLeft(StrictSerializer):
    """Input for leaving the team."""

    person = Text(max_length=150, help_text="Username.")
    reason = Text(max_length=500)


class EngagementClosed(StrictSerializer):
    """Input for settling an audit."""

    note = Text(max_length=LONG)
    next_at = Instant(required=False)


class AuditFindingShown(serializers.Serializer[Any]):
    """What an audit found."""

    id = serializers.IntegerField()
    key = serializers.SerializerMethodField()
    engagement = serializers.IntegerField(source="engagement_id")
    system = serializers.CharField(source="system.slug")
    title = serializers.CharField()
    severity = serializers.CharField()
    state = serializers.ChoiceField(AuditFinding.State.values)
    due = serializers.DateTimeField()
    raised_by = PersonShown()
    raised_at = serializers.DateTimeField()

    def get_key(self, finding: AuditFinding) -> str:
        """The name people use."""
        return f"AF-{finding.pk}"


class AuditFindingDetail(AuditFindingShown):
    """With its answer and what you could do."""

    text = serializers.CharField()
    response = serializers.CharField()
    responded_by = PersonShown(allow_null=True)
    verification = serializers.CharField()
    verified_by = PersonShown(allow_null=True)
    available_actions = Offered(many=True)


class AuditFindingReported(AuditFindingShown):
    """As a report tells it."""

    text = serializers.CharField()
    response = serializers.CharField()
    responded_by = PersonShown(allow_null=True)
    verification = serializers.CharField()
    verified_by = PersonShown(allow_null=True)


class EngagementReport(EngagementDetail):
    """The whole audit as one document."""

    findings = AuditFindingReported(many=True, source="found", help_text="On the systems in scope you may see.")


class ReportHandedIn(StrictSerializer):
    """Input for the report, as multipart/form-data."""

    file = serializers.FileField(allow_empty_file=True, max_length=1000)
    name = Text(required=False, max_length=1000, help_text="Instead of the file's own name.")
    summary = Text(max_length=LONG)


class AuditFindingRaised(StrictSerializer):
    """Input for what was found."""

    system = Text(max_length=120, help_text="Slug of a system in scope.")
    title = Text(max_length=200)
    text = Text(max_length=LONG)
    severity = Text(max_length=60, help_text="A severity of the policy.")


class Responded(StrictSerializer):
    """An answer."""

    response = Text(max_length=LONG)


class Verified(StrictSerializer):
    """What shows that it is settled."""

    verification = Text(max_length=LONG)
