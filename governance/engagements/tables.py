"""Which table of engagements is what to the ledger."""

from governance.engagements.lifecycle import AUDIT_FINDING, ENGAGEMENT
from governance.ledger.tables import Governed, TableClass

TABLES: dict[str, TableClass] = {
    "engagements_auditfinding": Governed(
        scope="system", transitions={"state": AUDIT_FINDING}, initial={"state": ("open",)}
    ),
    "engagements_covered": Governed(scope="system"),
    "engagements_engagement": Governed(transitions={"state": ENGAGEMENT}, initial={"state": ("planned",)}),
    "engagements_member": Governed(),
    "engagements_teamright": Governed(scope="assignment__system"),
}
