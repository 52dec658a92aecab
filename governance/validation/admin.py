"""Records of validation in the governance team's window: looked at here, moved on their own pages."""

from __future__ import annotations

from django.contrib import admin

from governance.validation.models import (
    Campaign,
    Certification,
    Condition,
    Finding,
    Hold,
    Review,
    SignOff,
    Submission,
    Waiver,
)
from governance.web.office import Records, office


@admin.register(Submission, site=office)
class SubmissionRecords(Records):
    """Frozen packages and how their review went; what is in them stands on their own pages."""

    list_display = ("release", "number", "state", "tier", "route", "renewal", "submitter", "submitted_at")
    list_select_related = ("release__system", "submitter")
    list_filter = ("state", "tier", "route", "renewal")
    search_fields = ("release__system__name", "release__system__slug", "release__version", "digest")
    fields = (
        "release", "number", "digest", "route", "carried_by", "renewal", "tier", "intended_use_digest",
        "answers_digest", "dependencies", "pack", "pack_digest", "submitter", "submitted_at", "state", "closed_at",
        "valid_until",
    )  # fmt: skip

    def view_on_site(self, obj: Submission) -> str:
        """Its certificate; its verbs are on the page of the release."""
        return f"/submissions/{obj.pk}/certificate/"


@admin.register(Review, site=office)
class ReviewRecords(Records):
    """Stages of submissions."""

    list_display = ("title", "submission", "role", "quorum", "state", "opened_at", "closed_at")
    list_select_related = ("submission__release__system",)
    list_filter = ("state", "role")
    search_fields = ("title", "submission__release__system__name", "submission__release__system__slug")
    fields = (
        "submission", "stage", "title", "role", "permission", "meaning", "checklist", "quorum", "order", "state",
        "opened_at", "closed_at",
    )  # fmt: skip

    def view_on_site(self, obj: Review) -> str:
        """Its page in the portal, where people sign."""
        return f"/reviews/{obj.pk}/"


@admin.register(SignOff, site=office)
class SignOffRecords(Records):
    """Decisions of people; nobody signs here."""

    list_display = ("printed_name", "decision", "review", "role", "signed_at")
    list_select_related = ("review__submission__release__system",)
    list_filter = ("decision", "role")
    search_fields = ("printed_name", "person__username", "submission__release__system__slug", "digest")
    fields = (
        "review", "submission", "person", "printed_name", "role", "decision", "comment", "meaning", "digest",
        "pack_digest", "authenticated_by", "signed_at", "delegation",
    )  # fmt: skip

    def view_on_site(self, obj: SignOff) -> str:
        """The page of its review."""
        return f"/reviews/{obj.review_id}/"


@admin.register(Condition, site=office)
class ConditionRecords(Records):
    """Promises attached to conditional signatures."""

    list_display = ("text", "submission", "owner", "successor", "due", "state")
    list_select_related = ("submission__release__system", "owner", "successor")
    list_filter = ("state", "check_kind")
    search_fields = ("text", "submission__release__system__name", "submission__release__system__slug")
    fields = (
        "sign_off", "submission", "text", "owner", "successor", "due", "environments", "check_kind", "check_of",
        "check_slice", "check_value", "state", "evidence", "claimed_by", "confirmed_by",
    )  # fmt: skip

    def view_on_site(self, obj: Condition) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/conditions/{obj.pk}/"


@admin.register(Finding, site=office)
class FindingRecords(Records):
    """Defects of releases."""

    list_display = ("title", "release", "severity", "category", "blocking", "state", "due")
    list_select_related = ("release__system",)
    list_filter = ("state", "severity", "category", "blocking")
    search_fields = ("title", "release__system__name", "release__system__slug")
    fields = (
        "release", "submission", "title", "text", "severity", "category", "blocking", "raised_by", "raised_at", "due",
        "state", "response", "responded_by", "verification", "verified_by", "accepted_by", "accepted_until",
    )  # fmt: skip

    def view_on_site(self, obj: Finding) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/findings/{obj.pk}/"


@admin.register(Hold, site=office)
class HoldRecords(Records):
    """Stops on systems and releases."""

    list_display = ("system", "release", "state", "placed_by", "placed_at", "lifted_by", "lifted_at")
    list_select_related = ("system", "release__system", "placed_by", "lifted_by")
    list_filter = ("state",)
    search_fields = ("system__name", "system__slug", "reason")
    fields = (
        "system", "release", "reason", "state", "placed_by", "placed_at", "lifted_by", "lifted_at", "lift_reason",
    )  # fmt: skip

    def view_on_site(self, obj: Hold) -> str:
        """The page of what it stops, where it is lifted."""
        return f"/releases/{obj.release_id}/" if obj.release_id else f"/systems/{obj.system.slug}/"


@admin.register(Waiver, site=office)
class WaiverRecords(Records):
    """Exceptions to requirements of the gate."""

    list_display = ("title", "system", "environment", "state", "until", "requested_by", "decided_by")
    list_select_related = ("system", "requested_by", "decided_by")
    list_filter = ("state", "requirement", "environment")
    search_fields = ("title", "requirement", "system__name", "system__slug")
    fields = (
        "system", "requirement", "title", "environment", "together", "reach", "reason", "until", "state",
        "requested_by", "requested_at", "decided_by", "decided_at", "decision_reason", "revoked_by", "revoked_at",
        "revoke_reason",
    )  # fmt: skip

    def view_on_site(self, obj: Waiver) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/waivers/{obj.pk}/"


@admin.register(Campaign, site=office)
class CampaignRecords(Records):
    """Campaigns of certifications."""

    list_display = ("title", "tier", "unit", "due", "started_by", "started_at", "ended_at")
    list_select_related = ("unit", "started_by")
    list_filter = ("tier",)
    search_fields = ("title",)
    fields = (
        "title", "tier", "unit", "due", "reason", "started_by", "started_at", "ended_at", "ended_by", "ended_reason",
    )  # fmt: skip

    def view_on_site(self, obj: Campaign) -> str:
        """Its page in the portal, where it is ended."""
        return f"/certifications/campaigns/{obj.pk}/"


@admin.register(Certification, site=office)
class CertificationRecords(Records):
    """What owners say of the records of their systems."""

    list_display = ("system", "campaign", "state", "decided_by", "decided_at")
    list_select_related = ("system", "campaign", "decided_by")
    list_filter = ("state",)
    search_fields = ("system__name", "system__slug", "campaign__title")
    fields = ("campaign", "system", "state", "record", "statement", "decided_by", "decided_at")

    def view_on_site(self, obj: Certification) -> str:
        """Its page in the portal, where its verbs are."""
        return f"/certifications/{obj.pk}/"
