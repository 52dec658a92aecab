"""Accounts of single sign-on under the ledger: proven by the portal, confirmed by another, ended but never changed."""

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck
from governance.ledger.triggers import Trigger, function

def _field(value: str) -> str:
    """SQL: one field of what a proof is made over, behind its length."""
    return (
        f"int4send(octet_length(convert_to({value}, 'UTF8'))) || convert_to({value}, 'UTF8')"
    )


def _message(tag: str, *values: str) -> str:
    return " || ".join([f"convert_to('{tag}', 'UTF8')", *map(_field, values)])


LINK = ("salted", "NEW.issuer", "NEW.subject")
ACTS = ("coalesce(NEW.linked_by_id::text, '')", "coalesce(NEW.confirmed_by_id::text, '')")
# A confirmed link from the start is a newcomer's own: the account is theirs, and has never been anybody else's.
PROVEN = f"""
DECLARE
    salted text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.person_id, NEW.issuer, NEW.subject, NEW.linked_at, NEW.linked_by_id, NEW.proof_key, NEW.proof)
            IS DISTINCT FROM
            (OLD.person_id, OLD.issuer, OLD.subject, OLD.linked_at, OLD.linked_by_id, OLD.proof_key, OLD.proof)
            OR OLD.ended_at IS NOT NULL
            OR (OLD.confirmed_at IS NOT NULL
                AND (NEW.confirmed_at, NEW.confirmed_by_id, NEW.confirmed_key, NEW.confirmed_proof) IS DISTINCT FROM
                    (OLD.confirmed_at, OLD.confirmed_by_id, OLD.confirmed_key, OLD.confirmed_proof)) THEN
            RAISE EXCEPTION 'a linked account is confirmed and ended, never changed'
                USING ERRCODE = '23514', CONSTRAINT = 'identity_frozen';
        END IF;
        IF OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL AND NEW.confirmed_by_id IS NULL THEN
            RAISE EXCEPTION 'a link is confirmed by a person'
                USING ERRCODE = '23514', CONSTRAINT = 'identity_is_confirmed_by_somebody';
        END IF;
    END IF;
    SELECT u.salt::text INTO STRICT salted FROM public.access_user u WHERE u.id = NEW.person_id;
    IF TG_OP = 'INSERT' THEN
        IF NOT public.access_proven(NEW.proof_key, {_message("countersign identity 1", *LINK)}, NEW.proof) THEN
            RAISE EXCEPTION 'accounts of single sign-on are linked through the portal only'
                USING ERRCODE = '23514', CONSTRAINT = 'identity_unproven';
        END IF;
        IF NEW.confirmed_at IS NOT NULL AND EXISTS (
            SELECT FROM public.access_user u WHERE u.id = NEW.person_id AND (
                u.last_login IS NOT NULL OR u.password NOT LIKE '!%'
                OR EXISTS (SELECT FROM public.access_user_groups g WHERE g.user_id = u.id)
                OR EXISTS (SELECT FROM public.access_identity i WHERE i.person_id = u.id))) THEN
            RAISE EXCEPTION 'a link is made by one and confirmed by another'
                USING ERRCODE = '23514', CONSTRAINT = 'identity_takes_two_others';
        END IF;
    END IF;
    IF NEW.confirmed_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.confirmed_at IS NULL)
        AND NOT public.access_proven(
            NEW.confirmed_key, {_message("countersign identity confirmed 1", *LINK, *ACTS)}, NEW.confirmed_proof) THEN
        RAISE EXCEPTION 'accounts of single sign-on are confirmed through the portal only'
            USING ERRCODE = '23514', CONSTRAINT = 'identity_unproven';
    END IF;
    RETURN NEW;
END """
# Who is written down as having linked or confirmed is who did it.
IN_ANOTHERS_NAME = """
        SELECT FROM touched t WHERE t.table_name = 'access_identity'
        AND ((t.op = 'I' AND (t.after->>'linked_by_id')::bigint IS DISTINCT FROM t.actor_id)
          OR (t.op = 'U' AND t.before->>'confirmed_at' IS NULL AND t.after->>'confirmed_at' IS NOT NULL
              AND (t.after->>'confirmed_by_id')::bigint IS DISTINCT FROM t.actor_id))"""
TRIGGER = Trigger(
    "access_identity_proven", "access_identity", "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW",
    "access_identity_proven",
)


class Migration(migrations.Migration):
    """One table, one trigger and who may stand in it."""

    dependencies = [("access", "0006_passwords"), ("ledger", "0002_sealing")]
    operations = [
        Govern("access_identity", secret=["subject"]),
        SealCheck(
            "identity_in_ones_own_name",
            tables=("access_identity",),
            violation=IN_ANOTHERS_NAME,
            message="a link is made and confirmed in one's own name",
        ),
        migrations.RunSQL(function("access_identity_proven", PROVEN) + TRIGGER.sql(), migrations.RunSQL.noop),
    ]
