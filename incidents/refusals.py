"""What people read when the database itself refuses: one sentence and code for each constraint of incidents."""

from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden, Refusal

_REFUSALS: dict[str, tuple[type[Refusal], str, str]] = {
    "alert_frozen": (Conflict, "frozen", "An alert stays what it was; write down what was done about it."),
    "alert_handled_by_somebody": (Conflict, "state", "An alert is handled by a named person."),
    "alert_has_fingerprint": (Conflict, "state", "An alert has a fingerprint."),
    "alert_once": (Conflict, "duplicate", "This episode is known already."),
    "actionitem_frozen": (Conflict, "frozen", "An action item keeps its words, owner and date; add another one."),
    "affectedrelease_frozen": (Conflict, "frozen", "An incident keeps naming the releases it names."),
    "affectedrelease_once": (Conflict, "duplicate", "The incident names this release already."),
    "actionlink_frozen": (Conflict, "frozen", "What an action item became stays written down."),
    "actionlink_once": (Conflict, "duplicate", "This is written down already."),
    "actionlink_to_one_thing": (Conflict, "state", "One line names one thing an action item became."),
    "incident_closed_by_somebody": (Conflict, "state", "An incident is closed by a named person."),
    "incident_closed_in_person": (Forbidden, "forbidden", "An incident is closed by whoever closes it, nobody else."),
    "incident_closed_when_complete": (
        Conflict, "blocked", "What the policy asks for before an incident is closed is not all there."
    ),
    "incident_commander_stays": (
        Conflict, "frozen", "Who leads an incident is named once, unless their account is closed."
    ),
    "incident_duplicate_of_something": (Conflict, "state", "A duplicate names the incident it repeats."),
    "incident_frozen": (Conflict, "frozen", "What was reported never changes; write down what you know now."),
    "incident_graded_by_the_pack": (Conflict, "blocked", "The policy in force grades this incident differently."),
    "incident_of_one_system": (Conflict, "blocked", "An incident names releases and incidents of its own system only."),
    "incident_over": (Conflict, "frozen", "An incident that is over stays as it was left; reopen it first."),
    "incident_resolved_when_checked": (
        Conflict, "blocked", "A return-to-service check is open; pass it before the system returns to service."
    ),
    "incident_reviewed_before_close": (
        Conflict, "blocked", "The policy wants the review of an incident this severe completed before it is closed."
    ),
    "incident_severe_closed_by_another": (
        Forbidden, "sod.incident_close",
        "An incident this severe is closed by somebody other than its reporter and commander.",
    ),
    "incident_severe_put_away_by_another": (
        Forbidden, "sod.incident_close",
        "An incident this severe is put away by somebody other than its reporter and commander.",
    ),
    "incident_duplicate_as_severe": (
        Conflict, "blocked", "An incident this severe is no duplicate of one that a single person could end."
    ),
    "incident_in_person": (Forbidden, "forbidden", "What is done about an incident is done in nobody else's name."),
    "incident_status_said_by_somebody": (Conflict, "state", "Where it stands is said by somebody."),
    "incidentlink_frozen": (Conflict, "frozen", "A link stays as it was written down; add another one."),
    "incidentlink_has_title": (Conflict, "state", "A link has words."),
    "incidentlink_is_https": (Conflict, "state", "A link begins with https://."),
    "incidentlink_once": (Conflict, "duplicate", "This address is there already."),
    "incidentupdate_due_later": (Conflict, "state", "The next update is due after this one."),
    "incidentupdate_frozen": (Conflict, "frozen", "What somebody was told stays as it was told; send another update."),
    "incidentupdate_has_text": (Conflict, "state", "An update says something."),
    "updaterecipient_frozen": (Conflict, "frozen", "Whom an update was sent to stays written down."),
    "updaterecipient_once": (Conflict, "duplicate", "This person is told already."),
    "incident_stays_severe": (
        Forbidden, "sod.incident_close", "An incident that needs two people to close keeps needing them."
    ),
    "contributingfactor_frozen": (Conflict, "frozen", "What an analysis says is taken back at most; say it anew."),
    "contributingfactor_has_place": (Conflict, "state", "A cause lies in one of the categories."),
    "contributingfactor_has_text": (Conflict, "state", "A cause says how it contributed."),
    "contributingfactor_once": (Conflict, "duplicate", "This was named already; say there how it contributed."),
    "contributingfactor_taken_back_by_somebody": (Conflict, "state", "It is taken back by a named person."),
    "foresight_frozen": (Conflict, "frozen", "What was said is taken back at most; say it anew."),
    "foresight_names_a_risk": (Conflict, "state", "What was foreseen names the risk that foresaw it."),
    "foresight_of_one_system": (Conflict, "blocked", "A risk of another system foresaw nothing here."),
    "foresight_once": (Conflict, "duplicate", "This is written down already."),
    "foresight_one_by_none": (Conflict, "duplicate", "This is written down already."),
    "foresight_taken_back_by_somebody": (Conflict, "state", "It is taken back by a named person."),
    "evidencehold_frozen": (Conflict, "frozen", "A hold on evidence keeps its words."),
    "evidencehold_lifted_by_another": (
        Forbidden, "sod.same_person", "Somebody else lets evidence go than who held it."
    ),
    "evidencehold_one_at_a_time": (Conflict, "duplicate", "Evidence of this incident is held already."),
    "incident_evidence_free": (Conflict, "blocked", "Evidence of this incident is held; lift that hold first."),
    "incident_without_measures": (
        Conflict, "blocked", "A temporary measure stands; end it before the incident is over."
    ),
    "participant_frozen": (Conflict, "frozen", "Who takes part stays written down."),
    "participant_once": (Conflict, "duplicate", "This person takes part in this function and stage already."),
    "playbookversion_decided_by_another": (
        Forbidden, "sod.same_person", "Somebody else decides on a version than who proposed it."
    ),
    "playbookversion_frozen": (Conflict, "frozen", "A version keeps its words and is decided once; propose another."),
    "playbookversion_once": (Conflict, "duplicate", "Another version has this number; propose it again."),
    "playbookversion_one_at_a_time": (
        Conflict, "duplicate", "Another version of this playbook waits to be decided on."
    ),
    "postincidentreview_complete_when_whole": (
        Conflict, "blocked", "A review is completed by somebody once all of it is written."
    ),
    "postincidentreview_frozen": (
        Conflict, "frozen", "The review is complete; it is written anew once the incident is reopened."
    ),
    "incident_owes_no_report": (Conflict, "blocked", "A report is owed because of this incident; make it first."),
    "regulatorclock_dropped_by_another": (
        Forbidden, "sod.same_person", "Somebody else drops a clock than who started it."
    ),
    "regulatorclock_frozen": (Conflict, "frozen", "A clock keeps when it began and when it ends."),
    "regulatorclock_internal_is_stricter": (Conflict, "state", "The internal deadline is the stricter one."),
    "regulatorclock_runs_once": (Conflict, "duplicate", "This clock runs already."),
    "servicecheck_by_another": (
        Forbidden, "sod.incident_check",
        "In an incident this severe a check is passed by somebody other than who wrote it down and who leads.",
    ),
    "measurement_of_system": (Conflict, "state", "A measurement belongs to a system that is known."),
    "measurement_once": (Conflict, "duplicate", "This point was measured before."),
    "monitoringplan_frozen": (Conflict, "frozen", "A plan keeps its metric; end it and plan another."),
    "monitoringplan_grades_incidents": (Conflict, "blocked", "Say which incidents follow: type, impact and urgency."),
    "monitoringplan_has_metric": (Conflict, "state", "A plan names a metric."),
    "monitoringplan_needs_a_breach": (Conflict, "state", "At least one breach makes an alert."),
    "monitoringplan_once": (Conflict, "duplicate", "This metric of this slice is watched in this direction already."),
    "monitoringplan_query_of_a_server": (Conflict, "state", "A query is asked of a server."),
    "monitoringplan_warns_first": (Conflict, "blocked", "The warning limit is broken before the critical one."),
    "publicsummary_decided_by_another": (
        Forbidden, "sod.same_person", "Somebody else decides on a summary than who wrote it."
    ),
    "publicsummary_frozen": (Conflict, "frozen", "A summary keeps its words and is decided once; write another."),
    "publicsummary_has_text": (Conflict, "state", "A summary says something."),
    "publicsummary_once": (Conflict, "duplicate", "Another version has this number; write it again."),
    "publicsummary_one_at_a_time": (Conflict, "duplicate", "Another version waits to be decided on."),
    "similarincident_frozen": (Conflict, "frozen", "A link is taken back at most; link the two anew."),
    "similarincident_once": (Conflict, "duplicate", "These two are linked already."),
    "similarincident_says_why": (Conflict, "state", "A link says what is alike."),
    "similarincident_taken_back_by_somebody": (Conflict, "state", "It is taken back by a named person."),
    "similarincident_to_one_other": (Conflict, "state", "A link names one other incident."),
    "why_asks_and_answers": (Conflict, "state", "A question comes with its answer."),
    "why_chain_is_whole": (
        Conflict, "order", "Nothing is asked below a root cause, and only the last question is taken back."
    ),
    "why_frozen": (Conflict, "frozen", "What an analysis says is taken back at most; say it anew."),
    "why_one_of_each_number": (Conflict, "duplicate", "Somebody asked on; look at the chain again."),
    "why_taken_back_by_somebody": (Conflict, "state", "It is taken back by a named person."),
    "servicecheck_frozen": (Conflict, "frozen", "A check keeps its words; add another one."),
    "stop_frozen": (Conflict, "frozen", "What was stopped stays written down."),
    "stop_of_one_thing": (Conflict, "state", "One line names one thing that was stopped."),
    "temporarymeasure_ended_by_somebody": (Conflict, "state", "A measure is ended by somebody who says how."),
    "temporarymeasure_ended_by_another": (
        Forbidden, "sod.incident_measure",
        "In an incident this severe a temporary measure is ended by somebody other than who took it.",
    ),
    "temporarymeasure_ends_later": (Conflict, "state", "A measure ends after it was taken."),
    "temporarymeasure_frozen": (Conflict, "frozen", "A measure keeps its words and its end; take another one."),
    "timelineentry_frozen": (Conflict, "frozen", "A note is never changed; write another one."),
}  # fmt: skip


def register() -> None:
    """Tell the ledger what each constraint means to a person."""
    for constraint, (refusal, code, sentence) in _REFUSALS.items():
        explain(constraint, refusal, code, sentence)
