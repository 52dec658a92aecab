"""What incidents, monitoring and alerts keep."""

from incidents.models.alerts import Alert
from incidents.models.analysis import ContributingFactor, Why
from incidents.models.comparison import Foresight, SimilarIncident
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
from incidents.models.room import IncidentLink, IncidentUpdate, UpdateRecipient
from incidents.models.summaries import PublicSummary

__all__ = [
    "OPEN_STATES",
    "ActionItem",
    "ActionLink",
    "AffectedRelease",
    "Alert",
    "ContributingFactor",
    "EvidenceHold",
    "Foresight",
    "Incident",
    "IncidentLink",
    "IncidentUpdate",
    "Measurement",
    "MonitoringPlan",
    "Participant",
    "PlaybookVersion",
    "PostIncidentReview",
    "PublicSummary",
    "RegulatorClock",
    "ServiceCheck",
    "SimilarIncident",
    "Stop",
    "TemporaryMeasure",
    "TimelineEntry",
    "UpdateRecipient",
    "Why",
]
