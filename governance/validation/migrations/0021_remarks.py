"""What is said in a review under the ledger: kept as it was said, in one's own name, an answer in its own review."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import function

_guards = import_module("governance.validation.migrations.0003_guards")

SAID = f"""
DECLARE
    acting jsonb := {_guards.ACTING};
BEGIN
    IF acting->>'actor_kind' IS DISTINCT FROM 'human'
        OR (acting->>'actor_id')::bigint IS DISTINCT FROM NEW.person_id THEN
        {_guards.refuse("reviewremark_in_person", "people speak in a review in their own name")}
    END IF;
    IF NEW.question_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.validation_reviewremark q
        WHERE q.id = NEW.question_id AND q.review_id = NEW.review_id AND q.kind = 'question') THEN
        {_guards.refuse("reviewremark_answers_a_question", "an answer belongs to a question of its review")}
    END IF;
    IF NEW.at > public.portal_now() + interval '1 second'
        OR NEW.at < public.portal_now() - (statement_timestamp() - transaction_timestamp()) THEN
        {_guards.refuse("reviewremark_dated_now", "what is said is dated when it is said")}
    END IF;
    RETURN NEW;
END """


class Migration(migrations.Migration):
    """Governs the table, keeps every word, and checks who speaks."""

    dependencies = [("validation", "0020_acts")]
    operations = [
        Govern("validation_reviewremark", scope="review__submission__release__system"),
        migrations.RunSQL(
            _guards.append_only("validation_reviewremark", "reviewremark_append_only", "what is said stays"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("validation_reviewremark_said", SAID)
            + _guards.trigger(
                "validation_remarked",
                "validation_reviewremark",
                "BEFORE INSERT ON {table} FOR EACH ROW",
                "validation_reviewremark_said()",
            ),
            migrations.RunSQL.noop,
        ),
    ]
