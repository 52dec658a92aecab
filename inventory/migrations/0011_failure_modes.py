"""Failure modes, past incidents and look-alikes come under the ledger; what was written down once stays as it was."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

KEPT = """
BEGIN
    IF (to_jsonb(NEW) - '{ended_at,ended_by_id,end_reason}'::text[])
       IS DISTINCT FROM (to_jsonb(OLD) - '{ended_at,ended_by_id,end_reason}'::text[])
       OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a failure mode is ended and written anew' USING ERRCODE = '23514',
              CONSTRAINT = 'failuremode_is_not_changed';
    END IF;
    RETURN NEW;
END """


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0010_evaluations")]
    operations = [
        Govern("inventory_pastincident", volatile=("search",)),
        Govern("inventory_failuremode", scope="system"),
        Govern("inventory_lookalikesearch", scope="system"),
        Govern("inventory_lookalike", scope="system"),
        migrations.RunSQL(
            function("inventory_failuremode_kept", KEPT)
            + Trigger(
                "inventory_failuremode_kept",
                "inventory_failuremode",
                "BEFORE UPDATE ON {table} FOR EACH ROW",
                "inventory_failuremode_kept",
            ).sql(),
            migrations.RunSQL.noop,
        ),
    ]
