"""Second factors under the ledger: adding and taking one away is an event, and a passkey carries the portal's proof."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import Trigger, function

PROVEN = """
DECLARE
    salted text;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.user_id, NEW.type) IS DISTINCT FROM (OLD.user_id, OLD.type) THEN
        RAISE EXCEPTION 'a second factor never changes hands'
            USING ERRCODE = '23514', CONSTRAINT = 'passkey_unproven';
    END IF;
    IF NEW.type <> 'webauthn' THEN
        RETURN NEW;
    END IF;
    SELECT u.salt::text INTO STRICT salted FROM public.access_user u WHERE u.id = NEW.user_id;
    IF (NEW.data->>'sealed')::jsonb IS DISTINCT FROM NEW.data->'credential'
        OR NOT public.access_proven(NEW.data->>'proof_key', convert_to('countersign passkey 1', 'UTF8')
            || int4send(octet_length(convert_to(salted, 'UTF8'))) || convert_to(salted, 'UTF8')
            || int4send(octet_length(convert_to(NEW.data->>'sealed', 'UTF8'))) || convert_to(NEW.data->>'sealed', 'UTF8'),
            NEW.data->>'proof') THEN
        RAISE EXCEPTION 'a passkey is added through the portal, and nowhere else'
            USING ERRCODE = '23514', CONSTRAINT = 'passkey_unproven';
    END IF;
    RETURN NEW;
END """
# What only notes a use changes neither whose it is nor what it is, and goes on under a later key of proofs.
TRIGGERS = [
    Trigger(
        "access_passkey_proven", "mfa_authenticator",
        "BEFORE INSERT OR UPDATE OF user_id, type, data ON {table} FOR EACH ROW", "access_passkey_proven",
    ),
]


class Migration(migrations.Migration):
    """A third-party table of ours to judge: who signs in as whom hangs on it."""

    dependencies = [("access", "0007_identities"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [
        Govern("mfa_authenticator", secret=["data"], volatile=["last_used_at"], removable=True),
        migrations.RunSQL(function("access_passkey_proven", PROVEN), migrations.RunSQL.noop),
        *[migrations.RunSQL(trigger.sql(), migrations.RunSQL.noop) for trigger in TRIGGERS],
    ]
