"""Assignments of reviewers under the ledger: kept as they were made, in the name of who acts, while a stage is undecided."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import function

_guards = import_module("governance.validation.migrations.0003_guards")

ASSIGNED = f"""
DECLARE
    acting jsonb := {_guards.ACTING};
    stage public.validation_review;
BEGIN
    SELECT * INTO stage FROM public.validation_review WHERE id = NEW.review_id FOR SHARE;
    IF NEW.act IN ('assigned', 'taken') AND stage.state NOT IN ('waiting', 'open') THEN
        {_guards.refuse("reviewassignment_review_undecided", "nobody is asked to review what is decided")}
    END IF;
    IF acting->>'actor_kind' IS DISTINCT FROM 'human'
        OR (acting->>'actor_id')::bigint IS DISTINCT FROM NEW.by_id THEN
        {_guards.refuse("reviewassignment_in_person", "people assign reviewers in their own name")}
    END IF;
    IF NEW.at > public.portal_now() + interval '1 second'
        OR NEW.at < public.portal_now() - (statement_timestamp() - transaction_timestamp()) THEN
        {_guards.refuse("reviewassignment_dated_now", "an assignment is dated when it is made")}
    END IF;
    RETURN NEW;
END """


class Migration(migrations.Migration):
    """Governs the table, keeps every act, and checks who acts."""

    dependencies = [("validation", "0018_shorter_routes")]
    operations = [
        Govern("validation_reviewassignment", scope="review__submission__release__system"),
        migrations.RunSQL(
            _guards.append_only(
                "validation_reviewassignment", "reviewassignment_append_only", "an assignment is never changed"
            ),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("validation_reviewassignment_made", ASSIGNED)
            + _guards.trigger(
                "validation_reviewer_named",
                "validation_reviewassignment",
                "BEFORE INSERT ON {table} FOR EACH ROW",
                "validation_reviewassignment_made()",
            ),
            migrations.RunSQL.noop,
        ),
    ]
