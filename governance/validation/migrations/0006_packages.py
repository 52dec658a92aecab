"""A package says what is so when it is submitted, under the pack then in force, whoever writes it down."""

from django.db import migrations

from governance.ledger.operations import SealCheck

# The stages the pack demands of a tier, every stage for a tier it does not know: what reviewers agree to is no choice
# of whoever submits.
DEMANDED = """(SELECT jsonb_agg(jsonb_build_array(s->'id', s->'title', s->'role', s->'permission',
                    coalesce(s->'quorum', '1'), s->'order', s->'meaning') ORDER BY s->>'id')
                FROM jsonb_array_elements(k.document->'stages') s
                WHERE s->'tiers' ? b.tier OR NOT EXISTS (
                    SELECT FROM jsonb_array_elements(k.document->'tiers'->'order') o WHERE o->>'id' = b.tier))"""
OPENED = """(SELECT jsonb_agg(jsonb_build_array(w.stage, w.title, w.role, w.permission, w.quorum, w."order", w.meaning)
                    ORDER BY w.stage)
                FROM validation_review w WHERE w.submission_id = b.id)"""
IN_FORCE = """(SELECT p.id FROM policy_pack p WHERE p.state = 'adopted' AND p.effective_from <= b.submitted_at
                ORDER BY p.effective_from DESC, p.id DESC LIMIT 1)"""
ARTIFACT = (
    "jsonb_build_array({0}'name', {0}'kind', {0}'version', {0}'uri', {0}'sha256', {0}'vendor', {0}'model_id', "
    "{0}'region', {0}'configuration')"
)
FROZEN_ARTIFACTS = f"""(SELECT jsonb_agg({ARTIFACT.format("m->")} ORDER BY {ARTIFACT.format("m->")})
                FROM jsonb_array_elements(p.manifest->'artifacts') m)"""
ARTIFACTS = f"""(SELECT jsonb_agg({ARTIFACT.format("a.line->")} ORDER BY {ARTIFACT.format("a.line->")})
                FROM (SELECT to_jsonb(x) AS line FROM inventory_artifact x WHERE x.release_id = r.id) a)"""
FROZEN_DOCUMENTS = """(SELECT jsonb_agg(jsonb_build_array(m->'template', m->'revision', m->'author', m->'sections')
                    ORDER BY m->>'template')
                FROM jsonb_array_elements(p.manifest->'documents') m)"""
NEWEST = """
                    SELECT d.template, v.number, v.author_id, v.sections FROM inventory_document d
                    CROSS JOIN LATERAL (SELECT n.number, n.author_id, n.sections FROM inventory_documentrevision n
                        WHERE n.document_id = d.id ORDER BY n.number DESC LIMIT 1) v
                    WHERE d.system_id = y.id"""
DOCUMENTS = f"""(SELECT jsonb_agg(jsonb_build_array(n.template, n.number, n.author_id, n.sections) ORDER BY n.template)
                FROM ({NEWEST}) n)"""
# Whoever wrote what stands in a document and is not in the last approved package has a hand in this release.
UNNAMED_AUTHOR = """EXISTS (
                SELECT FROM inventory_document d JOIN inventory_documentrevision v ON v.document_id = d.id
                WHERE d.system_id = y.id
                  AND v.number > coalesce((
                    SELECT (m->>'revision')::int
                    FROM (SELECT o.manifest::jsonb AS manifest FROM validation_submission o
                          JOIN inventory_release ro ON ro.id = o.release_id
                          WHERE ro.system_id = y.id AND o.state = 'approved'
                          ORDER BY o.closed_at DESC, o.id DESC LIMIT 1) last,
                        jsonb_array_elements(last.manifest->'documents') m
                    WHERE m->>'template' = d.template), 0)
                  AND NOT EXISTS (SELECT FROM validation_contribution c
                    WHERE c.release_id = r.id AND c.person_id = v.author_id))"""
SYSTEM = (
    "slug", "name", "purpose", "intended_use", "out_of_scope_use", "affected_groups", "human_oversight", "outputs",
    "impact", "own_role", "personal_data", "tier", "tier_reason", "answers", "objectives", "demographic_variables",
    "regimes",
)  # fmt: skip
DESCRIBED = " OR ".join(
    f"p.manifest->'system'->'{name}' IS DISTINCT FROM to_jsonb(y)->'{name}'" for name in (*SYSTEM, "id")
)
UNTRUE = f"""
        SELECT FROM touched t
        JOIN validation_submission b ON t.table_name = 'validation_submission' AND t.op = 'I' AND b.id = t.key::bigint
        CROSS JOIN LATERAL (SELECT b.manifest::jsonb AS manifest) p
        JOIN inventory_release r ON r.id = b.release_id
        JOIN inventory_system y ON y.id = r.system_id
        JOIN policy_pack k ON k.id = b.pack_id
        WHERE b.pack_id IS DISTINCT FROM {IN_FORCE}
           OR b.submitter_id IS DISTINCT FROM t.actor_id
           OR b.tier <> y.tier
           OR b.intended_use_digest <> 'sha256:' || encode(sha256(convert_to(y.intended_use, 'UTF8')), 'hex')
           OR b.number <> (SELECT count(*) FROM validation_submission o WHERE o.release_id = r.id)
           OR {DEMANDED} IS NULL
           OR {OPENED} IS DISTINCT FROM {DEMANDED}
           OR p.manifest->'policy'->>'digest' IS DISTINCT FROM b.pack_digest
           OR (p.manifest->'submission'->'number', p.manifest->'submission'->'submitter',
               p.manifest->'submission'->'renewal')
              IS DISTINCT FROM (to_jsonb(b.number), to_jsonb(b.submitter_id), to_jsonb(b.renewal))
           OR (p.manifest->'release'->'id', p.manifest->'release'->'version', p.manifest->'release'->'notes',
               p.manifest->'release'->'lineage')
              IS DISTINCT FROM (to_jsonb(r.id), to_jsonb(r.version), to_jsonb(r.notes), r.lineage)
           OR {DESCRIBED}
           OR {FROZEN_ARTIFACTS} IS DISTINCT FROM {ARTIFACTS}
           OR {FROZEN_DOCUMENTS} IS DISTINCT FROM {DOCUMENTS}
           OR {UNNAMED_AUTHOR}"""  # noqa: S608  composed of our own text


class Migration(migrations.Migration):
    """One more check the seal runs."""

    dependencies = [("validation", "0005_moves"), ("inventory", "0005_separation_of_roles")]
    operations = [
        SealCheck(
            "package_agrees",
            tables=("validation_submission",),
            violation=UNTRUE,
            message="a package does not say what is so, or not under the rules in force",
        ),
    ]
