"""Which table of incidents is what to the ledger."""

from governance.ledger.tables import Governed, TableClass
from incidents.lifecycle import INCIDENT

TABLES: dict[str, TableClass] = {
    "incidents_actionitem": Governed(scope="incident__system"),
    "incidents_affectedrelease": Governed(scope="incident__system"),
    "incidents_incident": Governed(scope="system", transitions={"state": INCIDENT}, initial={"state": ("reported",)}),
    "incidents_servicecheck": Governed(scope="incident__system"),
    "incidents_timelineentry": Governed(scope="incident__system"),
}
