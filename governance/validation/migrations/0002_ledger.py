"""Validation comes under the ledger."""

from django.db import migrations

from governance.ledger.operations import Govern, Transitions
from governance.validation.lifecycle import CONDITION, FINDING, HOLD, REVIEW, SUBMISSION


class Migration(migrations.Migration):
    dependencies = [("validation", "0001_initial"), ("ledger", "0002_sealing")]
    operations = [
        Govern("validation_condition", scope="submission__release__system"),
        Govern("validation_contribution", scope="release__system"),
        Govern("validation_finding", scope="release__system"),
        Govern("validation_hold", scope="system"),
        Govern("validation_review", scope="submission__release__system"),
        Govern("validation_signoff", scope="submission__release__system"),
        Govern("validation_submission", scope="release__system"),
        Transitions("validation_condition", "state", CONDITION, initial=["open"]),
        Transitions("validation_finding", "state", FINDING, initial=["open"]),
        Transitions("validation_hold", "state", HOLD, initial=["placed"]),
        Transitions("validation_review", "state", REVIEW, initial=["waiting", "open"]),
        Transitions("validation_submission", "state", SUBMISSION, initial=["open"]),
    ]
