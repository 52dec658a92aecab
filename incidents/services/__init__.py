"""The verbs of incidents: the only writers."""

from incidents.services.clocks import drop_clock, report_clock, start_clock
from incidents.services.incidents import (
    NO_LEADER,
    close_incident,
    contain_incident,
    describe_incident,
    dismiss_incident,
    mark_duplicate,
    reopen_incident,
    report_incident,
    resolve_incident,
    triage_incident,
)
from incidents.services.response import (
    NOT_A_PARTICIPANT,
    add_participant,
    end_measure,
    hold_evidence,
    hold_for_incident,
    lift_evidence,
    suspend_for_incident,
    take_measure,
)
from incidents.services.work import NO_OWNER, add_action, add_check, finish_action, note, pass_check

__all__ = [
    "NOT_A_PARTICIPANT",
    "NO_LEADER",
    "NO_OWNER",
    "add_action",
    "add_check",
    "add_participant",
    "close_incident",
    "contain_incident",
    "describe_incident",
    "dismiss_incident",
    "drop_clock",
    "end_measure",
    "finish_action",
    "hold_evidence",
    "hold_for_incident",
    "lift_evidence",
    "mark_duplicate",
    "note",
    "pass_check",
    "reopen_incident",
    "report_clock",
    "report_incident",
    "resolve_incident",
    "start_clock",
    "suspend_for_incident",
    "take_measure",
    "triage_incident",
]
