"""What validation takes in and shows over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Instant, Number, Offered, StrictSerializer, Text
from governance.validation.models import (
    CheckAnswer,
    Condition,
    Finding,
    FindingFile,
    Hold,
    Review,
    ReviewAssignment,
    ReviewFile,
    ReviewRemark,
    SignOff,
    Submission,
    Waiver,
)
from governance.validation.promised import Kind
from governance.validation.reach import Reached
from governance.validation.routes import FULL, LIGHT
from inventory.api.serializers import PersonShown, ReleaseNamed

LONG = 20_000


class CarrierShown(serializers.Serializer[Any]):
    """The full review that carries an approval."""

    release = ReleaseNamed()
    number = serializers.IntegerField()
    digest = serializers.CharField()


class SubmissionShown(serializers.Serializer[Any]):
    """A frozen package and how its review went."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(Submission.State.values)
    renewal = serializers.BooleanField()
    digest = serializers.CharField()
    tier = serializers.CharField()
    route = serializers.CharField()
    carried_by = CarrierShown(allow_null=True, help_text="The full review a shorter route leans on.")
    policy = serializers.CharField(source="pack")
    policy_digest = serializers.CharField(source="pack_digest")
    submitter = PersonShown()
    submitted_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)


class Route(StrictSerializer):
    """Which way a draft goes: through every stage, or through those the policy names for a minor change."""

    route = serializers.ChoiceField((FULL, LIGHT), required=False)


class SignOffShown(serializers.Serializer[Any]):
    """One person's decision."""

    person = serializers.CharField(source="person.username")
    printed_name = serializers.CharField()
    role = serializers.CharField()
    decision = serializers.ChoiceField(SignOff.Decision.values)
    comment = serializers.CharField()
    meaning = serializers.CharField()
    digest = serializers.CharField()
    signed_at = serializers.DateTimeField()
    delegation = serializers.IntegerField(
        source="delegation_id", allow_null=True, help_text="The lent role it was signed under."
    )
    on_behalf_of = serializers.CharField(
        source="delegation.delegator.username", allow_null=True, default=None, help_text="Who lent that role."
    )


class ReviewListed(serializers.Serializer[Any]):
    """One stage of one submission."""

    id = serializers.IntegerField()
    system = serializers.CharField(source="submission.release.system.slug")
    release = ReleaseNamed(source="submission.release")
    submission = serializers.IntegerField(source="submission.number")
    digest = serializers.CharField(source="submission.digest")
    stage = serializers.CharField()
    title = serializers.CharField()
    role = serializers.CharField()
    order = serializers.IntegerField()
    quorum = serializers.IntegerField()
    state = serializers.ChoiceField(Review.State.values)
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    href = serializers.SerializerMethodField()

    def get_href(self, review: Review) -> str:
        """The page where people sign."""
        return f"/reviews/{review.pk}/"


class CheckAnswerShown(serializers.Serializer[Any]):
    """What a reviewer answered to an item."""

    answer = serializers.ChoiceField(CheckAnswer.Answer.values)
    note = serializers.CharField()
    person = PersonShown()
    at = serializers.DateTimeField()


class ChecklistLineShown(serializers.Serializer[Any]):
    """An item of a stage's checklist with the answer that counts."""

    id = serializers.CharField()
    text = serializers.CharField()
    answer = CheckAnswerShown(allow_null=True)


class CheckGiven(StrictSerializer):
    """An answer to one item."""

    item = Text(max_length=60)
    answer = serializers.ChoiceField(CheckAnswer.Answer.values)
    note = Text(required=False, max_length=2000, help_text="Needed unless the answer is yes.")


class ChecklistAnswered(StrictSerializer):
    """Input for answering a checklist; items left out keep their answers."""

    answers = CheckGiven(many=True)


