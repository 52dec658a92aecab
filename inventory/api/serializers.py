"""What the inventory takes in and shows, each field named; input and output never share a class."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.parts import WithParts
from governance.rest.serializers import Day, Instant, Number, StrictSerializer, Text
from inventory.models import Artifact, Assignment, EvidenceLink, Release, System
from inventory.services.artifacts import ArtifactInput
from inventory.services.systems import LONGEST_TEXT


class PersonShown(serializers.Serializer[Any]):
    """A person as named on pages."""

    username = serializers.CharField()
    name = serializers.CharField()


class UnitNamed(serializers.Serializer[Any]):
    """A unit in passing."""

    slug = serializers.CharField()
    name = serializers.CharField()


class UnitShown(UnitNamed):
    """A unit and the one it hangs below."""

    parent = UnitNamed(allow_null=True)


class UnitAdded(StrictSerializer):
    """Input for a new unit."""

    name = Text(allow_blank=False, max_length=300)
    slug = Text(required=False, max_length=120)
    parent = Text(  # type: ignore[assignment]  # the wire's word
        required=False, allow_null=True, help_text="Slug of the unit it hangs below; null: at the top."
    )


class UnitChanged(StrictSerializer):
    """Input for a change of a unit; what is left out stays."""

    name = Text(required=False, allow_blank=False, max_length=300)
    parent = Text(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="Slug; null: at the top."
    )


class Link(StrictSerializer):
    """An address worth keeping with a system."""

    url = Text(allow_blank=False, max_length=1000)
    title = Text(required=False, max_length=200)


class Regime(StrictSerializer):
    """Whether a body of rules applies to a system, and why."""

    regime = Text(allow_blank=False, max_length=80)
    scope = serializers.ChoiceField(["in", "out", "not_stated"])
    reason = Text(required=False, max_length=1000)


class SystemDescribed(StrictSerializer):
    """The descriptive fields of a system; what is left out stays."""

    purpose = Text(required=False, max_length=LONGEST_TEXT)
    objectives = Text(required=False, max_length=LONGEST_TEXT)
    stakeholders = Text(required=False, max_length=LONGEST_TEXT)
    objectives_review_on = Day(required=False, allow_null=True)
    intended_use = Text(required=False, max_length=LONGEST_TEXT)
    out_of_scope_use = Text(required=False, max_length=LONGEST_TEXT)
    affected_groups = Text(required=False, max_length=LONGEST_TEXT)
    human_oversight = Text(required=False, max_length=LONGEST_TEXT)
    outputs = Text(required=False, max_length=LONGEST_TEXT)
    origin = serializers.ChoiceField(System.Origin.values, required=False)
    vendor = Text(required=False, max_length=300)
    impact = serializers.ChoiceField(System.Impact.values, required=False)
    own_role = serializers.ChoiceField(System.OwnRole.values, required=False)
    own_role_reason = Text(required=False, max_length=LONGEST_TEXT)
    personal_data = serializers.ChoiceField(System.Known.values, required=False)
    demographic_variables = Text(required=False, max_length=LONGEST_TEXT)
    regimes = Regime(many=True, required=False)
    responsibilities = serializers.DictField(child=Text(max_length=300), required=False)
    links = Link(many=True, required=False)
    answers = serializers.DictField(
        child=Text(max_length=200), required=False, help_text="Question id → answer, as in policy/current/."
    )


class SystemChanged(SystemDescribed):
    """Input for a change of a system."""

    name = Text(required=False, allow_blank=False, max_length=500)
    unit = Text(required=False, allow_blank=False, help_text="Slug of the unit it moves to.")


class SystemAdded(SystemDescribed):
    """Input for a new system."""

    name = Text(allow_blank=False, max_length=500)
    unit = Text(allow_blank=False, help_text="Slug of its unit.")
    slug = Text(required=False, max_length=120)
    phase = serializers.ChoiceField(
        [phase for phase in System.Phase.values if phase not in {"retired", "unknown"}], required=False
    )


class SystemMoved(StrictSerializer):
    """Input for another phase."""

    phase = serializers.ChoiceField(["planned", "development", "pilot", "production"])
    reason = Text(required=False, max_length=500)


class Reason(StrictSerializer):
    """Why, in a sentence for the record."""

    reason = Text(required=False, max_length=500)


class CurrentOwner(PersonShown):
    """The current owner, or null where nobody is."""

    def to_representation(self, instance: Any) -> Any:
        """The first of the prefetched current owners; there is never a second."""
        return super().to_representation(instance[0].person) if instance else None


class SystemListed(serializers.Serializer[Any]):
    """A line of the list of systems."""

    slug = serializers.CharField()
    name = serializers.CharField()
    unit = UnitNamed()
    owner = CurrentOwner(source="owners", allow_null=True)
    phase = serializers.ChoiceField(System.Phase.values)
    impact = serializers.ChoiceField(System.Impact.values)
    origin = serializers.ChoiceField(System.Origin.values)
    tier = serializers.CharField()
    updated_at = serializers.DateTimeField()


class AssignmentShown(serializers.Serializer[Any]):
    """Who holds which role from when until when."""

    id = serializers.IntegerField()
    person = PersonShown()
    role = serializers.ChoiceField(Assignment.Roles.values)
    system = serializers.CharField(source="system.slug", allow_null=True, default=None)
    unit = serializers.CharField(source="unit.slug", allow_null=True, default=None)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    assigned_by = PersonShown(allow_null=True)
    reason = serializers.CharField()
    delegated_from = serializers.IntegerField(
        source="delegated_from_id", allow_null=True, help_text="The role it is lent from; it runs only while that does."
    )


class DelegationShown(AssignmentShown):
    """A lent role."""

    delegator = PersonShown()
    runs = serializers.BooleanField(help_text="Whether it gives its right now.")


class DelegationGiven(StrictSerializer):
    """Input for lending a role."""

    assignment = Number(min_value=1, help_text="Number of the role you hold.")
    person = Text(allow_blank=False, max_length=150, help_text="Username.")
    since = Instant(required=False, allow_null=True, help_text="Now, if left out.")
    until = Instant(help_text="It always ends, after the days the policy in force allows at most.")
    reason = Text(required=False, max_length=500)


class AssignmentGiven(StrictSerializer):
    """Input for a role."""

    person = Text(allow_blank=False, max_length=150, help_text="Username.")
    role = serializers.ChoiceField(Assignment.Roles.values)
    until = Instant(required=False, allow_null=True)
    reason = Text(required=False, max_length=500)


class ExternalIdShown(serializers.Serializer[Any]):
    """A name another register knows the system by."""

    source = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class SystemShown(WithParts, SystemListed):
    """Everything recorded of a system."""

    noun = "system"

    purpose = serializers.CharField()
    objectives = serializers.CharField()
    stakeholders = serializers.CharField()
    objectives_review_on = serializers.DateField(allow_null=True)
    intended_use = serializers.CharField()
    out_of_scope_use = serializers.CharField()
    affected_groups = serializers.CharField()
    human_oversight = serializers.CharField()
    outputs = serializers.CharField()
    vendor = serializers.CharField()
    own_role = serializers.ChoiceField(System.OwnRole.values)
    own_role_reason = serializers.CharField()
    personal_data = serializers.ChoiceField(System.Known.values)
    demographic_variables = serializers.CharField()
    regimes = serializers.ListField(child=serializers.DictField())
    responsibilities = serializers.DictField(child=serializers.CharField())
    links = serializers.ListField(child=serializers.DictField())
    answers = serializers.DictField()
    tier_reason = serializers.CharField()
    tier_pack = serializers.CharField()
    external_ids = ExternalIdShown(many=True)
    created_at = serializers.DateTimeField()


class ReleaseListed(serializers.Serializer[Any]):
    """A line of a list of releases."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    version = serializers.CharField()
    state = serializers.ChoiceField(Release.State.values)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ReleaseNamed(serializers.Serializer[Any]):
    """A release in passing."""

    id = serializers.IntegerField()
    version = serializers.CharField()


