"""Reports of one place follow each other; what another place of the same environment said stands beside them."""

from django.db import migrations

from governance.ledger.triggers import function

FOLLOWS = """
BEGIN
    IF NEW.release_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.inventory_release r WHERE r.id = NEW.release_id AND r.system_id = NEW.system_id) THEN
        RAISE EXCEPTION 'the release is of another system'
            USING ERRCODE = '23514', CONSTRAINT = 'deployment_of_its_system';
    END IF;
    IF EXISTS (SELECT FROM public.inventory_deployment d
        WHERE d.system_id = NEW.system_id AND d.environment = NEW.environment AND d.cluster = NEW.cluster
          AND (d.at > NEW.at OR (d.at < NEW.at AND d.since > NEW.since)
               OR (d.at = NEW.at AND d.since <> NEW.since))) THEN
        RAISE EXCEPTION 'a later report stands already'
            USING ERRCODE = '23514', CONSTRAINT = 'deployment_follows_the_last';
    END IF;
    RETURN NEW;
END """


class Migration(migrations.Migration):
    """The guard of 0014, by place."""

    dependencies = [("inventory", "0019_saved_mappings"), ("ledger", "0002_sealing")]
    operations = [
        migrations.RunSQL(function("inventory_deployment_follows", FOLLOWS), migrations.RunSQL.noop),
    ]
