"""Which table of the API machinery is what to the ledger."""

from governance.ledger.tables import Operational, TableClass

TABLES: dict[str, TableClass] = {
    "rest_callcount": Operational("call limits"),
    "rest_idempotentanswer": Operational("answers kept a day for repeated calls"),
}
