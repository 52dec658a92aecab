"""The verbs of engagements: the only writers."""

from governance.engagements.services.engagements import (
    add_member,
    cancel_engagement,
    close_engagement,
    hand_in_report,
    hand_over_membership,
    plan_engagement,
    remove_member,
    start_engagement,
)
from governance.engagements.services.findings import (
    raise_audit_finding,
    reopen_audit_finding,
    respond_to_audit_finding,
    verify_audit_finding,
    withdraw_audit_finding,
)

__all__ = [
    "add_member",
    "cancel_engagement",
    "close_engagement",
    "hand_in_report",
    "hand_over_membership",
    "plan_engagement",
    "raise_audit_finding",
    "remove_member",
    "reopen_audit_finding",
    "respond_to_audit_finding",
    "start_engagement",
    "verify_audit_finding",
    "withdraw_audit_finding",
]
