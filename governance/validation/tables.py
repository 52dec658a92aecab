"""Which table of validation is what to the ledger."""

from governance.ledger.tables import Governed, TableClass
from governance.validation.lifecycle import CERTIFICATION, CONDITION, FINDING, HOLD, REVIEW, SUBMISSION, WAIVER

TABLES: dict[str, TableClass] = {
    "validation_campaign": Governed(),
    "validation_certification": Governed(
        scope="system", transitions={"state": CERTIFICATION}, initial={"state": ("asked",)}
    ),
    "validation_checkanswer": Governed(scope="review__submission__release__system"),
    "validation_condition": Governed(
        scope="submission__release__system", transitions={"state": CONDITION}, initial={"state": ("open",)}
    ),
    "validation_contribution": Governed(scope="release__system"),
    "validation_finding": Governed(
        scope="release__system", transitions={"state": FINDING}, initial={"state": ("open",)}
    ),
    "validation_findingfile": Governed(scope="finding__release__system"),
    "validation_hold": Governed(scope="system", transitions={"state": HOLD}, initial={"state": ("placed",)}),
    "validation_review": Governed(
        scope="submission__release__system", transitions={"state": REVIEW}, initial={"state": ("waiting", "open")}
    ),
    "validation_reviewassignment": Governed(scope="review__submission__release__system"),
    "validation_reviewfile": Governed(scope="review__submission__release__system"),
    "validation_reviewremark": Governed(scope="review__submission__release__system"),
    "validation_signoff": Governed(scope="submission__release__system"),
    "validation_submission": Governed(
        scope="release__system", transitions={"state": SUBMISSION}, initial={"state": ("open",)}
    ),
    "validation_waiver": Governed(scope="system", transitions={"state": WAIVER}, initial={"state": ("requested",)}),
}
