"""What the database refuses at once: changed packages, altered signatures, releases edited outside draft.

It also notes who contributes to a release, whoever writes and through whatever door. All functions belong to the
owner; the runtime role can neither change nor call them.
"""

from django.db import migrations

from governance.ledger.triggers import Trigger, function

ACTING = "nullif(current_setting('ledger.acting', true), '')::jsonb"


def trigger(name: str, table: str, when: str, execute: str) -> str:
    """Statements for an always enabled trigger."""
    return Trigger(name, table, when, execute.removesuffix("()")).sql()


def refuse(constraint: str, message: str) -> str:
    """A statement that ends the transaction under a constraint's name."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = '23514', CONSTRAINT = '{constraint}';"


def frozen(table: str, open_columns: tuple[str, ...], constraint: str, message: str) -> str:
    """A trigger that refuses a change of any column but these; columns added later are frozen by default."""
    kept = "ARRAY[{}]::text[]".format(", ".join(f"'{column}'" for column in open_columns))
    name = f"{table}_frozen"
    body = f"""
BEGIN
    IF (to_jsonb(NEW) - {kept}) IS DISTINCT FROM (to_jsonb(OLD) - {kept}) THEN
        {refuse(constraint, message)}
    END IF;
    RETURN NEW;
END """
    return function(name, body) + trigger(name, table, "BEFORE UPDATE ON {table} FOR EACH ROW", f"{name}()")


def append_only(table: str, constraint: str, message: str) -> str:
    """A trigger that refuses every change of a row."""
    name = f"{table}_append_only"
    body = f"""
BEGIN
    {refuse(constraint, message)}
END """
    return function(name, body) + trigger(name, table, "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW", f"{name}()")


# --- a release is edited only in draft ------------------------------------------------------------------------

RELEASE_LIVES = "ARRAY['state', 'suspended_by_id', 'updated_at']::text[]"
RELEASE = f"""
BEGIN
    IF OLD.state <> 'draft'
        AND (to_jsonb(NEW) - {RELEASE_LIVES}) IS DISTINCT FROM (to_jsonb(OLD) - {RELEASE_LIVES}) THEN
        {refuse("release_frozen", "a release is edited only in draft")}
    END IF;
    IF (NEW.system_id, NEW.created_by_id, NEW.created_at) IS DISTINCT FROM
        (OLD.system_id, OLD.created_by_id, OLD.created_at) THEN
        {refuse("release_origin", "where a release comes from never changes")}
    END IF;
    RETURN NEW;
END """
# The share lock waits for a submission that is freezing this release just now, and sees the state it leaves.
ARTIFACT = f"""
DECLARE
    touched bigint[] := ARRAY[]::bigint[];
    stage text;
BEGIN
    IF TG_OP <> 'INSERT' THEN touched := touched || OLD.release_id; END IF;
    IF TG_OP <> 'DELETE' THEN touched := touched || NEW.release_id; END IF;
    FOR stage IN SELECT r.state FROM public.inventory_release r WHERE r.id = ANY (touched) ORDER BY r.id FOR SHARE LOOP
        IF stage <> 'draft' THEN
            {refuse("artifact_frozen", "the bill of materials is edited only in draft")}
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END """

# --- who contributes ------------------------------------------------------------------------------------------

# A machine contributes for its sponsor and for whoever minted its token; an import or a command for nobody.
CONTRIBUTE = f"""
DECLARE
    acting jsonb := {ACTING};
BEGIN
    IF acting->>'verb' = 'inventory.import' THEN
        RETURN;
    END IF;
    INSERT INTO public.validation_contribution (release_id, person_id, kind, at)
    SELECT of_release, p.id, of_kind, public.portal_now()
    FROM (VALUES (CASE WHEN acting->>'actor_kind' = 'human' THEN (acting->>'actor_id')::bigint END),
        ((acting->>'sponsor_id')::bigint), ((acting->>'minter_id')::bigint)) AS p (id)
    WHERE p.id IS NOT NULL
    ON CONFLICT DO NOTHING;
