"""What is written once stays: revisions, the reach of a token, the hour of a role and of a release."""

from django.db import migrations

from governance.ledger.triggers import Trigger, function, read_only


def refuse(constraint: str, message: str) -> str:
    """A statement that ends the transaction under a constraint's name."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = '23514', CONSTRAINT = '{constraint}';"


# The portal's time when this transaction began: one instant may serve several statements of it.
EARLIEST = "public.portal_now() - (statement_timestamp() - transaction_timestamp())"
REVISION = f"""
BEGIN
    {refuse("revision_append_only", "a saved revision never changes")}
END """
# A token reaches what it was minted for: a limit is neither moved nor added later.
LIMIT = f"""
BEGIN
    IF TG_OP = 'UPDATE' OR NOT EXISTS (
        SELECT FROM public.access_token t WHERE t.id = NEW.token_id AND t.revoked_at IS NULL
            AND t.created >= {EARLIEST}) THEN
        {refuse("tokenlimit_with_token", "what a token reaches is said when it is minted")}
    END IF;
    RETURN NEW;
END """
# The minute lets an instant be read before the transaction that writes it began.
LATELY = f"{EARLIEST} - interval '1 minute'"
# A role given from the past would have been held when it was not; a release of tomorrow would forget who built it.
SINCE = f"""
BEGIN
    IF NEW.since < {LATELY} THEN
        {refuse("assignment_not_backdated", "a role begins now or later")}
    END IF;
    RETURN NEW;
END """
CREATED = f"""
BEGIN
    IF NEW.created_at NOT BETWEEN {LATELY} AND public.portal_now() + interval '1 second' THEN
        {refuse("release_origin", "a release is dated when it is described")}
    END IF;
    RETURN NEW;
END """
EACH = "{table} FOR EACH ROW"
GUARDS = (
    ("inventory_revision_kept", REVISION, "inventory_documentrevision", f"BEFORE UPDATE OR DELETE ON {EACH}"),
    ("inventory_limit_kept", LIMIT, "inventory_tokenlimit", f"BEFORE INSERT OR UPDATE ON {EACH}"),
    ("inventory_role_dated", SINCE, "inventory_assignment", f"BEFORE INSERT ON {EACH}"),
    ("inventory_release_dated", CREATED, "inventory_release", f"BEFORE INSERT ON {EACH}"),
)
# Which migrations ran and what a kind of row is called is the owner's to write.
TABLES_OF_MIGRATIONS = ("django_migrations", "django_content_type")


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [
        ("inventory", "0005_separation_of_roles"),
        ("access", "0004_separation"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        *[
            migrations.RunSQL(function(name, body) + Trigger(name, table, when, name).sql(), migrations.RunSQL.noop)
            for name, body, table, when in GUARDS
        ],
        *[migrations.RunSQL(read_only(table), migrations.RunSQL.noop) for table in TABLES_OF_MIGRATIONS],
    ]
