"""What validation takes in and shows over REST, each field named."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.rest.serializers import Number, Offered, StrictSerializer, Text
from governance.validation.api.compared import ReplacementShown
from governance.validation.models import (
    CheckAnswer,
    Condition,
    FindingFile,
    Review,
    ReviewAssignment,
    ReviewFile,
    ReviewRemark,
    SignOff,
    Submission,
)
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
    authenticated_by = serializers.CharField(help_text="How the signer had just proved who they are.")
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
    due = serializers.DateTimeField(
        allow_null=True, help_text="When the first of the open ones will have sat for as long as the policy allows."
    )


class WorkloadShown(serializers.Serializer[Any]):
    """The desks of the queues you lead, the fullest first."""

    unassigned = serializers.IntegerField(help_text="Open stages nobody is assigned to.")
    results = LoadShown(many=True)


class StillOwedShown(serializers.Serializer[Any]):
    """A promise that came with an approval before this package and that nobody has confirmed yet."""

    id = serializers.IntegerField()
    release = ReleaseNamed(source="submission.release")
    submission = serializers.IntegerField(source="submission.number")
    text = serializers.CharField()
    owner = PersonShown(source="answerable", help_text="Who answers for it now.")
    due = serializers.DateTimeField()
    state = serializers.ChoiceField(Condition.State.values)


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
    replaced_by = ReplacementShown(allow_null=True, help_text="What took the place of the package, once one did.")
    offers = Offered(many=True)
    still_owed = StillOwedShown(
        many=True, source="owed", help_text="Promised for approvals before; the gate counts it."
    )
    still_to_mend = CandidateReason(many=True, help_text="What the policy asks before the last signature.")


class Why(StrictSerializer):
    """Why, in a sentence for the record."""

    reason = Text(max_length=2000)


class MaybeWhy(StrictSerializer):
    """Why, if there is something to say."""

    reason = Text(required=False, max_length=2000)
