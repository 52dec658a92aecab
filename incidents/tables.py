"""Which table of incidents is what to the ledger."""

from governance.ledger.tables import Evidence, Governed, TableClass
from incidents.lifecycle import INCIDENT

TABLES: dict[str, TableClass] = {
    "incidents_actionitem": Governed(scope="incident__system"),
    "incidents_actionlink": Governed(scope="action__incident__system"),
    "incidents_affectedrelease": Governed(scope="incident__system"),
    "incidents_alert": Governed(scope="system", volatile=("last_heard", "heard")),
    "incidents_contributingfactor": Governed(scope="incident__system"),
    "incidents_evidencehold": Governed(scope="incident__system"),
    "incidents_foresight": Governed(scope="incident__system"),
    "incidents_incident": Governed(scope="system", transitions={"state": INCIDENT}, initial={"state": ("reported",)}),
    "incidents_incidentlink": Governed(scope="incident__system"),
    "incidents_incidentupdate": Governed(scope="incident__system"),
    "incidents_measurement": Evidence(scope="system"),
    "incidents_monitoringplan": Governed(scope="system"),
    "incidents_participant": Governed(scope="incident__system"),
    "incidents_playbookversion": Governed(scope="incident__system"),
    "incidents_postincidentreview": Governed(scope="incident__system"),
    "incidents_publicsummary": Governed(scope="incident__system"),
    "incidents_regulatorclock": Governed(scope="incident__system"),
    "incidents_servicecheck": Governed(scope="incident__system"),
    "incidents_similarincident": Governed(scope="incident__system"),
    "incidents_stop": Governed(scope="incident__system"),
    "incidents_temporarymeasure": Governed(scope="incident__system"),
    "incidents_timelineentry": Governed(scope="incident__system"),
    "incidents_why": Governed(scope="incident__system"),
    "incidents_updaterecipient": Governed(scope="update__incident__system"),
}
