"""Incidents come under the ledger."""

from django.db import migrations

from governance.ledger.operations import Govern, Transitions
from incidents.lifecycle import INCIDENT


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial"), ("ledger", "0002_sealing")]
    operations = [
        Govern("incidents_actionitem", scope="incident__system"),
        Govern("incidents_affectedrelease", scope="incident__system"),
        Govern("incidents_incident", scope="system"),
        Govern("incidents_servicecheck", scope="incident__system"),
        Govern("incidents_timelineentry", scope="incident__system"),
        Transitions("incidents_incident", "state", INCIDENT, initial=["reported"]),
    ]
