"""What people read when the database itself refuses: one sentence and code for each constraint of incidents."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden, Refusal

_REFUSALS: dict[str, tuple[type[Refusal], str, str]] = {
    "actionitem_frozen": (Conflict, "frozen", "An action item keeps its words, owner and date; add another one."),
    "affectedrelease_frozen": (Conflict, "frozen", "An incident keeps naming the releases it names."),
    "affectedrelease_once": (Conflict, "duplicate", "The incident names this release already."),
    "incident_closed_by_somebody": (Conflict, "state", "An incident is closed by a named person."),
    "incident_closed_in_person": (Forbidden, "forbidden", "An incident is closed by whoever closes it, nobody else."),
    "incident_closed_when_complete": (
        Conflict, "blocked", "What the policy asks for before an incident is closed is not all there."
    ),
    "incident_commander_stays": (Conflict, "frozen", "Who leads an incident is named once."),
    "incident_duplicate_of_something": (Conflict, "state", "A duplicate names the incident it repeats."),
    "incident_frozen": (Conflict, "frozen", "What was reported never changes; write down what you know now."),
    "incident_graded_by_the_pack": (Conflict, "blocked", "The policy in force grades this incident differently."),
    "incident_of_one_system": (Conflict, "blocked", "An incident names releases and incidents of its own system only."),
    "incident_over": (Conflict, "frozen", "An incident that is over stays as it was left; reopen it first."),
    "incident_resolved_when_checked": (
        Conflict, "blocked", "A return-to-service check is open; pass it before the system returns to service."
    ),
    "incident_severe_closed_by_another": (
        Forbidden, "sod.incident_close",
        "An incident this severe is closed by somebody other than its reporter and commander.",
    ),
    "incident_stays_severe": (
        Forbidden, "sod.incident_close", "An incident that needs two people to close keeps needing them."
    ),
    "servicecheck_frozen": (Conflict, "frozen", "A check keeps its words; add another one."),
    "timelineentry_frozen": (Conflict, "frozen", "A note is never changed; write another one."),
}  # fmt: skip


def register() -> None:
    """Tell the ledger what each constraint means to a person."""
    for constraint, (refusal, code, sentence) in _REFUSALS.items():
        explain(constraint, refusal, code, sentence)
