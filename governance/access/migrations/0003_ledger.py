"""People, their groups and their tokens come under the ledger."""

from django.db import migrations

from governance.ledger.operations import Govern


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_guards"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("ledger", "0002_sealing"),
    ]
    operations = [
        Govern(
            "access_user", secret=["password", "salt"], volatile=["last_login", "session_version", "theme"], personal=["name", "email"]
        ),
        Govern("access_token", secret=["digest"], volatile=["last_used"]),
        Govern("access_user_groups", removable=True),
        Govern("access_user_user_permissions", removable=True),
        Govern("auth_group"),
        Govern("auth_group_permissions", removable=True),
    ]
