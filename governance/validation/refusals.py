"""What people read when the database itself refuses: one sentence and code for each constraint of validation."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden, Refusal
from inventory.lifecycle import DELEGATOR

_REFUSALS: dict[str, tuple[type[Refusal], str, str]] = {
    "artifact_frozen": (
        Conflict, "frozen", "The bill of materials is edited only in draft. Describe a new release instead."
    ),
    "assignment_beside_signature": (
        Forbidden,
        "sod.signed",
        "This person signed a release of this system that is under review or approved on that signature, or somebody "
        "did on their behalf; neither owns or develops it meanwhile.",
    ),
    "campaign_frozen": (Conflict, "frozen", "A campaign keeps what it asks for, and ends once; start another."),
    "campaign_ended_by_somebody": (Conflict, "state", "A campaign is ended by a named person who says why."),
    "campaign_due_later": (Conflict, "blocked", "A campaign is due after it is started."),
    "campaign_has_title": (Conflict, "blocked", "A campaign has a title."),
    "campaign_started_by_actor": (Forbidden, "forbidden", "A campaign is started and ended in one's own name."),
    "certification_decided_is_signed": (Conflict, "state", "A record is certified by a named person at a known time."),
    "certification_frozen": (Conflict, "frozen", "A certification keeps what it is about."),
    "certification_given_by_entitled": (
        Forbidden, "forbidden", "Somebody who answers for the system certifies its record."
    ),
    "certification_once": (Conflict, "duplicate", "A campaign asks about each system once."),
    "certification_refusal_has_reason": (Conflict, "blocked", "Say what is not right."),
    "checkanswer_append_only": (
        Conflict, "frozen", "An answer stays on the record; answer again and the newest counts."
    ),
    "checkanswer_by_entitled": (
        Forbidden, "forbidden", "Somebody independent who may sign the stage answers its checklist."
    ),
    "checkanswer_dated_now": (Conflict, "state", "An answer is dated when it is given."),
    "checkanswer_in_person": (Forbidden, "forbidden", "People answer a checklist in their own name."),
    "checkanswer_item_known": (Conflict, "state", "The checklist of this stage has no such item."),
    "checkanswer_note_unless_yes": (Conflict, "blocked", "Say why the answer is not a plain yes."),
    "checkanswer_review_open": (Conflict, "state", "A checklist is answered while its stage is open."),
    "condition_confirmed_by_another": (
        Forbidden, "sod.claimer", "Who reported a condition as fulfilled does not confirm it."
    ),
    "condition_confirmed_by_entitled": (
        Forbidden, "forbidden", "Somebody entitled who had no hand in the release confirms a condition."
    ),
    "condition_confirmed_for_builder": (Forbidden, "sod.delegator", DELEGATOR),
    "condition_frozen": (Conflict, "frozen", "What a condition promises never changes."),
    "condition_handed_over_when_left": (
        Conflict, "state", "Somebody else answers for a condition only where the account that did is closed."
    ),
    "condition_met_is_confirmed": (Conflict, "state", "A condition is met when another person confirmed it."),
    "contribution_append_only": (Conflict, "frozen", "That somebody contributed to a release is never taken back."),
    "contribution_beside_signature": (
        Forbidden,
        "sod.signed",
        "You signed this release, which is still under review, or somebody did on your behalf; whoever signed does not "
        "change what is reviewed.",
    ),
    "finding_accepted_by_another": (
        Forbidden, "sod.responder", "Who answered a finding does not accept its risk."
    ),
    "finding_acceptance_ends": (Conflict, "blocked", "An accepted risk needs an end."),
    "finding_accepted_is_signed": (Conflict, "state", "A risk is accepted by a named person."),
    "finding_accepted_by_no_raiser": (Forbidden, "sod.raiser", "Who raised a finding does not accept its risk."),
    "finding_closed_is_verified": (Conflict, "state", "A finding is closed when another person verified the answer."),
    "finding_frozen": (Conflict, "frozen", "What was raised in a finding never changes."),
    "finding_verified_by_another": (
        Forbidden, "sod.responder", "Who answered a finding does not verify the answer."
    ),
    "finding_settled_by_entitled": (
        Forbidden, "forbidden", "Somebody entitled who had no hand in the release settles a finding."
    ),
    "file_attached_by_actor": (Forbidden, "forbidden", "People attach a file in their own name."),
    "file_attached_now": (Conflict, "state", "A file is dated when it is attached."),
    "finding_settled_for_builder": (Forbidden, "sod.delegator", DELEGATOR),
    "findingfile_append_only": (Conflict, "frozen", "A file stays attached; attach another one."),
    "findingfile_named": (Conflict, "blocked", "A file has a name."),
    "findingfile_once": (Conflict, "duplicate", "This very file is attached here under that name already."),
    "hold_frozen": (Conflict, "frozen", "What a hold says never changes; lift it and place another."),
    "hold_lifted_by_another": (Forbidden, "sod.placer", "Who placed a hold does not lift it."),
    "hold_lifted_by_entitled": (
        Forbidden, "forbidden", "Somebody entitled to it, who does not build the system, lifts a hold."
    ),
    "hold_lifted_for_builder": (Forbidden, "sod.delegator", DELEGATOR),
    "hold_placed_by_entitled": (Forbidden, "forbidden", "A hold is placed in one's own name by somebody entitled."),
    "hold_lifted_is_signed": (Conflict, "state", "A hold is lifted by a named person at a known time."),
    "package_dependencies_agrees": (
        Conflict,
        "stale",
        "What the system depends on changed in the meantime; look at it again, then submit.",
    ),
    "package_risks_agrees": (
        Conflict, "stale", "The risks of the system changed in the meantime; look at them again, then submit."
    ),
    "package_evaluations_agrees": (
        Conflict, "stale", "Results were recorded in the meantime; look at them, then submit."
    ),
    "package_agrees": (
        Conflict, "state", "What is submitted changed meanwhile, or the rules did. Submit it again."
    ),
    "release_agrees": (Conflict, "state", "The release does not agree with its submissions; its review decides."),
    "move_beside_signature": (
        Conflict,
        "sod.signed",
        "Somebody who signed what still counts, or had it signed for them, would own or develop it through the unit it "
        "comes under; end that role first.",
    ),
    "release_frozen": (Conflict, "frozen", "A release is edited only in draft. Describe a new release instead."),
    "release_origin": (Conflict, "frozen", "Which system a release belongs to and who described it never changes."),
    "release_reinstated_by_entitled": (
        Forbidden, "forbidden", "Somebody entitled who neither suspended nor built the release reinstates it."
    ),
    "release_reinstated_for_builder": (Forbidden, "sod.delegator", DELEGATOR),
    "review_agrees": (Conflict, "state", "The review has been decided in the meantime. Open it again."),
    "review_frozen": (Conflict, "frozen", "A review keeps the stage, quorum and meaning it was opened with."),
    "review_stage_once": (Conflict, "duplicate", "A submission has each stage once."),
    "reviewassignment_append_only": (Conflict, "frozen", "Who was asked to review stays on the record."),
    "reviewassignment_dated_now": (Conflict, "state", "An assignment is dated when it is made."),
    "reviewassignment_in_person": (Forbidden, "forbidden", "People assign reviewers in their own name."),
    "reviewassignment_review_undecided": (Conflict, "state", "This stage is decided; nobody is asked any more."),
    "reviewassignment_taken_by_oneself": (Forbidden, "forbidden", "A stage is taken and handed back by oneself."),
    "reviewfile_append_only": (Conflict, "frozen", "A file stays attached; attach another one."),
    "reviewfile_named": (Conflict, "blocked", "A file has a name."),
    "reviewfile_once": (Conflict, "duplicate", "This very file is attached here under that name already."),
    "reviewremark_answers_a_question": (Conflict, "state", "An answer belongs to a question of its review."),
    "reviewremark_append_only": (Conflict, "frozen", "What was said in a review stays on the record."),
    "reviewremark_dated_now": (Conflict, "state", "What is said is dated when it is said."),
    "reviewremark_in_person": (Forbidden, "forbidden", "People speak in a review in their own name."),
    "reviewremark_says_something": (Conflict, "blocked", "Say something."),
    "signoff_append_only": (Conflict, "frozen", "A signature is never changed or taken back."),
    "signoff_by_contributor": (
        Forbidden, "sod.contributor", "You contributed to this release; somebody else signs it."
    ),
    "signoff_by_developer": (
        Forbidden, "sod.developer", "You developed this system since the release was described."
    ),
    "signoff_by_owner": (
        Forbidden, "sod.owner", "Recused: you own this system, or did since the release was described."
    ),
    "signoff_by_submitter": (Forbidden, "sod.submitter", "You submitted this release; somebody else signs it."),
    "signoff_comment_unless_approve": (
        Conflict, "blocked", "A comment is required unless you approve without conditions."
    ),
    "signoff_delegator_independent": (
        Forbidden,
        "sod.delegator",
        "Who lent you the role had a hand in this release or its system; somebody else signs it.",
    ),
    "signoff_one_for_both": (
        Conflict, "duplicate", "Delegator and delegate are one person of a submission; they are counted once."
    ),
    "signoff_without_right_of_own": (
        Forbidden, "forbidden", "A signature says under which delegation it is made, and that one gives the right now."
    ),
    "signoff_dated_now": (Conflict, "state", "A signature is dated when it is made."),
    "signoff_digest_current": (
        Conflict, "stale", "The package you read is not the one under review now. Open the review again."
    ),
    "signoff_in_person": (
        Forbidden, "forbidden", "Sign-offs are made by people in the browser, never by a token or a machine."
    ),
    "signoff_meaning_of_stage": (Conflict, "stale", "A signature means what its stage says."),
    "signoff_one_per_person": (
        Conflict, "duplicate", "You have already signed this submission; one person signs it once."
    ),
    "signoff_review_open": (Conflict, "state", "This review is not open; it has been decided or comes later."),
    "signoff_without_right": (Forbidden, "forbidden", "You do not hold the role this stage asks for."),
    "signoff_without_signer": (
        Forbidden,
        "unproven",
        "This signature does not carry the proof that the person it names signed in to the portal and made it.",
    ),
    "submission_agrees": (Conflict, "state", "The submission does not agree with its reviews; they decide."),
    "submission_dated_now": (Conflict, "state", "A package and the end of its review are dated when they happen."),
    "submission_carried": (
        Conflict, "blocked", "The review this release leans on does not count for it, or its signers had a hand in it."
    ),
    "submission_in_envelope": (Conflict, "blocked", "The release leaves the envelope it would ship in."),
    "submission_of_nothing_stopped": (
        Conflict, "blocked", "The release holds what was stopped or sent back elsewhere; it takes a full review."
    ),
    "submission_frozen": (Conflict, "frozen", "A submitted package never changes. Withdraw it and submit again."),
    "submission_one_open": (Conflict, "duplicate", "A submission of this release is already under review."),
    "waiver_asked_by_entitled": (Forbidden, "forbidden", "The owner of a system asks for its exceptions."),
    "waiver_dated_now": (Conflict, "state", "An exception is dated when it is asked for and when it is decided."),
    "waiver_decided_by_another": (Forbidden, "sod.requester", "Who asks for an exception does not decide on it."),
    "waiver_decided_for_builder": (Forbidden, "sod.delegator", DELEGATOR),
    "waiver_decided_by_entitled": (
        Forbidden, "forbidden", "A risk officer who does not build the system decides on its exceptions."
    ),
    "waiver_decided_is_signed": (Conflict, "state", "An exception is decided by a named person at a known time."),
    "waiver_ends_later": (Conflict, "blocked", "An exception needs an end in the future."),
    "waiver_undecided_at_first": (Conflict, "state", "An exception is asked for first and decided afterwards."),
    "waiver_frozen": (Conflict, "frozen", "What was asked for never changes; withdraw it and ask again."),
    "waiver_has_reason": (Conflict, "blocked", "An exception needs a reason."),
    "waiver_revoked_is_signed": (Conflict, "state", "An exception is taken back by a named person at a known time."),
}  # fmt: skip


def register() -> None:
    """Tell the ledger what each constraint means to a person."""
    for constraint, (refusal, code, sentence) in _REFUSALS.items():
        explain(constraint, refusal, code, sentence)
