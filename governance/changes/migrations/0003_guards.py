"""What the database refuses by itself about changes, whoever writes and through whatever door.

At once: which columns may change in which state, and that people move a change in nobody else's name. When the
transaction is sealed: who decided and verified had no hand in it and was entitled to, the materiality is what the
policy in force computes, and a material change is carried out by a release that was reviewed for it.
"""

from django.db import migrations

from governance.ledger.operations import SealCheck
from governance.ledger.triggers import Trigger, function

ACTING = "nullif(current_setting('ledger.acting', true), '')::jsonb"
PRESENT = "(portal_now() + (clock_timestamp() - statement_timestamp()))"


def trigger(name: str, table: str, when: str, execute: str) -> str:
    """Statements for an always enabled trigger."""
    return Trigger(name, table, when, execute).sql()


def refuse(constraint: str, message: str) -> str:
    """A statement that ends the transaction under a constraint's name."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = '23514', CONSTRAINT = '{constraint}';"


def array(names: tuple[str, ...]) -> str:
    """Words as an array."""
    return "ARRAY[{}]::text[]".format(", ".join(f"'{name}'" for name in names))


# --- which columns may change, from which state to which -------------------------------------------------------

CONTENT = (
    "kind", "title", "what", "why", "components", "rollback_plan", "test_plan", "communication", "planned_from",
    "planned_until", "answers", "emergency", "target_release_id", "rollback_release_id",
)  # fmt: skip
ASSESSMENT = ("pack_id", "tier", "computed", "rule", "explanation")
OVERRIDE = ("materiality", "overridden_by_id", "override_reason")
RATIFICATION = ("ratification", "ratified_at", "ratified_by_id", "ratification_reason")
DONE = ("implemented_at", "implemented_by_id", "verify_due")
OPEN_COLUMNS = {
    ("draft", "draft"): (*CONTENT, *ASSESSMENT, *OVERRIDE),
    ("draft", "in_approval"): (*ASSESSMENT, *OVERRIDE, "submitted_at", "decision"),
    ("draft", "implemented"): (*ASSESSMENT, *OVERRIDE, *DONE, "ratification", "ratify_due"),
    ("draft", "withdrawn"): (),
    ("in_approval", "in_approval"): ("target_release_id", *OVERRIDE),
    ("in_approval", "approved"): ("decided_at", "decided_by_id", "decision"),
    ("in_approval", "rejected"): ("decided_at", "decided_by_id", "decision"),
    ("in_approval", "draft"): ("submitted_at", "decision"),
    ("in_approval", "withdrawn"): (),
    ("approved", "approved"): ("target_release_id", "test_results"),
    ("approved", "implemented"): DONE,
    ("implemented", "implemented"): ("test_results", *RATIFICATION),
    ("implemented", "closed"): ("verified_at", "verified_by_id", "verification"),
    ("implemented", "rolled_back"): ("rolled_back_at", "rolled_back_by_id", "rollback_reason", "rollback_release_id"),
    ("rolled_back", "rolled_back"): RATIFICATION,
}
CASES = "\n".join(
    f"        WHEN OLD.state = '{source}' AND NEW.state = '{target}' THEN {array(columns)}"
    for (source, target), columns in OPEN_COLUMNS.items()
)
CHANGE = f"""
DECLARE
    acting jsonb := {ACTING};
    actor bigint := (acting->>'actor_id')::bigint;
    open_columns text[] := CASE
{CASES}
    END || ARRAY['state', 'updated_at']::text[];
    human boolean := coalesce(acting->>'actor_kind' = 'human' AND acting->>'token_id' IS NULL, false);
