"""Which table of the policy is what to the ledger."""

from governance.ledger.tables import Governed, TableClass
from governance.policy.lifecycle import PACK

TABLES: dict[str, TableClass] = {"policy_pack": Governed(transitions={"state": PACK}, initial={"state": ("draft",)})}
