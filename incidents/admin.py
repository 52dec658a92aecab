"""Incidents in the governance team's window: looked at as they are, led on their own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.web.office import Records, office
from incidents.models import (
    ActionItem,
    AffectedRelease,
    Alert,
    ContributingFactor,
    EvidenceHold,
    Foresight,
    Incident,
    MonitoringPlan,
    Participant,
    PlaybookVersion,
    PostIncidentReview,
    PublicSummary,
    RegulatorClock,
    ServiceCheck,
    SimilarIncident,
    Stop,
    TemporaryMeasure,
    TimelineEntry,
    Why,
)
from inventory.admin.records import Lines


class AffectedLines(Lines):
    """The releases it names."""

    model = AffectedRelease
    fields = ("release",)


class CheckLines(Lines):
    """Return-to-service checks."""

    model = ServiceCheck
    fields = ("text", "added_by", "passed_at", "passed_by", "evidence")


class ActionLines(Lines):
    """Action items."""

    model = ActionItem
    fields = ("text", "playbook", "owner", "due", "done_at", "done_by")


class ParticipantLines(Lines):
    """Who takes part."""

    model = Participant
    fields = ("person", "function", "stage", "added_at", "added_by", "agreed_at")


class MeasureLines(Lines):
    """Temporary measures."""

    model = TemporaryMeasure
    fields = ("text", "release", "taken_by", "until", "ended_at", "ended_by", "outcome")


class StopLines(Lines):
    """What was stopped."""

    model = Stop
    fields = ("release", "hold", "at", "by")


class ClockLines(Lines):
    """Regulator clocks."""

    model = RegulatorClock
    fields = ("title", "since", "internal_deadline", "deadline", "binding", "reported_at", "reference", "dropped_at")


class EvidenceLines(Lines):
    """Evidence held."""

    model = EvidenceHold
    fields = ("reason", "placed_at", "placed_by", "lifted_at", "lifted_by", "lift_reason")


class ReviewLines(Lines):
    """Its review."""

    model = PostIncidentReview
    fields = ("response", "detection", "analysis", "mitigation", "begun_by", "completed_at", "completed_by")


class WhyLines(Lines):
    """Its chain of questions."""

    model = Why
    fields = ("number", "question", "answer", "root", "at", "by", "taken_back_at", "taken_back_by")


class FactorLines(Lines):
    """What contributed."""

    model = ContributingFactor
    fields = ("category", "factor", "text", "at", "by", "taken_back_at", "taken_back_by")


class SimilarLines(Lines):
    """Incidents that went wrong alike."""

    model = SimilarIncident
    fk_name = "incident"
    fields = ("other", "past", "note", "at", "by", "taken_back_at", "taken_back_by")


class ForesightLines(Lines):
    """Whether it was foreseen."""

    model = Foresight
    fields = ("foreseen", "risk", "note", "at", "by", "taken_back_at", "taken_back_by")


class SummaryLines(Lines):
    """What is told outside."""

    model = PublicSummary
    fields = ("version", "text", "written_at", "written_by", "approved", "decided_at", "decided_by", "decision")


class NoteLines(Lines):
    """What was noted."""

    model = TimelineEntry
    fields = ("at", "author", "text")


@admin.register(Incident, site=office)
class IncidentRecords(Records):
    """Incidents."""

    list_display = ("title", "system", "severity", "state", "reporter", "commander", "reported_at")
    list_select_related = ("system", "reporter", "commander")
    list_filter = ("state", "severity")
    search_fields = ("title", "system__name", "system__slug")
    fields = (
        "system", "title", "description", "type", "impact", "urgency", "severity", "two_person_close", "state",
        "occurred_at", "aware_at", "reported_at", "reporter", "commander", "remedy_release", "duplicate_of",
        "containment", "contained_at", "dismissal", "root_cause", "impact_by_class", "review", "resolved_at",
        "closed_at", "closed_by",
    )  # fmt: skip
    inlines = (
        AffectedLines, ParticipantLines, CheckLines, MeasureLines, StopLines, ClockLines, EvidenceLines, ReviewLines,
        ActionLines, WhyLines, FactorLines, ForesightLines, SimilarLines, SummaryLines, NoteLines,
    )  # fmt: skip

    def view_on_site(self, obj: Incident) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/incidents/{obj.pk}/"


@admin.register(PlaybookVersion, site=office)
class PlaybookVersionRecords(Records):
    """Versions of playbooks."""

    list_display = ("title", "version", "proposed_by", "proposed_at", "accepted", "decided_by", "decided_at")
    list_select_related = ("proposed_by", "decided_by")
    list_filter = ("accepted",)
    search_fields = ("title", "playbook")
    fields = (
        "incident", "playbook", "version", "title", "steps", "reason", "proposed_at", "proposed_by", "accepted",
        "decided_at", "decided_by", "decision",
    )  # fmt: skip

    def view_on_site(self, obj: PlaybookVersion) -> str:
        """Its page in the portal, where it is decided on."""
        return f"/playbooks/{obj.pk}/"


@admin.register(MonitoringPlan, site=office)
class PlanRecords(Records):
    """What is watched."""

    list_display = ("metric", "slice", "system", "kind", "warning", "critical", "answers", "ended_at")
    list_select_related = ("system", "answers")
    list_filter = ("kind", "follows")
    search_fields = ("metric", "slice", "system__name", "system__slug")
    fields = (
        "system", "metric", "slice", "kind", "unit", "direction", "warning", "critical", "source", "alert_name",
        "longest_silence_hours", "breaches_needed", "cooldown_minutes", "follows", "incident_type", "impact",
        "urgency", "answers", "created_by", "created_at", "updated_at", "ended_at", "end_reason",
    )  # fmt: skip

    def view_on_site(self, obj: MonitoringPlan) -> str:
        """Its chart in the portal, where its verbs are."""
        return f"/monitoring/{obj.pk}/"


@admin.register(Alert, site=office)
class AlertRecords(Records):
    """What was noticed."""

    list_display = ("name", "system", "level", "source", "starts_at", "ends_at", "handled_at")
    list_select_related = ("system", "plan")
    list_filter = ("source", "level")
    search_fields = ("name", "fingerprint", "system__name", "system__slug")
    fields = (
        "source", "sender", "fingerprint", "name", "summary", "level", "severity", "labels", "link", "system", "plan",
        "starts_at", "ends_at", "first_heard", "last_heard", "heard", "follows", "incident", "trouble", "handled_at",
        "handled_by", "handling",
    )  # fmt: skip

    def view_on_site(self, obj: Alert) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/alerts/{obj.pk}/"