BEGIN
    IF open_columns IS NULL OR (to_jsonb(NEW) - open_columns) IS DISTINCT FROM (to_jsonb(OLD) - open_columns) THEN
        {refuse("change_frozen", "this is not written in this state of a change")}
    END IF;
    IF OLD.ratification <> NEW.ratification AND NOT (
        (OLD.state = 'draft' AND NEW.state = 'implemented' AND NEW.ratification = 'due')
        OR (OLD.ratification = 'due' AND NEW.ratification IN ('ratified', 'refused'))) THEN
        {refuse("change_frozen", "a ratification is due once and answered once")}
    END IF;
    IF OLD.state = 'draft' AND NEW.state = 'implemented' AND NEW.ratification <> 'due' THEN
        {refuse("change_frozen", "what was not approved before is ratified afterwards")}
    END IF;
    IF (NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id AND NOT (human AND NEW.decided_by_id = actor))
        OR (NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id AND NOT (human AND NEW.verified_by_id = actor))
        OR (NEW.ratified_by_id IS DISTINCT FROM OLD.ratified_by_id AND NOT (human AND NEW.ratified_by_id = actor))
        OR (NEW.overridden_by_id IS NOT NULL AND NEW.overridden_by_id IS DISTINCT FROM OLD.overridden_by_id
            AND NOT (human AND NEW.overridden_by_id = actor))
        OR (NEW.implemented_by_id IS DISTINCT FROM OLD.implemented_by_id AND NEW.implemented_by_id IS DISTINCT FROM actor)
        OR (NEW.rolled_back_by_id IS DISTINCT FROM OLD.rolled_back_by_id
            AND NEW.rolled_back_by_id IS DISTINCT FROM actor) THEN
        {refuse("change_in_person", "a change is moved by whoever acts")}
    END IF;
    RETURN NEW;
END """
CREATED = f"""
DECLARE
    acting jsonb := {ACTING};
BEGIN
    IF NEW.requester_id IS DISTINCT FROM (acting->>'actor_id')::bigint THEN
        {refuse("change_in_person", "a change is asked for by whoever acts")}
    END IF;
    IF NEW.decided_by_id IS NOT NULL OR NEW.implemented_by_id IS NOT NULL OR NEW.verified_by_id IS NOT NULL
        OR NEW.ratified_by_id IS NOT NULL OR NEW.overridden_by_id IS NOT NULL OR NEW.ratification <> 'none'
        OR NEW.materiality <> NEW.computed THEN
        {refuse("change_frozen", "a request begins undecided")}
    END IF;
    RETURN NEW;
END """

# --- who has a hand in a change --------------------------------------------------------------------------------

# A machine contributes for its sponsor and for whoever minted its token.
CONTRIBUTE = f"""
DECLARE
    acting jsonb := {ACTING};
BEGIN
    INSERT INTO public.changes_contribution (change_id, person_id, kind, at)
    SELECT of_change, p.id, of_kind, public.portal_now()
    FROM (VALUES (CASE WHEN acting->>'actor_kind' = 'human' THEN (acting->>'actor_id')::bigint END),
        ((acting->>'sponsor_id')::bigint), ((acting->>'minter_id')::bigint)) AS p (id)
    WHERE p.id IS NOT NULL
    ON CONFLICT DO NOTHING;
END """
CONTRIBUTES = f"""
BEGIN
    IF TG_OP = 'INSERT' OR EXISTS (SELECT FROM unnest({array(CONTENT)}) AS c (name)
                                   WHERE NEW.state <> 'rolled_back'
                                     AND to_jsonb(NEW)->c.name IS DISTINCT FROM to_jsonb(OLD)->c.name) THEN
        PERFORM public.changes_contribute(NEW.id, 'request');
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.implemented_by_id IS DISTINCT FROM OLD.implemented_by_id
        OR NEW.test_results <> OLD.test_results) THEN
        PERFORM public.changes_contribute(NEW.id, 'implementation');
    END IF;
    RETURN NULL;
END """
APPEND_ONLY = f"""
BEGIN
    {refuse("change_contribution_append_only", "a contribution is never taken back")}
END """

# The share lock waits for a submission that is just being made, and sees the state it leaves.
ASSET = f"""
DECLARE
    stage text;
BEGIN
    SELECT c.state INTO stage FROM public.changes_change c WHERE c.id = coalesce(NEW.change_id, OLD.change_id) FOR SHARE;
    IF stage IS DISTINCT FROM 'draft' OR TG_OP = 'UPDATE' THEN
        {refuse("change_frozen", "what a change is about is chosen in draft")}
    END IF;
    PERFORM public.changes_contribute(coalesce(NEW.change_id, OLD.change_id), 'request');
    RETURN coalesce(NEW, OLD);
END """
OPINION = f"""
DECLARE
    acting jsonb := {ACTING};
