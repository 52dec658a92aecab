"""Governance is two people's to give: one puts a person forward, another gives the role, whoever writes.

One member alone could otherwise make an account of their own into the second person of everything that takes two:
rules, links of single sign-on, roles. The portal itself gives roles while it is set up and by single sign-on's groups.
"""

from django.db import migrations

from governance.ledger.operations import SealCheck

GOVERNS = """EXISTS (
            SELECT FROM access_user u
            JOIN access_user_groups m ON m.user_id = u.id
            JOIN auth_group_permissions g ON g.group_id = m.group_id
            JOIN auth_permission p ON p.id = g.permission_id
            WHERE u.id = t.actor_id AND u.kind = 'human' AND u.is_active AND u.closed_at IS NULL
              AND p.codename = 'person.change')"""
UNENTITLED = f"""
        SELECT FROM touched t
        WHERE t.op IN ('I', 'U') AND (CASE t.table_name
            WHEN 'access_user_groups' THEN t.actor_id IS NULL OR ({GOVERNS} AND (
                EXISTS (SELECT FROM auth_group r
                        WHERE r.id = (t.after->>'group_id')::bigint AND r.name <> 'governance')
                OR EXISTS (SELECT FROM access_user w
                           WHERE w.id = (t.after->>'user_id')::bigint AND w.put_forward_by_id <> t.actor_id)))
            WHEN 'access_user' THEN t.after->>'put_forward_by_id' IS NULL
                OR t.after->>'put_forward_by_id' IS NOT DISTINCT FROM t.before->>'put_forward_by_id'
                OR ((t.after->>'put_forward_by_id')::bigint = t.actor_id AND {GOVERNS})
            ELSE true END) IS NOT TRUE"""


class Migration(migrations.Migration):
    """A check of the seal."""

    dependencies = [("access", "0008_second_factors"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        SealCheck(
            "organisation_role_by_entitled",
            tables=("access_user_groups", "access_user"),
            violation=UNENTITLED,
            message="an organisation-wide role is given by governance, and that of governance by two of them",
        ),
    ]
