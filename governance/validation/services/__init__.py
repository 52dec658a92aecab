"""The verbs of validation: the only writers of its records, called by every door."""

from governance.validation.services.attachments import Handed, attach_to_finding, attach_to_review, with_files
from governance.validation.services.certifications import certify, end_campaign, refuse_certification, start_campaign
from governance.validation.services.checklists import CheckInput, answer_checklist
from governance.validation.services.conditions import (
    claim_condition,
    confirm_condition,
    hand_over_condition,
    refuse_condition,
)
from governance.validation.services.findings import (
    accept_finding,
    raise_finding,
    reopen_finding,
    respond_to_finding,
    verify_finding,
    withdraw_finding,
)
from governance.validation.services.holds import lift_hold, place_hold
from governance.validation.services.releases import reinstate_release, revoke_release, suspend_release
from governance.validation.services.remarks import answer_in_review, ask_in_review, remark_in_review
from governance.validation.services.reviewers import (
    assign_reviewer,
    hand_back_review,
    relieve_reviewer,
    take_review,
)
from governance.validation.services.sign_offs import ConditionInput, sign_off
from governance.validation.services.submissions import (
    renew_release,
    ship_release,
    submit_release,
    withdraw_submission,
)
from governance.validation.services.waivers import (
    grant_waiver,
    refuse_waiver,
    request_waiver,
    revoke_waiver,
    withdraw_waiver,
)
from governance.validation.services.waivers_together import decide_waivers, request_waivers

__all__ = [
    "CheckInput",
    "ConditionInput",
    "Handed",
    "accept_finding",
    "answer_checklist",
    "answer_in_review",
    "ask_in_review",
    "assign_reviewer",
    "attach_to_finding",
    "attach_to_review",
    "certify",
    "claim_condition",
    "confirm_condition",
    "decide_waivers",
    "end_campaign",
    "grant_waiver",
    "hand_back_review",
    "hand_over_condition",
    "lift_hold",
    "place_hold",
    "raise_finding",
    "refuse_certification",
    "refuse_condition",
    "refuse_waiver",
    "reinstate_release",
    "relieve_reviewer",
    "remark_in_review",
    "renew_release",
    "reopen_finding",
    "request_waiver",
    "request_waivers",
    "respond_to_finding",
    "revoke_release",
    "revoke_waiver",
    "ship_release",
    "sign_off",
    "start_campaign",
    "submit_release",
    "suspend_release",
    "take_review",
    "verify_finding",
    "with_files",
    "withdraw_finding",
    "withdraw_submission",
    "withdraw_waiver",
]
