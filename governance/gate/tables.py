"""Which table of the gate is what to the ledger."""

from governance.ledger.tables import Evidence, TableClass

TABLES: dict[str, TableClass] = {"gate_gatecheck": Evidence(scope="system")}
