"""What incidents keep."""

from incidents.models.incidents import (
    OPEN_STATES,
    ActionItem,
    AffectedRelease,
    Incident,
    ServiceCheck,
    TimelineEntry,
)
from incidents.models.reports import RegulatorClock
from incidents.models.response import EvidenceHold, Participant, Stop, TemporaryMeasure

__all__ = [
    "OPEN_STATES",
    "ActionItem",
    "AffectedRelease",
    "EvidenceHold",
    "Incident",
    "Participant",
    "RegulatorClock",
    "ServiceCheck",
    "Stop",
    "TemporaryMeasure",
    "TimelineEntry",
]