BEGIN
    IF TG_OP <> 'INSERT' THEN
        {refuse("opinion_append_only", "what somebody said is never changed; they say something else")}
    END IF;
    IF NEW.person_id IS DISTINCT FROM (acting->>'actor_id')::bigint OR acting->>'actor_kind' IS DISTINCT FROM 'human'
        OR acting->>'token_id' IS NOT NULL THEN
        {refuse("change_in_person", "an opinion is given by whoever acts")}
    END IF;
    RETURN NEW;
END """

STATEMENTS = [
    function("changes_asset_guarded", ASSET),
    function("changes_opinion_guarded", OPINION),
    function("changes_change_guarded", CHANGE),
    trigger("changes_guarded", "changes_change", "BEFORE UPDATE ON {table} FOR EACH ROW", "changes_change_guarded"),
    function("changes_change_created", CREATED),
    trigger("changes_created", "changes_change", "BEFORE INSERT ON {table} FOR EACH ROW", "changes_change_created"),
    function("changes_contribute", CONTRIBUTE, returns="void", arguments="of_change bigint, of_kind text"),
    function("changes_change_contributes", CONTRIBUTES),
    trigger(
        "changes_contributes", "changes_change", "AFTER INSERT OR UPDATE ON {table} FOR EACH ROW",
        "changes_change_contributes",
    ),
    function("changes_contribution_append_only", APPEND_ONLY),
    trigger(
        "changes_append_only", "changes_contribution", "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
        "changes_contribution_append_only",
    ),
    trigger(
        "changes_guarded", "changes_affectedasset", "BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW",
        "changes_asset_guarded",
    ),
    trigger(
        "changes_guarded", "changes_opinion", "BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW",
        "changes_opinion_guarded",
    ),
]  # fmt: skip

# --- when the transaction is sealed ----------------------------------------------------------------------------

TOUCHED = """
        SELECT FROM touched t
        JOIN changes_change c ON t.table_name = 'changes_change' AND c.id = t.key::bigint
        JOIN inventory_system y ON y.id = c.system_id
