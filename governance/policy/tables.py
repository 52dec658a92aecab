"""Which table of the policy is what to the ledger."""

from governance.ledger.tables import Governed, TableClass

TABLES: dict[str, TableClass] = {"policy_pack": Governed()}
