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

__all__ = [
    "OPEN_STATES",
    "ActionItem",
    "AffectedRelease",
    "Alert",
    "EvidenceHold",
    "Incident",
    "Measurement",
    "MonitoringPlan",
    "Participant",
    "RegulatorClock",
    "ServiceCheck",
    "Stop",
    "TemporaryMeasure",
    "TimelineEntry",
]