class ReviewAssignmentShown(serializers.Serializer[Any]):
    """One act about who reviews a stage."""

    person = PersonShown()
    act = serializers.ChoiceField(ReviewAssignment.Act.values)
    by = PersonShown()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class RemarkShown(serializers.Serializer[Any]):
    """Something said in a review."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ReviewRemark.Kind.values)
    question = serializers.IntegerField(source="question_id", allow_null=True, help_text="What an answer answers.")
    text = serializers.CharField()
    person = PersonShown()
    at = serializers.DateTimeField()


class FileShown(serializers.Serializer[Any]):
    """A file attached here; the file itself is handed out by the page `href` names."""

    id = serializers.IntegerField()
    part = serializers.CharField()
    name = serializers.CharField()
    sha256 = serializers.CharField(source="file.sha256")
    size = serializers.IntegerField(source="file.size")
    media_type = serializers.CharField(source="file.media_type")
    added_by = PersonShown()
    added_at = serializers.DateTimeField()
    href = serializers.SerializerMethodField()

    def get_href(self, attached: ReviewFile | FindingFile) -> str:
        """Where the file itself is."""
        return f"/{'review' if isinstance(attached, ReviewFile) else 'finding'}-files/{attached.pk}/"


class _Attached(StrictSerializer):
    """A file as multipart/form-data, or as JSON the digest of one that is attached to anything you may see."""

    file = serializers.FileField(required=False, allow_empty_file=True, max_length=1000)
    sha256 = Text(required=False, max_length=71)
    name = Text(required=False, max_length=1000, help_text="Instead of the file's own name.")


class AttachedToReview(_Attached):
    """A file for a review."""

    part = serializers.ChoiceField(ReviewFile.Part.values)


class AttachedToFinding(_Attached):
    """A file for a finding."""

    part = serializers.ChoiceField(FindingFile.Part.values)


class Said(StrictSerializer):
    """What is said in a review; `@username` has somebody told who may see it."""

    text = Text(max_length=LONG)


class Answered(StrictSerializer):
    """An answer to a question."""

    question = Number(min_value=1)
    text = Text(max_length=LONG)


class ReviewerNamed(StrictSerializer):
    """Who is asked to review a stage, and whom that relieves."""

    person = Text(max_length=150, help_text="Username.")
    instead_of = Text(required=False, max_length=150, help_text="Username of who is relieved of it.")
    reason = Text(required=False, max_length=500)


class ReviewerRelieved(StrictSerializer):
    """Who no longer reviews a stage, and why."""

    person = Text(max_length=150, help_text="Username.")
    reason = Text(max_length=500)


class HandedBack(StrictSerializer):
    """Why a stage goes back to its queue."""

    reason = Text(max_length=500)


class CandidateReason(serializers.Serializer[Any]):
    """One reason against something."""

    code = serializers.CharField()
    text = serializers.CharField()


class CandidateShown(serializers.Serializer[Any]):
    """Somebody with the role of a stage."""

    person = PersonShown()
    open = serializers.IntegerField(source="load", help_text="Open reviews assigned to them.")
    reasons = CandidateReason(many=True, help_text="Why they may not review it; empty when they may.")


class CandidatesShown(serializers.Serializer[Any]):
    """Everybody with the role of a stage, those who may review it first."""

    results = CandidateShown(many=True)


class LoadShown(serializers.Serializer[Any]):
    """The open reviews somebody is assigned to."""

    person = PersonShown()
    open = serializers.IntegerField()
    coming = serializers.IntegerField(help_text="Assigned stages an earlier one has to be signed before.")
    oldest = serializers.DateTimeField(allow_null=True, help_text="When the oldest of the open ones opened.")
    late = serializers.IntegerField(help_text="How many of the open ones sit for longer than the policy allows.")


class WorkloadShown(serializers.Serializer[Any]):
    """The desks of the queues you lead, the fullest first."""

    unassigned = serializers.IntegerField(help_text="Open stages nobody is assigned to.")
    results = LoadShown(many=True)


class ReviewShown(ReviewListed):
    """A stage with its terms, signatures, and what stands against this person signing it in the browser."""

    due = serializers.DateTimeField(allow_null=True, help_text="When it will have been open for as long as is allowed.")
    meaning = serializers.CharField()
    checklist = ChecklistLineShown(many=True, source="checklist_lines")
    reviewers = PersonShown(many=True, help_text="Whom the stage is assigned to; that gives no right to sign.")
    assignments = ReviewAssignmentShown(many=True, source="acts")
    remarks = RemarkShown(many=True, source="said")
    files = FileShown(many=True, source="attached")
    sign_offs = SignOffShown(many=True, source="sign_offs.all")
    offers = Offered(many=True)
    still_to_mend = CandidateReason(many=True, help_text="What the policy asks before the last signature.")


class ValueChanged(serializers.Serializer[Any]):
    """One value before and after; empty where there was or is none."""

    name = serializers.CharField(source="label")
    before = serializers.CharField()
    after = serializers.CharField()


class LineChanged(serializers.Serializer[Any]):
    """One line of a list that differs."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(["added", "changed", "removed"])
    changes = ValueChanged(many=True)


class LinesChanged(serializers.Serializer[Any]):
    """A list of the package with the lines that differ."""

    key = serializers.CharField()
    lines = LineChanged(many=True)
    same = serializers.IntegerField(help_text="How many lines do not differ.")


class StretchShown(serializers.Serializer[Any]):
    """Neighbouring words with the same fate."""

    kind = serializers.ChoiceField(["same", "added", "removed"])
    text = serializers.CharField()


class TextChanged(serializers.Serializer[Any]):
    """A text of the description, word by word."""

    name = serializers.CharField(source="label")
    stretches = StretchShown(many=True)


class SectionChanged(serializers.Serializer[Any]):
    """A section of a document, word by word."""

    id = serializers.CharField()
    stretches = StretchShown(many=True)


class DocumentChanged(serializers.Serializer[Any]):
    """A document that differs."""

    template = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(["added", "changed", "removed"])
    sections = SectionChanged(many=True)


class ChangesShown(serializers.Serializer[Any]):
    """What a package changes since the one of its system that was approved last before it."""

    first = serializers.BooleanField(source="comparison.first", help_text="Whether nothing was approved before.")
    since = ReleaseNamed(source="base.release", allow_null=True, default=None)
    since_digest = serializers.CharField(source="base.digest", allow_null=True, default=None)
    digest = serializers.CharField(source="submission.digest")
    summary = serializers.CharField(source="comparison.summary")
    lists = LinesChanged(many=True, source="comparison.lists")
    facts = ValueChanged(many=True, source="comparison.facts")
    answers = ValueChanged(many=True, source="comparison.answers")
    texts = TextChanged(many=True, source="comparison.texts")
    documents = DocumentChanged(many=True, source="comparison.documents")


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


class Why(StrictSerializer):
    """Why, in a sentence for the record."""

    reason = Text(max_length=2000)


class MaybeWhy(StrictSerializer):
    """Why, if there is something to say."""

    reason = Text(required=False, max_length=2000)


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
