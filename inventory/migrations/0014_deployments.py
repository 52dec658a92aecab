"""Reports of what runs are kept as evidence, in their order, each about a release of its own system."""

from django.db import migrations

from governance.ledger.operations import KeepEvidence
from governance.ledger.triggers import Trigger, function

FOLLOWS = """
BEGIN
    IF NEW.release_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.inventory_release r WHERE r.id = NEW.release_id AND r.system_id = NEW.system_id) THEN
        RAISE EXCEPTION 'the release is of another system'
            USING ERRCODE = '23514', CONSTRAINT = 'deployment_of_its_system';
    END IF;
    IF EXISTS (SELECT FROM public.inventory_deployment d
        WHERE d.system_id = NEW.system_id AND d.environment = NEW.environment
          AND (d.at > NEW.at OR (d.at < NEW.at AND d.since > NEW.since)
               OR (d.at = NEW.at AND d.since <> NEW.since))) THEN
        RAISE EXCEPTION 'a later report stands already'
            USING ERRCODE = '23514', CONSTRAINT = 'deployment_follows_the_last';
    END IF;
    RETURN NEW;
END """


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("inventory", "0013_delegations"), ("ledger", "0002_sealing")]
    operations = [
        KeepEvidence("inventory_deployment", scope="system"),
        migrations.RunSQL(
            function("inventory_deployment_follows", FOLLOWS)
            + Trigger(
                "inventory_deployment_follows",
                "inventory_deployment",
                "BEFORE INSERT ON {table} FOR EACH ROW",
                "inventory_deployment_follows",
            ).sql(),
            migrations.RunSQL.noop,
        ),
    ]
