"""What incidents keep."""

from incidents.models.incidents import (
    OPEN_STATES,
    ActionItem,
    AffectedRelease,
    Incident,
    ServiceCheck,
    TimelineEntry,
)

__all__ = [
    "OPEN_STATES",
    "ActionItem",
    "AffectedRelease",
    "Incident",
    "ServiceCheck",
    "TimelineEntry",
]