class ArtifactShown(serializers.Serializer[Any]):
    """A line of a bill of materials."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(Artifact.Kind.values)
    version = serializers.CharField()
    uri = serializers.CharField()
    sha256 = serializers.CharField()
    vendor = serializers.CharField()
    model_id = serializers.CharField()
    region = serializers.CharField()
    configuration = serializers.DictField()


class ArtifactGiven(StrictSerializer):
    """Input for a line; a vendor service has vendor, model_id and configuration in place of sha256."""

    name = Text(allow_blank=False, max_length=300)
    kind = serializers.ChoiceField(Artifact.Kind.values)
    version = Text(required=False, max_length=200)
    uri = Text(required=False, max_length=1000)
    sha256 = Text(required=False, max_length=71, help_text="64 lower-case hexadecimal digits, `sha256:` allowed.")
    vendor = Text(required=False, max_length=300)
    model_id = Text(required=False, max_length=300)
    region = Text(required=False, max_length=120)
    configuration = serializers.DictField(required=False)


class ReleaseChanged(StrictSerializer):
    """Input for a change of a draft; what is left out stays."""

    version = Text(required=False, allow_blank=False, max_length=120)
    notes = Text(required=False, max_length=20_000)
    predecessor = Number(required=False, allow_null=True, min_value=1)
    rollback_target = Number(required=False, allow_null=True, min_value=1)
    lineage = serializers.DictField(required=False)
    envelope = serializers.DictField(
        required=False,
        help_text="What may change later without a new review: `kinds`, `artifacts`, `limits` (`metric`, `slice`, "
        "`lowest`, `highest`), `until`. Reviewers sign it with the release.",
    )
    artifacts = ArtifactGiven(many=True, required=False)


class ReleaseDescribed(ReleaseChanged):
    """Input for a new release."""

    version = Text(allow_blank=False, max_length=120)


class ReleaseShown(WithParts, ReleaseListed):
    """Everything recorded of a release; reviews and findings are contributed by the app that keeps them."""

    noun = "release"

    notes = serializers.CharField()
    predecessor = ReleaseNamed(allow_null=True)
    rollback_target = ReleaseNamed(allow_null=True)
    lineage = serializers.DictField()
    envelope = serializers.DictField()
    created_by = PersonShown()
    suspended_by = PersonShown(allow_null=True)
    artifacts = ArtifactShown(many=True)


class RevisionShown(serializers.Serializer[Any]):
    """One saved state of a document."""

    number = serializers.IntegerField()
    author = PersonShown()
    contact = serializers.CharField()
    created_at = serializers.DateTimeField()
    sections = serializers.DictField(child=serializers.CharField())


class DocumentListed(serializers.Serializer[Any]):
    """A line of the list of documents."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    template = serializers.CharField()
    title = serializers.CharField()
    created_at = serializers.DateTimeField()


