"""Which table of the policy is what to the ledger."""

from governance.ledger.tables import Governed, Operational, TableClass
from governance.policy.lifecycle import PACK

TABLES: dict[str, TableClass] = {
    "policy_pack": Governed(transitions={"state": PACK}, initial={"state": ("draft",)}),
    "policy_replayrun": Operational("answers to what-if questions; the same question gives the same answer again"),
}