END """
RELEASE_CONTRIBUTES = f"""
BEGIN
    IF TG_OP = 'INSERT'
        OR (to_jsonb(NEW) - {RELEASE_LIVES}) IS DISTINCT FROM (to_jsonb(OLD) - {RELEASE_LIVES}) THEN
        PERFORM public.validation_contribute(NEW.id, 'release');
    END IF;
    RETURN NULL;
END """
ARTIFACT_CONTRIBUTES = """
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM public.validation_contribute(NEW.release_id, 'artifact');
    ELSE
        PERFORM public.validation_contribute(OLD.release_id, 'artifact');
    END IF;
    RETURN NULL;
END """
UNDER_WORK = """(r.state IN ('draft', 'in_review') OR EXISTS (
        SELECT FROM public.validation_submission s WHERE s.release_id = r.id AND s.state = 'open'))"""
DOCUMENT_CONTRIBUTES = f"""
BEGIN
    PERFORM public.validation_contribute(r.id, 'document')
    FROM public.inventory_document d JOIN public.inventory_release r ON r.system_id = d.system_id
    WHERE d.id = NEW.document_id AND {UNDER_WORK};
    RETURN NULL;
END """
SYSTEM_CONTENT = """ARRAY['purpose', 'objectives', 'intended_use', 'out_of_scope_use', 'affected_groups',
        'human_oversight', 'outputs', 'demographic_variables', 'answers']"""
SYSTEM_CONTRIBUTES = f"""
BEGIN
    IF EXISTS (SELECT FROM unnest({SYSTEM_CONTENT}) AS c (name)
               WHERE to_jsonb(NEW)->c.name IS DISTINCT FROM to_jsonb(OLD)->c.name) THEN
        PERFORM public.validation_contribute(r.id, 'system')
        FROM public.inventory_release r WHERE r.system_id = NEW.id AND {UNDER_WORK};
    END IF;
    RETURN NULL;
END """
SUBMISSION_CONTRIBUTES = """
BEGIN
    PERFORM public.validation_contribute(NEW.release_id, 'submission');
    RETURN NULL;
END """

# --- a signature ----------------------------------------------------------------------------------------------

# The lock makes a signature written past the portal wait for a decision that is just being taken.
SIGN_OFF = f"""
DECLARE
    acting jsonb := {ACTING};
    package public.validation_submission;
    stage public.validation_review;
    signer public.access_user;
BEGIN
    SELECT * INTO package FROM public.validation_submission WHERE id = NEW.submission_id FOR NO KEY UPDATE;
    SELECT * INTO stage FROM public.validation_review WHERE id = NEW.review_id FOR NO KEY UPDATE;
    SELECT * INTO signer FROM public.access_user WHERE id = NEW.person_id;
    IF stage.submission_id IS DISTINCT FROM NEW.submission_id OR package.state <> 'open' OR stage.state <> 'open' THEN
        {refuse("signoff_review_open", "only an open review is signed")}
    END IF;
    IF (NEW.digest, NEW.pack_digest) IS DISTINCT FROM (package.digest, package.pack_digest) THEN
        {refuse("signoff_digest_current", "a signature is bound to the package under review")}
    END IF;
    IF (NEW.role, NEW.meaning) IS DISTINCT FROM (stage.role, stage.meaning) THEN
        {refuse("signoff_meaning_of_stage", "a signature means what the stage says")}
    END IF;
    IF signer.kind <> 'human' OR acting->>'door' IS DISTINCT FROM 'web' OR NEW.authenticated_by = ''
        OR (acting->>'actor_id')::bigint IS DISTINCT FROM NEW.person_id OR acting->>'token_id' IS NOT NULL THEN
        {refuse("signoff_in_person", "sign-offs are made by the signed-in person, in the browser")}
    END IF;
    IF NEW.signed_at > public.portal_now() + interval '1 second'
        OR NEW.signed_at < public.portal_now() - (statement_timestamp() - transaction_timestamp()) THEN
        {refuse("signoff_dated_now", "a signature is dated when it is made")}
    END IF;
    RETURN NEW;
