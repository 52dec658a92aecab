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
TRIGGER = Trigger(
    "access_password_dated",
    "access_user",
    "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW",
    "access_password_dated",
)


class Migration(migrations.Migration):
    """One trigger."""

    dependencies = [("access", "0005_proofs"), ("database", "0001_clock")]
    operations = [
        migrations.RunSQL(function("access_password_dated", DATED) + TRIGGER.sql(), migrations.RunSQL.noop),
    ]
