"""Accounts of single sign-on under the ledger: proven by the portal, ended but never changed."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

PROVEN = """
DECLARE
    salted text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.person_id, NEW.issuer, NEW.subject, NEW.linked_at, NEW.proof_key, NEW.proof)
            IS DISTINCT FROM (OLD.person_id, OLD.issuer, OLD.subject, OLD.linked_at, OLD.proof_key, OLD.proof)
            OR OLD.ended_at IS NOT NULL THEN
            RAISE EXCEPTION 'a linked account is ended, never changed'
                USING ERRCODE = '23514', CONSTRAINT = 'identity_frozen';
        END IF;
        RETURN NEW;
    END IF;
    SELECT u.salt::text INTO STRICT salted FROM public.access_user u WHERE u.id = NEW.person_id;
    IF NOT public.access_proven(NEW.proof_key, convert_to('countersign identity 1', 'UTF8')
        || int4send(octet_length(convert_to(salted, 'UTF8'))) || convert_to(salted, 'UTF8')
        || int4send(octet_length(convert_to(NEW.issuer, 'UTF8'))) || convert_to(NEW.issuer, 'UTF8')
        || int4send(octet_length(convert_to(NEW.subject, 'UTF8'))) || convert_to(NEW.subject, 'UTF8'),
        NEW.proof) THEN
        RAISE EXCEPTION 'accounts of single sign-on are linked through the portal only'
            USING ERRCODE = '23514', CONSTRAINT = 'identity_unproven';
    END IF;
    RETURN NEW;
END """
TRIGGER = Trigger(
    "access_identity_proven", "access_identity", "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW",
    "access_identity_proven",
)


class Migration(migrations.Migration):
    """One table and one trigger."""

    dependencies = [("access", "0006_passwords")]
    operations = [
        Govern("access_identity", secret=["subject"]),
        migrations.RunSQL(function("access_identity_proven", PROVEN) + TRIGGER.sql(), migrations.RunSQL.noop),
    ]
