"""What people read when the database itself refuses: one sentence and code for each constraint of changes."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden, Refusal
from inventory.lifecycle import DELEGATOR

_REFUSALS: dict[str, tuple[type[Refusal], str, str]] = {
    "affectedasset_once": (Conflict, "duplicate", "The change names this asset already."),
    "change_assessed_by_the_pack": (Conflict, "blocked", "The policy in force makes something else of this change."),
    "change_closed_when_verified": (Conflict, "blocked", "A change is closed when somebody has verified it."),
    "change_contribution_append_only": (Conflict, "frozen", "A contribution is never taken back."),
    "change_decided_by_another": (Forbidden, "sod.requester", "Who asks for a change does not decide on it."),
    "change_decided_by_somebody": (Conflict, "state", "A change is decided by a named person."),
    "change_decided_for_dependent": (Forbidden, "sod.delegator", DELEGATOR),
    "change_decided_independently": (
        Forbidden, "sod.contributor", "A change is decided by an approver who had no hand in it."
    ),
    "change_frozen": (Conflict, "frozen", "What is decided about a change, or done, is not rewritten."),
    "change_implemented_by_somebody": (Conflict, "state", "A change is carried out by somebody named."),
    "change_in_person": (Forbidden, "forbidden", "A change is moved in nobody else's name."),
    "change_of_one_system": (Conflict, "blocked", "A change names releases of its own system only."),
    "change_override_has_reason": (Conflict, "blocked", "Who says that a change comes to more or less says why."),
    "change_ratified_by_somebody": (Conflict, "state", "An emergency change is ratified by a named person."),
    "change_ratified_in_emergency": (Conflict, "state", "Only an emergency change is ratified afterwards."),
    "change_release_reviewed": (
        Conflict, "blocked", "The release that carries the change out is not approved, or was not reviewed for it."
    ),
    "change_verified_by_another": (Forbidden, "sod.implementer", "Who carries a change out does not judge it."),
    "change_verified_for_dependent": (Forbidden, "sod.delegator", DELEGATOR),
    "change_verified_independently": (
        Forbidden, "sod.implementer", "A change is verified by somebody entitled who had no hand in it."
    ),
    "change_window_ends_later": (Conflict, "blocked", "The planned window ends after it begins."),
    "revalidation_by_actor": (Forbidden, "forbidden", "A campaign is started and ended in one's own name."),
    "revalidation_due_later": (Conflict, "blocked", "A campaign is due after it is started."),
    "revalidation_ended_by_somebody": (Conflict, "state", "A campaign is ended by a named person who says why."),
    "revalidation_frozen": (Conflict, "frozen", "A campaign keeps what it asks for, and ends once; start another."),
    "revalidation_has_title": (Conflict, "blocked", "A campaign has a title."),
    "followup_dropped_by_another": (
        Forbidden, "sod.same_person", "Whoever it waits for does not say that it need not be done."
    ),
    "followup_frozen": (Conflict, "frozen", "Follow-up work is settled once, by whoever acts, and not rewritten."),
    "followup_of_one_system": (Conflict, "blocked", "Follow-up work names a change of its own system only."),
    "followup_once_for_a_campaign": (Conflict, "duplicate", "A campaign asks of each system once."),
    "followup_once_for_an_origin": (Conflict, "duplicate", "This work is open or done already."),
    "followup_once_for_a_policy": (Conflict, "duplicate", "This work is open or done already."),
    "followup_once_for_a_roll_back": (Conflict, "duplicate", "This work is open or done already."),
    "followup_once_for_an_asset": (Conflict, "duplicate", "This work is open already."),
    "followup_settled_by_entitled": (
        Forbidden, "forbidden", "Follow-up work is done by who carries changes out, and dropped by who verifies them."
    ),
    "followup_settled_by_somebody": (Conflict, "state", "Follow-up work is settled by somebody who says how."),
    "submission_of_a_change": (
        Conflict, "blocked", "A release takes a shorter way only for approved changes that are open to it."
    ),
    "opinion_append_only": (Conflict, "frozen", "What somebody said is never changed; say something else."),
    "opinion_objection_has_reason": (Conflict, "blocked", "Who objects says why."),
    "opinion_of_an_owner": (Forbidden, "forbidden", "Only an owner speaks for a system."),
}  # fmt: skip


def register() -> None:
    """Tell the ledger what each constraint means to a person."""
    for constraint, (refusal, code, sentence) in _REFUSALS.items():
        explain(constraint, refusal, code, sentence)
