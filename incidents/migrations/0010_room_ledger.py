"""Updates, whom they were sent to and links come under the ledger; what somebody was told stays as it was told."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern

guards = import_module("incidents.migrations.0003_guards")

FROZEN = {
    "incidents_incidentlink": ("incidentlink_frozen", "a link stays as it was written down"),
    "incidents_incidentupdate": ("incidentupdate_frozen", "what somebody was told stays as it was told"),
    "incidents_updaterecipient": ("updaterecipient_frozen", "whom an update was sent to stays written down"),
}


class Migration(migrations.Migration):
    """Ledger and guards."""

    dependencies = [("incidents", "0009_analysis")]
    operations = [
        Govern("incidents_incidentlink", scope="incident__system"),
        Govern("incidents_incidentupdate", scope="incident__system"),
        Govern("incidents_updaterecipient", scope="update__incident__system"),
        *(
            migrations.RunSQL(guards.frozen(table, (), constraint, message), migrations.RunSQL.noop)
            for table, (constraint, message) in FROZEN.items()
        ),
    ]
