"""A stage may be for systems in scope of a regime only; who may sign an ethics review answers its checklist too.

The seal asks for the stages itself, from the pack and from what the system is declared to be in scope of.
"""

from importlib import import_module

from django.db import migrations

from governance.ledger.operations import SealCheck

_settled = import_module("governance.validation.migrations.0007_reopening")
_checklists = import_module("governance.validation.migrations.0013_checklists")
_routes = import_module("governance.validation.migrations.0018_shorter_routes")

STAGES = "jsonb_array_elements(k.document->'stages') s"
CONCERNED = """(SELECT each AS s FROM jsonb_array_elements(k.document->'stages') each
                      WHERE coalesce(jsonb_array_length(each->'regimes'), 0) = 0 OR EXISTS (
                          SELECT FROM jsonb_array_elements(y.regimes) g
                          WHERE g->>'scope' = 'in' AND each->'regimes' ? (g->>'regime'))) concerned"""
UNTRUE = _routes.UNTRUE.replace(STAGES, CONCERNED)
if STAGES in UNTRUE or CONCERNED not in UNTRUE:
    raise ValueError("the stages are not asked for where they were")
ETHICS = f"(v.permission = 'review.sign_ethics' AND {_settled.holds('review.sign_ethics')})"
BY_OTHERS = _routes.changed(_checklists.BY_OTHERS, _checklists._MAY_SIGN, f"{_checklists._MAY_SIGN} OR {ETHICS}")


class Migration(migrations.Migration):
    """Replaces two checks of the seal."""

    dependencies = [("validation", "0021_remarks")]
    operations = [
        SealCheck(
            "package_agrees",
            tables=("validation_submission",),
            violation=UNTRUE,
            message="a package does not say what is so, or not under the rules in force",
        ),
        SealCheck(
            "checkanswer_by_entitled",
            tables=("validation_checkanswer",),
            violation=BY_OTHERS,
            message="a checklist is answered by somebody independent who may sign the stage",
        ),
    ]
