"""Answers to checklists under the ledger: given in person, while the stage is open, by somebody who may sign it."""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import Govern, SealCheck
from governance.ledger.triggers import function

_guards = import_module("governance.validation.migrations.0003_guards")
_settled = import_module("governance.validation.migrations.0007_reopening")

ANSWERED = f"""
DECLARE
    acting jsonb := {_guards.ACTING};
    stage public.validation_review;
BEGIN
    SELECT * INTO stage FROM public.validation_review WHERE id = NEW.review_id FOR SHARE;
    IF stage.state <> 'open' THEN
        {_guards.refuse("checkanswer_review_open", "a checklist is answered while its stage is open")}
    END IF;
    IF NOT EXISTS (SELECT FROM jsonb_array_elements(stage.checklist) AS line WHERE line->>'id' = NEW.item) THEN
        {_guards.refuse("checkanswer_item_known", "only what the checklist names is answered")}
    END IF;
    IF acting->>'actor_kind' IS DISTINCT FROM 'human'
        OR (acting->>'actor_id')::bigint IS DISTINCT FROM NEW.person_id THEN
        {_guards.refuse("checkanswer_in_person", "people answer a checklist in their own name")}
    END IF;
    IF NEW.at > public.portal_now() + interval '1 second'
        OR NEW.at < public.portal_now() - (statement_timestamp() - transaction_timestamp()) THEN
        {_guards.refuse("checkanswer_dated_now", "an answer is dated when it is given")}
    END IF;
    RETURN NEW;
END """
_MAY_SIGN = " OR ".join(
    f"(v.permission = '{permission}' AND {_settled.holds(permission)})"
    for permission in ("review.sign_validation", "review.sign_audit", "review.sign_approval")
)
BY_OTHERS = f"""
        SELECT FROM touched t
        JOIN validation_checkanswer a ON t.table_name = 'validation_checkanswer' AND t.op = 'I' AND a.id = t.key::bigint
        JOIN validation_review v ON v.id = a.review_id
        JOIN validation_submission s ON s.id = v.submission_id
        JOIN inventory_release r ON r.id = s.release_id
        JOIN inventory_system y ON y.id = r.system_id
        WHERE NOT ({_settled.is_actor("person_id")} AND ({_MAY_SIGN}) AND {_settled.INDEPENDENT})"""  # noqa: S608


class Migration(migrations.Migration):
    """Governs the table, keeps every answer, and checks who gives one."""

    dependencies = [("validation", "0012_risks")]
    operations = [
        Govern("validation_checkanswer", scope="review__submission__release__system"),
        migrations.RunSQL(
            _guards.append_only("validation_checkanswer", "checkanswer_append_only", "an answer is never changed"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("validation_checkanswer_given", ANSWERED)
            + _guards.trigger(
                "validation_answered",
                "validation_checkanswer",
                "BEFORE INSERT ON {table} FOR EACH ROW",
                "validation_checkanswer_given()",
            ),
            migrations.RunSQL.noop,
        ),
        SealCheck(
            "checkanswer_by_entitled",
            tables=("validation_checkanswer",),
            violation=BY_OTHERS,
            message="a checklist is answered by somebody independent who may sign the stage",
        ),
    ]
