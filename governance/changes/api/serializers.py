"""What changes take in and show over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.changes.models import Change
from governance.changes.rules import MATERIALITIES
from governance.rest.serializers import Instant, Number, Offered, StrictSerializer, Text
from inventory.api.serializers import PersonShown, ReleaseNamed

LONG = 10_000


class AssessmentShown(serializers.Serializer[Any]):
    """What a change comes to, and why."""

    materiality = serializers.ChoiceField(Change.Materiality.values)
    computed = serializers.ChoiceField(Change.Materiality.values, help_text="What the policy says.")
    rule = serializers.CharField(help_text="The rule that decided; `kind` for the kind itself.")
    explanation = serializers.CharField()
    overridden_by = PersonShown(allow_null=True)
    override_reason = serializers.CharField()


class ChangeShown(serializers.Serializer[Any]):
    """Something that is to be different."""

    id = serializers.IntegerField()
    key = serializers.SerializerMethodField()
    system = serializers.CharField(source="system.slug")
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(Change.State.values)
    materiality = serializers.ChoiceField(Change.Materiality.values)
    emergency = serializers.BooleanField()
    ratification = serializers.ChoiceField(Change.Ratification.values)
    ratify_due = serializers.DateTimeField(allow_null=True)
    verify_due = serializers.DateTimeField(allow_null=True)
    planned_from = serializers.DateTimeField(allow_null=True)
    planned_until = serializers.DateTimeField(allow_null=True)
    requester = PersonShown()
    created_at = serializers.DateTimeField()
    target_release = serializers.IntegerField(source="target_release_id", allow_null=True)
    href = serializers.SerializerMethodField()

    def get_key(self, change: Change) -> str:
        """The name people use."""
        return f"CHG-{change.pk}"

    def get_href(self, change: Change) -> str:
        """Its page."""
        return f"/changes/{change.pk}/"


class ChangedAsset(serializers.Serializer[Any]):
    """An asset a change is about."""

    id = serializers.IntegerField(source="asset.id")
    slug = serializers.CharField(source="asset.slug")
    name = serializers.CharField(source="asset.name")


class OpinionShown(serializers.Serializer[Any]):
    """What an owner of a dependent system says."""

    system = serializers.CharField(source="system.slug")
    person = PersonShown()
    agrees = serializers.BooleanField()
    comment = serializers.CharField()
    at = serializers.DateTimeField()


class ReachedSystem(serializers.Serializer[Any]):
    """A system that depends on what changes."""

    slug = serializers.CharField()
    name = serializers.CharField()
    depth = serializers.IntegerField(help_text="Steps away.")
    owner = serializers.CharField(help_text="Username; empty for none.")
    releases = serializers.SerializerMethodField(help_text="Versions that run or may run.")
    runs = serializers.SerializerMethodField(help_text="Where, as reported: environment and version.")

    def get_releases(self, reached: Any) -> list[str]:
        """Approved and suspended releases, and whatever else is reported to run."""
        return [version for _, version, _, _ in reached.releases]

    def get_runs(self, reached: Any) -> list[dict[str, str]]:
        """Every environment of every release."""
        return [
            {"environment": place, "version": version}
            for _, version, _, places in reached.releases
            for place in places
        ]  # fmt: skip


class ChangeReach(serializers.Serializer[Any]):
    """How far a change reaches, as far as you may see."""

    systems = ReachedSystem(many=True)
    hidden = serializers.IntegerField(help_text="How many more there are that you may not see.")
    depth = serializers.IntegerField()


class ChangeDeployment(serializers.Serializer[Any]):
    """Where the release of a change runs or ran, by what was reported."""

    id = serializers.IntegerField()
    environment = serializers.CharField()
    release = ReleaseNamed(allow_null=True)
    state = serializers.CharField(help_text="`running` or `ended`.")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    reported_by = PersonShown()


class ChangeDetail(ChangeShown):
    """A change with everything written about it and what this person could do."""

    assessment = AssessmentShown(source="*")
    what = serializers.CharField()
    why = serializers.CharField()
    components = serializers.ListField(child=serializers.CharField())
    assets = ChangedAsset(many=True, source="assets.all")
    blast_radius = ChangeReach(source="spread")
    opinions = OpinionShown(many=True, source="heard")
    rollback_plan = serializers.CharField()
    rollback_release = ReleaseNamed(allow_null=True)
    test_plan = serializers.CharField()
    test_results = serializers.CharField()
    communication = serializers.CharField()
    answers = serializers.DictField(child=serializers.CharField())
    tier = serializers.CharField()
    policy = serializers.CharField(source="pack.digest")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = PersonShown(allow_null=True)
    decision = serializers.CharField()
    implemented_at = serializers.DateTimeField(allow_null=True)
    implemented_by = PersonShown(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_by = PersonShown(allow_null=True)
    verification = serializers.CharField()
    rolled_back_at = serializers.DateTimeField(allow_null=True)
    rolled_back_by = PersonShown(allow_null=True)
    rollback_reason = serializers.CharField()
    ratified_at = serializers.DateTimeField(allow_null=True)
    ratified_by = PersonShown(allow_null=True)
    ratification_reason = serializers.CharField()
    deployments = ChangeDeployment(many=True, source="reported.rows", help_text="Since it was carried out.")
    deployment_missing = serializers.CharField(
        source="reported.missing", help_text="Empty, or that nobody reported its release since it was carried out."
    )
    available_actions = Offered(many=True)


class ChangeDescription(StrictSerializer):
    """What a request says; what is left out stays as it is."""

    kind = Text(required=False, max_length=60, help_text="A kind of the policy in force.")
    title = Text(required=False, max_length=200)
    what = Text(required=False, max_length=LONG)
    why = Text(required=False, max_length=LONG)
    components = serializers.ListField(child=Text(max_length=200), required=False, max_length=100)
    assets = serializers.ListField(
        child=Text(max_length=120), required=False, max_length=10, help_text="Slugs of assets it is about."
    )
    planned_from = Instant(required=False, allow_null=True)
    planned_until = Instant(required=False, allow_null=True)
    rollback_plan = Text(required=False, max_length=LONG)
    rollback_release = Number(required=False, allow_null=True, min_value=1, help_text="Number of a release.")
    test_plan = Text(required=False, max_length=LONG)
    communication = Text(required=False, max_length=LONG)
    answers = serializers.DictField(
        child=Text(max_length=60), required=False, help_text="Question of the policy in force → answer."
    )
    emergency = serializers.BooleanField(required=False)


class ChangeAsked(ChangeDescription):
    """Input for a new request."""

    system = Text(max_length=120, help_text="Slug of the system.")
    kind = Text(max_length=60, help_text="A kind of the policy in force.")
    title = Text(max_length=200)
    target_release = Number(
        required=False, allow_null=True, min_value=1, help_text="Number of the release that carries it out."
    )


class ChangeMateriality(StrictSerializer):
    """Input for saying that a change comes to more or less."""

    materiality = serializers.ChoiceField(MATERIALITIES)
    reason = Text(max_length=LONG)


class ChangeNamed(StrictSerializer):
    """Input for naming a release."""

    release = Number(allow_null=True, min_value=1, help_text="Number of a release; null takes the name away.")


class ChangeComment(StrictSerializer):
    """A decision with an optional comment."""

    comment = Text(required=False, max_length=LONG)


class ChangeBecause(StrictSerializer):
    """A decision that needs a reason."""

    reason = Text(max_length=LONG)


class ChangeWithdrawal(StrictSerializer):
    """A reason one may leave out."""

    reason = Text(required=False, max_length=LONG)


class ChangeResults(StrictSerializer):
    """Input for test results."""

    test_results = Text(max_length=LONG)


class ChangeVerification(StrictSerializer):
    """Input for verifying a change."""

    verification = Text(max_length=LONG)


class ChangeRollBack(StrictSerializer):
    """Input for rolling a change back."""

    reason = Text(max_length=LONG)
    release = Number(required=False, min_value=1, help_text="Number of the release gone back to, if not the named one.")


class OpinionGiven(StrictSerializer):
    """Input for what an owner of a dependent system says."""

    system = Text(max_length=120, help_text="Slug of the dependent system.")
    agrees = serializers.BooleanField()
    comment = Text(required=False, max_length=LONG, help_text="Needed from who objects.")
