"""A signature carries the proof that the portal's own sign-in made it; a name claimed in SQL is not enough."""

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.validation.proofs import MESSAGE

SIGNER_WAS_NOT_THERE = f"""
        SELECT FROM (
            SELECT t.key::bigint AS id FROM touched t WHERE t.table_name = 'validation_signoff'
            UNION SELECT (t.after->>'sign_off_id')::bigint FROM touched t
                WHERE t.table_name = 'validation_condition' AND t.op = 'I'
        ) written
        JOIN public.validation_signoff s USING (id)
        WHERE NOT public.access_proven(s.proof_key, {MESSAGE}, s.proof)"""  # noqa: S608  composed of our own text


class Migration(migrations.Migration):
    """One more check the seal runs; last of those about a signature, so that a more specific cause is told first."""

    dependencies = [("validation", "0008_woken_by_moves"), ("access", "0005_proofs")]
    operations = [
        SealCheck(
            "signoff_without_signer",
            tables=("validation_signoff", "validation_condition"),
            violation=SIGNER_WAS_NOT_THERE,
            message="a signature without the proof that the signer was there",
        ),
    ]
