"""What incidents take in and show over REST, each field named."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.rest.serializers import Instant, Number, Offered, StrictSerializer, Text
from incidents.api import analysis_shapes, clock_shapes, response_shapes, review_shapes, room_shapes
from incidents.models import Incident
from incidents.queries import review_of
from inventory.api.serializers import PersonShown, ReleaseNamed

LONG = 10_000


class CheckShown(serializers.Serializer[Any]):
    """What must hold before service returns."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    added_by = PersonShown()
    passed_at = serializers.DateTimeField(allow_null=True)
    passed_by = PersonShown(allow_null=True)
    evidence = serializers.CharField()


class ActionShown(serializers.Serializer[Any]):
    """Something to do after an incident."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    owner = PersonShown()
    due = serializers.DateTimeField()
    playbook = serializers.CharField()
    became = review_shapes.LinkShown(many=True, source="became.all")
    done_at = serializers.DateTimeField(allow_null=True)
    done_by = PersonShown(allow_null=True)


class NoteShown(serializers.Serializer[Any]):
    """A line of the timeline."""

    id = serializers.IntegerField()
    author = PersonShown()
    at = serializers.DateTimeField()
    text = serializers.CharField()


class IncidentShown(serializers.Serializer[Any]):
    """Something that went wrong."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    releases = serializers.SerializerMethodField()
    title = serializers.CharField()
    type = serializers.CharField()
    impact = serializers.CharField()
    urgency = serializers.CharField()
    severity = serializers.CharField()
    two_person_close = serializers.BooleanField()
    state = serializers.ChoiceField(Incident.State.values)
    occurred_at = serializers.DateTimeField(allow_null=True)
    aware_at = serializers.DateTimeField()
    reported_at = serializers.DateTimeField()
    contained_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    reporter = PersonShown()
    commander = PersonShown(allow_null=True)
    status = serializers.SerializerMethodField()
    href = serializers.SerializerMethodField()

    def get_releases(self, incident: Incident) -> list[int]:
        """Numbers of the releases it names; none means the whole system."""
        return [affected.release_id for affected in incident.affected.all()]

    @extend_schema_field(room_shapes.StatusShown(allow_null=True))
    def get_status(self, incident: Incident) -> Any:
        """One sentence on where it stands, if anybody said it."""
        return room_shapes.StatusShown(incident).data if incident.status_line else None

    def get_href(self, incident: Incident) -> str:
        """Its page."""
        return f"/incidents/{incident.pk}/"


class IncidentDetail(IncidentShown):
    """An incident with everything written about it and what this person could do."""

    description = serializers.CharField()
    containment = serializers.CharField()
    dismissal = serializers.CharField()
    root_cause = serializers.CharField()
    impact_by_class = serializers.DictField(child=serializers.CharField())
    review = serializers.CharField()
    post_review = serializers.SerializerMethodField()
    playbook_versions = review_shapes.PlaybookVersionShown(many=True, source="playbook_versions.all")
    whys = analysis_shapes.WhyShown(many=True, source="whys.all")
    factors = analysis_shapes.FactorShown(many=True, source="factors.all")
    similar = analysis_shapes.SimilarShown(many=True, source="similar.all")
    foresights = analysis_shapes.ForesightShown(many=True, source="foresights.all")
    summaries = analysis_shapes.SummaryShown(many=True, source="summaries.all")
    remedy_release = ReleaseNamed(allow_null=True)
    duplicate_of = serializers.IntegerField(source="duplicate_of_id", allow_null=True)
    closed_by = PersonShown(allow_null=True)
    participants = response_shapes.ParticipantShown(many=True, source="participants.all")
    measures = response_shapes.MeasureShown(many=True, source="measures.all")
    stops = response_shapes.StopShown(many=True, source="stops.all")
    clocks = clock_shapes.ClockShown(many=True, source="clocks.all")
    evidence_holds = response_shapes.EvidenceHoldShown(many=True, source="evidence_holds.all")
    updates = room_shapes.UpdateShown(many=True, source="updates.all")
    links = room_shapes.IncidentLinkShown(many=True, source="links.all")
    checks = CheckShown(many=True, source="checks.all")
    actions = ActionShown(many=True, source="actions.all")
    notes = NoteShown(many=True, source="timeline.all")
    available_actions = Offered(many=True)

    @extend_schema_field(review_shapes.IncidentReviewShown(allow_null=True))
    def get_post_review(self, incident: Incident) -> Any:
        """Its review, if anybody began it."""
        review = review_of(incident)
        return review_shapes.IncidentReviewShown(review).data if review else None


class IncidentReported(StrictSerializer):
    """Input for a new incident."""

    systems = serializers.ListField(
        child=Text(max_length=120), required=False, min_length=1, max_length=20,
        help_text="Slugs of the systems. Each gets an incident of its own; the first one is answered.",
    )  # fmt: skip
    system = Text(required=False, max_length=120, help_text="Slug of the system, where it is one.")
    releases = serializers.ListField(
        child=Number(min_value=1), required=False, max_length=100,
        help_text="Numbers of the releases it is about; leave it out for the whole system.",
    )  # fmt: skip
    type = Text(max_length=60, help_text="A type of the policy in force.")
    title = Text(max_length=200)
    impact = Text(max_length=40, help_text="A level of the policy in force.")
    urgency = Text(max_length=40, help_text="A level of the policy in force.")
    description = Text(required=False, max_length=LONG)
    occurred_at = Instant(required=False)
    aware_at = Instant(required=False, help_text="Now, if left out.")


class Triage(StrictSerializer):
    """Input for taking an incident on."""

    commander = Text(max_length=150, help_text="Username of whoever leads it.")
    impact = Text(required=False, max_length=40)
    urgency = Text(required=False, max_length=40)


class Containment(StrictSerializer):
    """Input for saying how the harm was stopped."""

    containment = Text(max_length=LONG)


class Impact(StrictSerializer):
    """What an incident cost whom."""

    operations = Text(required=False, max_length=2000)
    finance = Text(required=False, max_length=2000)
    reputation = Text(required=False, max_length=2000)
    regulation = Text(required=False, max_length=2000)
    people = Text(required=False, max_length=2000)


class Description(StrictSerializer):
    """What has become known; what is left out stays as it is."""

    description = Text(required=False, max_length=LONG)
    containment = Text(required=False, max_length=LONG)
    root_cause = Text(required=False, max_length=LONG)
    review = Text(required=False, max_length=LONG)
    impact_by_class = Impact(required=False)
    remedy_release = Number(required=False, allow_null=True, min_value=1, help_text="Number of a release.")


class Original(StrictSerializer):
    """Input for marking a duplicate."""

    original = Number(min_value=1, help_text="Number of the incident it repeats.")


class CheckAdded(StrictSerializer):
    """Input for a return-to-service check."""

    text = Text(max_length=300)


class CheckPassed(StrictSerializer):
    """Input for passing a check."""

    evidence = Text(max_length=4000)


class ActionAdded(StrictSerializer):
    """Input for an action item."""

    text = Text(max_length=300)
    owner = Text(max_length=150, help_text="Username of whoever does it.")
    due = Instant()


class Noted(StrictSerializer):
    """Input for a line of the timeline."""

    text = Text(max_length=4000)
