"""An exception is asked for with nothing decided.

An instant of decision written with the request would stand when the exception is granted, since only what changes is
dated then; so it could begin later than anybody granted it, and the policy's longest time would count from there.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.triggers import function

_guards = import_module("governance.validation.migrations.0003_guards")
_waivers = import_module("governance.validation.migrations.0010_waivers")

UNDECIDED = f"""BEGIN
    IF TG_OP = 'INSERT' AND num_nonnulls(NEW.decided_by_id, NEW.decided_at, NEW.revoked_by_id, NEW.revoked_at) > 0 THEN
        {_guards.refuse("waiver_undecided_at_first", "an exception is asked for before it is decided")}
    END IF;"""
DATED = _waivers.DATED.replace("BEGIN", UNDECIDED, 1)


class Migration(migrations.Migration):
    """Says more in the function that dates exceptions."""

    dependencies = [("validation", "0014_evaluations")]
    operations = [
        migrations.RunSQL(
            function("validation_waiver_dated", DATED), function("validation_waiver_dated", _waivers.DATED)
        ),
    ]
