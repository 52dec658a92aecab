"""Which table of notifications is what to the ledger."""

from governance.ledger.tables import Governed, Operational, TableClass

TABLES: dict[str, TableClass] = {
    "notify_delivery": Operational("outbox: what is sent after the commit"),
    "notify_endpoint": Governed(secret=("credential", "seed", "url")),
    "notify_notice": Operational("outbox: what is told of acts the ledger records"),
    "notify_preference": Operational("how a person wants to be told: decides nothing"),
}
