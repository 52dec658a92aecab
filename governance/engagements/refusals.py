"""What people read when the database itself refuses: one sentence and code for each constraint of engagements."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden, Refusal

INDEPENDENT = "Who owns or builds a system, or did in the period looked at, is not on the team that audits it."
_REFUSALS: dict[str, tuple[type[Refusal], str, str]] = {
    "auditfinding_answered_by_somebody": (Conflict, "state", "An answer names who gave it."),
    "auditfinding_by_entitled": (
        Forbidden, "forbidden", "The team raises and verifies, the system's people answer, each in their own name."
    ),
    "auditfinding_frozen": (Conflict, "frozen", "What was found is not rewritten; withdraw it and raise another."),
    "auditfinding_says_what": (Conflict, "blocked", "Say what was found."),
    "auditfinding_verified_by_another": (
        Forbidden, "sod.responder", "You answered it; another person says whether that settles it."
    ),
    "auditfinding_verified_by_somebody": (Conflict, "state", "A finding is closed by somebody who says why."),
    "covered_append_only": (Conflict, "frozen", "The scope of an audit stays as it was planned."),
    "covered_once": (Conflict, "duplicate", "The system is in scope already."),
    "engagement_by_actor": (
        Forbidden, "forbidden", "An audit is planned, reported and ended in one's own name, and run by no builder."
    ),
    "engagement_ended_by_somebody": (Conflict, "state", "An audit is ended by a named person who says how."),
    "engagement_ends_later": (Conflict, "blocked", "An audit ends after it is planned."),
    "engagement_frozen": (Conflict, "frozen", "What an audit is about stays as it was planned."),
    "engagement_period_before_end": (Conflict, "blocked", "The period looked at begins before the audit ends."),
    "engagement_reported_with_report": (Conflict, "blocked", "A report is a file, handed in by a named person."),
    "engagement_says_what": (Conflict, "blocked", "Say what is audited, and against what."),
    "engagement_staffed_by_independent": (
        Forbidden, "sod.builder", "Who owns or builds what is audited, or did, does not say who is on the team."
    ),
    "engagement_team_independent": (Forbidden, "sod.builder", INDEPENDENT),
    "member_ends_later": (Conflict, "blocked", "Being on a team ends after it begins."),
    "member_frozen": (Conflict, "frozen", "Who was on a team, and until when, stays on record."),
    "member_named_by_another": (Forbidden, "sod.self", "Nobody puts themselves on a team."),
    "member_once": (Conflict, "duplicate", "This person is on the team already."),
    "member_one_leads": (Conflict, "duplicate", "Somebody leads this team already."),
    "teamright_append_only": (Conflict, "frozen", "What a membership gave stays on record."),
}  # fmt: skip


def register() -> None:
    """Tell the ledger what each constraint means to a person."""
    for constraint, (refusal, code, sentence) in _REFUSALS.items():
        explain(constraint, refusal, code, sentence)