END """

# Nobody dates a package or its end: an approval whose beginning could be moved would never run out.
SUBMISSION_DATED = f"""
DECLARE
    earliest timestamptz := public.portal_now() - (statement_timestamp() - transaction_timestamp());
    latest timestamptz := public.portal_now() + interval '1 second';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.submitted_at NOT BETWEEN earliest AND latest OR NEW.closed_at IS NOT NULL THEN
            {refuse("submission_dated_now", "a package is dated when it is submitted")}
        END IF;
    ELSIF OLD.state <> 'open' THEN
        IF (NEW.state, NEW.closed_at, NEW.valid_until) IS DISTINCT FROM (OLD.state, OLD.closed_at, OLD.valid_until) THEN
            {refuse("submission_frozen", "how a review ended, and until when it counts, never changes")}
        END IF;
    ELSIF NEW.state <> 'open' AND (NEW.closed_at BETWEEN earliest AND latest) IS NOT TRUE THEN
        {refuse("submission_dated_now", "a review is dated when it ends")}
    END IF;
    RETURN NEW;
END """

STATEMENTS = [
    function("validation_release_frozen", RELEASE),
    trigger(
        "validation_frozen", "inventory_release", "BEFORE UPDATE ON {table} FOR EACH ROW", "validation_release_frozen()"
    ),
    function("validation_artifact_frozen", ARTIFACT),
    trigger(
        "validation_frozen",
        "inventory_artifact",
        "BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW",
        "validation_artifact_frozen()",
    ),
    function("validation_contribute", CONTRIBUTE, returns="void", arguments="of_release bigint, of_kind text"),
    function("validation_release_contributes", RELEASE_CONTRIBUTES),
    trigger(
        "validation_contributes",
        "inventory_release",
        "AFTER INSERT OR UPDATE ON {table} FOR EACH ROW",
        "validation_release_contributes()",
    ),
    function("validation_artifact_contributes", ARTIFACT_CONTRIBUTES),
    trigger(
        "validation_contributes",
        "inventory_artifact",
        "AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW",
        "validation_artifact_contributes()",
    ),
    function("validation_document_contributes", DOCUMENT_CONTRIBUTES),
    trigger(
        "validation_contributes",
        "inventory_documentrevision",
        "AFTER INSERT ON {table} FOR EACH ROW",
        "validation_document_contributes()",
    ),
    function("validation_system_contributes", SYSTEM_CONTRIBUTES),
    trigger(
        "validation_contributes",
        "inventory_system",
        "AFTER UPDATE ON {table} FOR EACH ROW",
        "validation_system_contributes()",
    ),
    function("validation_submission_contributes", SUBMISSION_CONTRIBUTES),
    trigger(
        "validation_contributes",
        "validation_submission",
        "AFTER INSERT ON {table} FOR EACH ROW",
        "validation_submission_contributes()",
    ),
    function("validation_signoff_opens", SIGN_OFF),
    trigger("validation_opens", "validation_signoff", "BEFORE INSERT ON {table} FOR EACH ROW", "validation_signoff_opens()"),
    append_only("validation_signoff", "signoff_append_only", "a signature is never changed"),
    append_only("validation_contribution", "contribution_append_only", "a contribution is never taken back"),
    frozen(
        "validation_submission",
        ("state", "closed_at", "valid_until"),
        "submission_frozen",
        "a submitted package is never changed",
    ),
    function("validation_submission_dated", SUBMISSION_DATED),
    trigger(
        "validation_dated",
        "validation_submission",
        "BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW",
        "validation_submission_dated()",
    ),
    frozen("validation_review", ("state", "opened_at", "closed_at"), "review_frozen", "a review keeps its terms"),
    frozen(
        "validation_finding",
        ("state", "response", "responded_by_id", "verified_by_id", "verification", "accepted_by_id", "accepted_until"),
        "finding_frozen",
        "a finding keeps what was raised",
    ),
    frozen(
        "validation_condition",
        ("state", "evidence", "claimed_by_id", "confirmed_by_id"),
        "condition_frozen",
        "a condition keeps what was promised",
    ),
    frozen(
        "validation_hold", ("state", "lifted_by_id", "lifted_at", "lift_reason"), "hold_frozen", "a hold keeps its reason"
    ),
]


class Migration(migrations.Migration):
    """Guards that hold whoever writes, through whatever door."""

    dependencies = [("validation", "0002_ledger"), ("inventory", "0001_initial"), ("database", "0001_clock")]
    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS]
