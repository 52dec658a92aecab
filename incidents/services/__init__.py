"""The verbs of incidents: the only writers."""

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
from incidents.services.work import NO_OWNER, add_action, add_check, finish_action, note, pass_check

__all__ = [
    "NO_LEADER",
    "NO_OWNER",
    "add_action",
    "add_check",
    "close_incident",
    "contain_incident",
    "describe_incident",
    "dismiss_incident",
    "finish_action",
    "mark_duplicate",
    "note",
    "pass_check",
    "reopen_incident",
    "report_incident",
    "resolve_incident",
    "triage_incident",
]
