"""What incidents, monitoring and alerts keep."""

from incidents.models.alerts import Alert
from incidents.models.incidents import (
    OPEN_STATES,
    ActionItem,
    AffectedRelease,
    Incident,
    ServiceCheck,
    TimelineEntry,
)
from incidents.models.monitoring import Measurement, MonitoringPlan
from incidents.models.reports import RegulatorClock
from incidents.models.response import EvidenceHold, Participant, Stop, TemporaryMeasure
from incidents.models.review import ActionLink, PlaybookVersion, PostIncidentReview

__all__ = [
    "OPEN_STATES",
    "ActionItem",
    "ActionLink",
    "AffectedRelease",
    "Alert",
    "EvidenceHold",
    "Incident",
    "Measurement",
    "MonitoringPlan",
    "Participant",
    "PlaybookVersion",
    "PostIncidentReview",
    "RegulatorClock",
    "ServiceCheck",
    "Stop",
    "TemporaryMeasure",
    "TimelineEntry",
]