"""


def moved(column: str) -> str:
    """Whether this column was written."""
    return f"(t.after->>'{column}') IS DISTINCT FROM (t.before->>'{column}')"


def without_right(person: str, right: str) -> str:
    """Whether a person lacks a right on system `y`."""
    return f"""NOT EXISTS (
            SELECT FROM inventory_systemuserobjectpermission g JOIN auth_permission p ON p.id = g.permission_id
            WHERE g.user_id = {person} AND g.content_object_id = y.id AND p.codename = '{right}')"""


def has_hand(person: str) -> str:
    """Whether a person asked for change `c`, wrote part of it or of its release, or builds its system."""
    return f"""(EXISTS (SELECT FROM changes_contribution h WHERE h.change_id = c.id AND h.person_id = {person})
            OR EXISTS (SELECT FROM validation_contribution h
                       WHERE h.release_id = c.target_release_id AND h.person_id = {person})
            OR EXISTS (SELECT FROM inventory_assignment a
                WHERE a.person_id = {person} AND a.role IN ('owner', 'deputy_owner', 'developer')
                  AND a.since <= {PRESENT} AND (a.until IS NULL OR (a.until > c.created_at AND a.until > a.since))
                  AND (a.system_id = y.id OR EXISTS (SELECT FROM inventory_unitclosure u
                       WHERE u.ancestor_id = a.unit_id AND u.descendant_id = y.unit_id))))"""


RANK = "array_position(ARRAY['none', 'minor', 'material'], {}::text)"
LOWERED = f"(c.overridden_by_id IS NOT NULL AND {RANK.format('c.materiality')} <= {RANK.format('c.computed')})"
DECIDED = " OR ".join(
    f"(c.{column} IS NOT NULL AND {moved(column)} AND {extra}({has_hand(f'c.{column}')}"
    f" OR {without_right(f'c.{column}', 'change.approve')}))"
    for column, extra in (
        ("decided_by_id", ""),
        ("ratified_by_id", ""),
        ("overridden_by_id", f"{LOWERED} AND "),
    )
)
DEPENDENT = f"""{TOUCHED}
        WHERE {DECIDED}
           OR (c.state = 'approved' AND {moved("state")} AND {LOWERED} AND c.overridden_by_id = c.decided_by_id)"""
VERIFIED = f"""{TOUCHED}
        WHERE {moved("verified_by_id")} AND c.verified_by_id IS NOT NULL
          AND (EXISTS (SELECT FROM changes_contribution h WHERE h.change_id = c.id AND h.person_id = c.verified_by_id)
               OR {without_right("c.verified_by_id", "change.verify")})"""
COMPUTED = """(SELECT max(array_position(ARRAY['none', 'minor', 'material'], found.word)) FROM (
            SELECT k->>'materiality' AS word FROM jsonb_array_elements(rules.section->'kinds') k WHERE k->>'id' = c.kind
            UNION ALL
            SELECT r->>'at_least' FROM jsonb_array_elements(coalesce(rules.section->'rules', '[]')) r
            WHERE (coalesce(r->'kinds', '[]') = '[]' OR r->'kinds' ? c.kind)
              AND (coalesce(r->'tiers', '[]') = '[]' OR c.tier = '' OR r->'tiers' ? c.tier)
              AND NOT EXISTS (SELECT FROM jsonb_each(coalesce(r->'when', '{}')) AS w (question, wanted)
                              WHERE NOT coalesce(w.wanted ? (c.answers->>w.question), false))
            ) AS found)"""
IN_FORCE = f"""(SELECT k.id FROM policy_pack k WHERE k.state = 'adopted' AND k.effective_from <= {PRESENT}
             ORDER BY k.effective_from DESC, k.id DESC LIMIT 1)"""
MISJUDGED = f"""{TOUCHED}
        JOIN LATERAL (SELECT k.document->'changes' AS section FROM policy_pack k WHERE k.id = c.pack_id) rules ON true
        WHERE {RANK.format("c.computed")} IS DISTINCT FROM {COMPUTED}
           OR ((t.op = 'I' OR ((t.before->>'state') = 'draft' AND c.state <> 'draft' AND c.state <> 'withdrawn'))
               AND (c.pack_id IS DISTINCT FROM {IN_FORCE} OR c.tier <> y.tier))"""
UNREVIEWED = f"""{TOUCHED}
        LEFT JOIN inventory_release r ON r.id = c.target_release_id
        WHERE c.state = 'implemented' AND {moved("state")} AND c.ratification = 'none'
          AND ((r.id IS NOT NULL AND r.state <> 'approved')
               OR (c.materiality = 'material' AND NOT EXISTS (
                    SELECT FROM validation_submission s
                    WHERE s.release_id = r.id AND s.state = 'approved' AND s.submitted_at > c.created_at)))"""
STRANGE = f"""{TOUCHED}
        WHERE EXISTS (SELECT FROM inventory_release r
                      WHERE r.id IN (c.target_release_id, c.rollback_release_id) AND r.system_id <> c.system_id)"""

STRANGER = f"""
        SELECT FROM touched t
        JOIN changes_opinion o ON t.table_name = 'changes_opinion' AND o.id = t.key::bigint
        JOIN inventory_system y ON y.id = o.system_id
        WHERE {without_right("o.person_id", "change.answer")}"""


class Migration(migrations.Migration):
    """Guards and checks of the seal."""

    dependencies = [
        ("changes", "0002_ledger"),
        ("inventory", "0002_units_and_standing"),
        ("validation", "0001_initial"),
        ("policy", "0001_initial"),
        ("database", "0001_clock"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
        SealCheck(
            "change_decided_independently",
            tables=("changes_change",),
            violation=DEPENDENT,
            message="a change is decided by somebody who had a hand in it, or is not entitled to",
        ),
        SealCheck(
            "change_verified_independently",
            tables=("changes_change",),
            violation=VERIFIED,
            message="a change is verified by somebody who had a hand in it, or is not entitled to",
        ),
        SealCheck(
            "change_assessed_by_the_pack",
            tables=("changes_change",),
            violation=MISJUDGED,
            message="a change comes to something else by the policy in force",
        ),
        SealCheck(
            "change_release_reviewed",
            tables=("changes_change",),
            violation=UNREVIEWED,
            message="a change is carried out by a release that was not reviewed for it",
        ),
        SealCheck(
            "opinion_of_an_owner",
            tables=("changes_opinion",),
            violation=STRANGER,
            message="somebody speaks for a system that is not theirs",
        ),
        SealCheck(
            "change_of_one_system",
            tables=("changes_change",),
            violation=STRANGE,
            message="a change names a release of another system",
        ),
    ]