class SectionStanding(serializers.Serializer[Any]):
    """One section a template asks for."""

    id = serializers.CharField()
    title = serializers.CharField()
    help = serializers.CharField()
    group = serializers.CharField(help_text="The affected group it is about, if it is about one.")
    required = serializers.BooleanField()  # type: ignore[assignment]
    filled = serializers.BooleanField()


class DocumentStanding(serializers.Serializer[Any]):
    """How a document stands against its template in the policy in force."""

    template = serializers.CharField()
    title = serializers.CharField()
    demanded = serializers.BooleanField(help_text="Whether the system owes it now.")
    starts = serializers.DateTimeField(allow_null=True, help_text="Since when, where the duty begins on a day.")
    exists = serializers.BooleanField()
    contact = serializers.BooleanField(help_text="Whether it names a contact.")
    complete = serializers.BooleanField()
    sections = SectionStanding(many=True)


class DocumentWritten(DocumentListed):
    """A document with all its revisions, newest first."""

    successor = PersonShown(
        allow_null=True, help_text="Who is asked since the account of the contact closed, until a revision names one."
    )
    revisions = RevisionShown(many=True)


class DocumentShown(DocumentWritten):
    """A written document and how it stands; `standing` is null where the policy has no such template."""

    standing = DocumentStanding(allow_null=True)


class EvidenceShown(serializers.Serializer[Any]):
    """A file attached to a system; `href` is the page that hands it out."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="system.slug")
    document = serializers.CharField(source="document.template", default=None, allow_null=True)
    name = serializers.CharField()
    sha256 = serializers.CharField(source="file.sha256")
    size = serializers.IntegerField(source="file.size")
    media_type = serializers.CharField(source="file.media_type", help_text="What its first bytes say it is.")
    added_by = serializers.CharField(source="added_by.username")
    added_at = serializers.DateTimeField()
    href = serializers.SerializerMethodField()

    def get_href(self, link: EvidenceLink) -> str:
        """Where the file is handed out."""
        return f"/evidence/{link.pk}/"


class SystemStandings(serializers.Serializer[Any]):
    """How every document of a system stands, written or not."""

    complete = serializers.BooleanField(help_text="Whether every document it owes now is complete.")
    documents = DocumentStanding(many=True)


class DocumentRevised(StrictSerializer):
    """Input for the next revision of a document."""

    sections = serializers.DictField(child=Text(max_length=100_000), help_text="Section id → Markdown.")
    contact = Text(allow_blank=False, max_length=254, help_text="Whom to ask about it.")


class DocumentBegun(DocumentRevised):
    """Input for a document's first revision."""

    template = Text(allow_blank=False, max_length=80)
    title = Text(required=False, max_length=200)


def artifact_inputs(lines: list[dict[str, Any]]) -> list[ArtifactInput]:
    """Checked lines as the services take them."""
    return [ArtifactInput(**line) for line in lines]
