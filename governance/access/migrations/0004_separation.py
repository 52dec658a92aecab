"""Nobody raises himself, and what a role may do is written by migrations only."""

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import read_only

JOINED_BY_HIMSELF = """
        SELECT FROM touched t
        WHERE t.table_name = 'access_user_groups' AND t.op = 'I' AND (t.after->>'user_id')::bigint = t.actor_id"""
RAISED_BY_HIMSELF = """
        SELECT FROM touched t
        WHERE t.table_name = 'access_user' AND t.op = 'U' AND t.key::bigint = t.actor_id
          AND (((t.after->>'is_superuser')::boolean AND NOT (t.before->>'is_superuser')::boolean)
            OR ((t.after->>'is_staff')::boolean AND NOT (t.before->>'is_staff')::boolean)
            OR t.after->>'kind' <> t.before->>'kind')"""
TABLES_OF_MIGRATIONS = ("access_rolepermission", "auth_group", "auth_group_permissions", "auth_permission")


class Migration(migrations.Migration):
    """Checks the seal runs, and tables the runtime role only reads."""

    dependencies = [("access", "0003_ledger"), ("ledger", "0002_sealing")]
    operations = [
        SealCheck(
            "organisation_role_not_to_oneself",
            tables=("access_user_groups",),
            violation=JOINED_BY_HIMSELF,
            message="nobody gives an organisation-wide role to themselves",
        ),
        SealCheck(
            "person_not_raised_by_oneself",
            tables=("access_user",),
            violation=RAISED_BY_HIMSELF,
            message="nobody raises their own account",
        ),
        *[migrations.RunSQL(read_only(table), migrations.RunSQL.noop) for table in TABLES_OF_MIGRATIONS],
    ]
