"""When a password was set is governed, so that setting one leaves an event without the secret, whoever writes.

The instant is the database's own: later than the one before even while the clock stands still, and nobody else's to
write. A password can therefore be changed by nobody who is not named, and not unnoticed by the one whose it is.
"""

from django.db import migrations

from governance.ledger.triggers import Trigger, function

DATED = """
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.password_changed_at := public.portal_now();
    ELSIF NEW.password IS DISTINCT FROM OLD.password THEN
        NEW.password_changed_at := greatest(public.portal_now(), OLD.password_changed_at + interval '1 microsecond');
    ELSE
        NEW.password_changed_at := OLD.password_changed_at;
    END IF;
    RETURN NEW;
END """
# Only the portal's own processes have the key of the proof; it is bound to the person by what never changes of them.
PROVEN = """
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.salt IS DISTINCT FROM OLD.salt THEN
            RAISE EXCEPTION 'what keys the digests of a person never changes'
                USING ERRCODE = '23514', CONSTRAINT = 'user_salt_kept';
        END IF;
        IF NEW.password IS NOT DISTINCT FROM OLD.password THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NEW.password = '' OR NEW.password LIKE '!%' THEN
        RETURN NEW;  -- nobody signs in with these
    END IF;
    IF NOT public.access_proven(NEW.password_key, convert_to('countersign password 1', 'UTF8')
        || int4send(octet_length(convert_to(NEW.salt::text, 'UTF8'))) || convert_to(NEW.salt::text, 'UTF8')
        || int4send(octet_length(convert_to(NEW.password, 'UTF8'))) || convert_to(NEW.password, 'UTF8'),
        NEW.password_proof) THEN
        RAISE EXCEPTION 'a password is set through the portal, and nowhere else'
            USING ERRCODE = '23514', CONSTRAINT = 'password_unproven';
    END IF;
    RETURN NEW;
END """
TRIGGERS = [
    Trigger(name, "access_user", "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW", name)
    for name in ("access_password_dated", "access_password_proven")
]


class Migration(migrations.Migration):
    """Two triggers."""

    dependencies = [("access", "0005_proofs"), ("database", "0001_clock")]
    operations = [
        migrations.RunSQL(function("access_password_dated", DATED), migrations.RunSQL.noop),
        migrations.RunSQL(function("access_password_proven", PROVEN), migrations.RunSQL.noop),
        *[migrations.RunSQL(trigger.sql(), migrations.RunSQL.noop) for trigger in TRIGGERS],
    ]
