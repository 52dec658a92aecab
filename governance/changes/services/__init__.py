"""The verbs of changes: the only writers."""

from governance.changes.services.decisions import (
    approve_change,
    ratify_change,
    refuse_change,
    reject_change,
    return_change,
    submit_change,
    withdraw_change,
)
from governance.changes.services.follow_ups import (
    drop_follow_up,
    finish_follow_up,
    hand_over_follow_up,
    open_after_incident,
    open_for_stopped_asset,
)
from governance.changes.services.opinions import answer_change
from governance.changes.services.owing import follow_documents_up
from governance.changes.services.policies import drop_for_withdrawn_policy, open_for_policy
from governance.changes.services.requests import (
    create_change,
    describe_change,
    lower_materiality,
    name_release,
    raise_materiality,
)
from governance.changes.services.revalidation import end_revalidation, start_revalidation
from governance.changes.services.work import (
    carry_out_emergency,
    implement_change,
    record_results,
    roll_back_change,
    verify_change,
)

__all__ = [
    "answer_change",
    "approve_change",
    "carry_out_emergency",
    "create_change",
    "describe_change",
    "drop_follow_up",
    "drop_for_withdrawn_policy",
    "end_revalidation",
    "finish_follow_up",
    "follow_documents_up",
    "hand_over_follow_up",
    "implement_change",
    "lower_materiality",
    "name_release",
    "open_after_incident",
    "open_for_policy",
    "open_for_stopped_asset",
    "raise_materiality",
    "ratify_change",
    "record_results",
    "refuse_change",
    "reject_change",
    "return_change",
    "roll_back_change",
    "start_revalidation",
    "submit_change",
    "verify_change",
    "withdraw_change",
]
