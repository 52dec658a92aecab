"""Which table of changes is what to the ledger."""

from governance.changes.lifecycle import CHANGE, FOLLOW_UP
from governance.ledger.tables import Governed, TableClass

TABLES: dict[str, TableClass] = {
    "changes_affectedasset": Governed(scope="change__system", removable=True),
    "changes_change": Governed(scope="system", transitions={"state": CHANGE}, initial={"state": ("draft",)}),
    "changes_contribution": Governed(scope="change__system"),
    "changes_followup": Governed(scope="system", transitions={"state": FOLLOW_UP}, initial={"state": ("open",)}),
    "changes_revalidation": Governed(),
    "changes_opinion": Governed(scope="system"),  # said for the system of who says it
}
