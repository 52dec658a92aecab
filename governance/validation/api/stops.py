"""Findings, conditions, holds and waivers as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Instant, Number, Offered, StrictSerializer, Text
from governance.validation.api.serializers import LONG, FileShown, Why
from governance.validation.models import (
    Condition,
    Finding,
    Hold,
    Waiver,
)
from governance.validation.promised import Kind
from governance.validation.reach import Reached
from inventory.api.serializers import PersonShown, ReleaseNamed


class FindingShown(serializers.Serializer[Any]):
    """A defect of a release."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="release.system.slug")
    release = ReleaseNamed()
    submission = serializers.IntegerField(source="submission.number", allow_null=True, default=None)
    title = serializers.CharField()
    text = serializers.CharField()
    severity = serializers.CharField()
    category = serializers.ChoiceField(Finding.Category.values)
    blocking = serializers.BooleanField()
    state = serializers.ChoiceField(Finding.State.values)
    raised_by = PersonShown()
    raised_at = serializers.DateTimeField()
    due = serializers.DateTimeField(allow_null=True)
    response = serializers.CharField()
    responded_by = PersonShown(allow_null=True)
    verification = serializers.CharField()
    verified_by = PersonShown(allow_null=True)
    accepted_by = PersonShown(allow_null=True)
    accepted_until = serializers.DateTimeField(allow_null=True)


class FindingDetail(FindingShown):
    """A defect with what this person could do about it."""

    files = FileShown(many=True, source="attached")
    available_actions = Offered(many=True)


class FindingRaised(StrictSerializer):
    """Input for a new finding."""

    release = Number(min_value=1, help_text="Number of the release.")
    title = Text(max_length=200)
    text = Text(max_length=LONG)
    severity = Text(max_length=40, help_text="A severity of the policy in force.")
    category = serializers.ChoiceField(Finding.Category.values)


class Response(StrictSerializer):
    """Input for an answer."""

    response = Text(max_length=LONG)


class Verification(StrictSerializer):
    """Input for a check of an answer."""

    verification = Text(max_length=LONG)


class Acceptance(Why):
    """Input for living with a defect for a while."""

    until = Instant(help_text="An accepted risk always ends.")


class Evidence(StrictSerializer):
    """Input for reporting a condition as fulfilled."""

    evidence = Text(max_length=LONG)


class ConditionCheckShown(serializers.Serializer[Any]):
    """What the portal checks of a condition; a detail also says how it stands now."""

    check = serializers.ChoiceField([kind.value for kind in Kind], source="kind")
    of = serializers.CharField(help_text="A metric, template/section, severity or requirement.")
    slice = serializers.CharField()
    value = serializers.CharField()
    sentence = serializers.CharField(source="__str__")


class CheckStandingShown(serializers.Serializer[Any]):
    """Whether what the portal checks holds now; while it does not, the condition is not fulfilled."""

    holds = serializers.BooleanField()
    found = serializers.CharField()
    href = serializers.CharField(help_text="Where it is mended, if there is such a place.")


class ConditionShown(serializers.Serializer[Any]):
    """A promise attached to a signature."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="submission.release.system.slug")
    release = ReleaseNamed(source="submission.release")
    submission = serializers.IntegerField(source="submission.number")
    text = serializers.CharField()
    owner = PersonShown()
    successor = PersonShown(allow_null=True, help_text="Who answers for it since the owner's account was closed.")
    due = serializers.DateTimeField()
    environments = serializers.ListField(child=serializers.CharField())
    check = ConditionCheckShown(source="promised", allow_null=True, help_text="Null: a person confirms it.")
    state = serializers.ChoiceField(Condition.State.values)
    evidence = serializers.CharField()
    claimed_by = PersonShown(allow_null=True)
    confirmed_by = PersonShown(allow_null=True)


class ConditionDetail(ConditionShown):
    """A promise with what this person could do about it, and how what the portal checks of it stands."""

    standing = CheckStandingShown(allow_null=True)
    available_actions = Offered(many=True)


class HoldShown(serializers.Serializer[Any]):
    """A stop."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    release = ReleaseNamed(allow_null=True)
    reason = serializers.CharField()
    state = serializers.ChoiceField(Hold.State.values)
    placed_by = PersonShown()
    placed_at = serializers.DateTimeField()
    lifted_by = PersonShown(allow_null=True)
    lifted_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField()


class HoldDetail(HoldShown):
    """A stop with what this person could do about it."""

    available_actions = Offered(many=True)


class HoldPlaced(StrictSerializer):
    """Input for a new hold: on one release, or on a whole system."""

    system = Text(required=False, max_length=120, help_text="Slug; leave it out when a release is named.")
    release = Number(required=False, min_value=1, help_text="Number of the release.")
    reason = Text(max_length=2000)


class WaiverShown(serializers.Serializer[Any]):
    """An exception to one requirement of the gate."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    requirement = serializers.CharField()
    title = serializers.CharField()
    environment = serializers.CharField(help_text="Empty: in every environment.")
    together = serializers.UUIDField(allow_null=True, help_text="Shared by exceptions asked for in one go.")
    reach = serializers.CharField(help_text="For which unit or tier they were asked for together.")
    reason = serializers.CharField()
    until = serializers.DateTimeField()
    state = serializers.ChoiceField(Waiver.State.values)
    requested_by = PersonShown()
    requested_at = serializers.DateTimeField()
    decided_by = PersonShown(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    revoked_by = PersonShown(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    revoke_reason = serializers.CharField()


class WaiverDetail(WaiverShown):
    """An exception with what this person could do about it."""

    available_actions = Offered(many=True)


class WaiverRequested(StrictSerializer):
    """Input for a new exception."""

    system = Text(max_length=120, help_text="Slug.")
    requirement = Text(max_length=80, help_text="A waivable requirement of the policy in force.")
    environment = Text(required=False, max_length=80, help_text="Leave it out for every environment.")
    reason = Text(max_length=2000)
    until = Instant(help_text="An exception always ends; the policy names the longest time.")


class WaiverReach(serializers.Serializer[Any]):
    """Which systems an exception for a unit or a tier would reach; `seen` is what the request has to give back."""

    reach = serializers.CharField(source="words")
    systems = serializers.SerializerMethodField()
    left_out = serializers.IntegerField(help_text="Systems you see there and may not ask an exception for.")
    more = serializers.BooleanField(help_text="There are more than can be asked for at once.")
    seen = serializers.CharField(source="digest")

    def get_systems(self, found: Reached) -> list[str]:
        """Their slugs."""
        return [system.slug for system in found.systems]


class WaiversRequested(StrictSerializer):
    """Input for an exception for a unit, a tier, or a tier within a unit."""

    unit = Text(required=False, max_length=120, help_text="Slug of a unit; all below it counts.")
    tier = Text(required=False, max_length=60, help_text="Tier of the policy.")
    requirement = Text(max_length=80, help_text="A waivable requirement of the policy in force.")
    environment = Text(required=False, max_length=80, help_text="Leave it out for every environment.")
    reason = Text(max_length=2000)
    until = Instant(help_text="An exception always ends; the policy names the longest time.")
    seen = Text(max_length=71, help_text="What `reach` answered.")


class WaiversShown(serializers.Serializer[Any]):
    """Exceptions that were asked for together."""

    together = serializers.UUIDField()
    reach = serializers.CharField()
    waivers = WaiverShown(many=True)
