"""Who leads an incident is named once, unless their account is closed; an action item finds another owner."""

from importlib import import_module

from django.db import migrations

from governance.ledger.triggers import function

_guards = import_module("incidents.migrations.0003_guards")

_STAYS = "IF OLD.commander_id IS NOT NULL AND NEW.commander_id IS DISTINCT FROM OLD.commander_id THEN"
_LEFT = f"""{_STAYS.removesuffix(" THEN")}
        AND NOT (NEW.commander_id IS NOT NULL AND EXISTS (
            SELECT FROM public.access_user u WHERE u.id = OLD.commander_id AND u.closed_at IS NOT NULL)) THEN"""
if _STAYS not in _guards.INCIDENT:
    raise ValueError("the guard of incidents says something else")


class Migration(migrations.Migration):
    """Replaces two guards."""

    dependencies = [("incidents", "0011_reporting"), ("access", "0001_initial")]
    operations = [
        migrations.RunSQL(
            function("incidents_incident_guarded", _guards.INCIDENT.replace(_STAYS, _LEFT)), migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            _guards.frozen(
                "incidents_actionitem", ("done_at", "done_by_id", "owner_id"), "actionitem_frozen",
                "an action item keeps its words",
            ),
            migrations.RunSQL.noop,
        ),
    ]  # fmt: skip
