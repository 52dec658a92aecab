"""Rules come into force by two people of governance, from now on and never backwards, whoever writes."""

from django.db import migrations

from governance.ledger.operations import SealCheck, Transitions
from governance.ledger.triggers import Trigger, function
from governance.policy.lifecycle import PACK

LIVES = "ARRAY['state', 'effective_from', 'proposed_by_id', 'adopted_by_id']::text[]"


def refuse(constraint: str, message: str) -> str:
    """A statement that ends the transaction under a constraint's name."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = '23514', CONSTRAINT = '{constraint}';"


KEPT = f"""
BEGIN
    IF (to_jsonb(NEW) - {LIVES}) IS DISTINCT FROM (to_jsonb(OLD) - {LIVES}) THEN
        {refuse("pack_frozen", "what a pack says never changes")}
    END IF;
    IF OLD.state IN ('adopted', 'withdrawn') THEN
        IF (NEW.effective_from, NEW.proposed_by_id, NEW.adopted_by_id)
            IS DISTINCT FROM (OLD.effective_from, OLD.proposed_by_id, OLD.adopted_by_id) THEN
            {refuse("pack_frozen", "when a pack comes into force, and by whom, never changes")}
        END IF;
        IF NEW.state <> OLD.state AND OLD.effective_from <= public.portal_now() THEN
            {refuse("pack_in_force", "a pack that has come into force is not withdrawn")}
        END IF;
    ELSIF NEW.state = 'adopted' AND (NEW.effective_from
            >= public.portal_now() - (statement_timestamp() - transaction_timestamp())) IS NOT TRUE THEN
        {refuse("pack_not_backwards", "a pack comes into force now or later")}
    END IF;
    RETURN NEW;
END """


def governs(person: str) -> str:
    """Whether the person may change packs."""
    return f"""EXISTS (
            SELECT FROM access_user u
            JOIN access_user_groups m ON m.user_id = u.id
            JOIN auth_group_permissions g ON g.group_id = m.group_id
            JOIN auth_permission p ON p.id = g.permission_id
            WHERE u.id = {person} AND u.kind = 'human' AND u.is_active AND u.closed_at IS NULL
              AND p.codename = 'pack.change')"""


# The portal itself adopts once, while it is set up: there is no second person before there is a first.
UNADOPTED = f"""
        SELECT FROM touched t
        JOIN policy_pack k ON t.table_name = 'policy_pack' AND k.id = t.key::bigint
        WHERE t.op IN ('I', 'U') AND t.after->>'state' IN ('proposed', 'adopted')
          AND t.before->>'state' IS DISTINCT FROM t.after->>'state'
          AND NOT CASE
            WHEN t.after->>'state' = 'proposed'
                THEN (t.after->>'proposed_by_id')::bigint IS NOT DISTINCT FROM t.actor_id AND {governs("t.actor_id")}
            WHEN t.before->>'state' = 'proposed'
                THEN (t.after->>'adopted_by_id')::bigint IS NOT DISTINCT FROM t.actor_id AND {governs("t.actor_id")}
                    AND (t.after->>'proposed_by_id')::bigint <> t.actor_id
                    AND t.after->>'proposed_by_id' IS NOT DISTINCT FROM t.before->>'proposed_by_id'
            ELSE t.actor_id IS NULL AND NOT EXISTS (
                SELECT FROM policy_pack o WHERE o.id <> k.id AND o.state IN ('adopted', 'withdrawn'))
            END"""


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [
        ("policy", "0002_ledger"),
        ("access", "0004_separation"),
        ("database", "0001_clock"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        Transitions("policy_pack", "state", PACK, initial=["draft"]),
        migrations.RunSQL(
            function("policy_pack_kept", KEPT)
            + Trigger(
                "policy_kept", "policy_pack", "BEFORE UPDATE ON {table} FOR EACH ROW", "policy_pack_kept"
            ).sql(),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "pack_adopted_by_two",
            tables=("policy_pack",),
            violation=UNADOPTED,
            message="a pack is proposed and adopted by two people of governance",
        ),
    ]
