"""Files attached to reviews and findings under the ledger: in one's own name, dated now, kept for good."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import function

_guards = import_module("governance.validation.migrations.0003_guards")

ATTACHED = f"""
DECLARE
    acting jsonb := {_guards.ACTING};
BEGIN
    IF acting->>'actor_kind' IS DISTINCT FROM 'human'
        OR (acting->>'actor_id')::bigint IS DISTINCT FROM NEW.added_by_id THEN
        {_guards.refuse("file_attached_by_actor", "people attach a file in their own name")}
    END IF;
    IF NEW.added_at > public.portal_now() + interval '1 second'
        OR NEW.added_at < public.portal_now() - (statement_timestamp() - transaction_timestamp()) THEN
        {_guards.refuse("file_attached_now", "a file is dated when it is attached")}
    END IF;
    RETURN NEW;
END """


def _kept(noun: str) -> list[migrations.RunSQL]:
    table = f"validation_{noun}"
    return [
        migrations.RunSQL(
            _guards.append_only(table, f"{noun}_append_only", "a file stays attached"), migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            _guards.trigger(
                f"{table}_attached", table, "BEFORE INSERT ON {table} FOR EACH ROW", "validation_file_attached()"
            ),
            migrations.RunSQL.noop,
        ),
    ]


class Migration(migrations.Migration):
    """Governs both tables, keeps every row, and checks who attaches."""

    dependencies = [("validation", "0028_legacy_approvals"), ("inventory", "0007_evidence")]
    operations = [
        Govern("validation_findingfile", scope="finding__release__system"),
        Govern("validation_reviewfile", scope="review__submission__release__system"),
        migrations.RunSQL(function("validation_file_attached", ATTACHED), migrations.RunSQL.noop),
        *_kept("findingfile"),
        *_kept("reviewfile"),
    ]
