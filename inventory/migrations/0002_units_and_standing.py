"""The tree of units spread out by trigger, and the views that rights are read from."""

from django.db import migrations

CLOSURE = """
CREATE FUNCTION inventory_unit_closure() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- One change of the tree at a time: two moves that are each harmless may close a ring together.
    PERFORM pg_advisory_xact_lock(hashtextextended('inventory_unit', 0));
    IF TG_OP = 'UPDATE' THEN
        IF NEW.id <> OLD.id THEN
            RAISE EXCEPTION 'a unit keeps its key'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_keeps_its_key';
        END IF;
        IF NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id THEN
            RETURN NULL;
        END IF;
        IF EXISTS (SELECT FROM inventory_unitclosure
                   WHERE ancestor_id = NEW.id AND descendant_id = NEW.parent_id) THEN
            RAISE EXCEPTION 'a unit cannot stand below itself'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_not_below_itself';
        END IF;
        DELETE FROM inventory_unitclosure c
            USING inventory_unitclosure below, inventory_unitclosure above
            WHERE below.ancestor_id = NEW.id AND above.descendant_id = NEW.id AND above.ancestor_id <> NEW.id
              AND c.descendant_id = below.descendant_id AND c.ancestor_id = above.ancestor_id;
        INSERT INTO inventory_unitclosure (ancestor_id, descendant_id)
            SELECT above.ancestor_id, below.descendant_id
            FROM inventory_unitclosure above, inventory_unitclosure below
            WHERE above.descendant_id = NEW.parent_id AND below.ancestor_id = NEW.id;
        RETURN NULL;
    END IF;
    INSERT INTO inventory_unitclosure (ancestor_id, descendant_id)
        SELECT NEW.id, NEW.id
        UNION ALL
        SELECT ancestor_id, NEW.id FROM inventory_unitclosure WHERE descendant_id = NEW.parent_id;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_unit_closure AFTER INSERT OR UPDATE ON inventory_unit
    FOR EACH ROW EXECUTE FUNCTION inventory_unit_closure();
ALTER TABLE inventory_unit ENABLE ALWAYS TRIGGER inventory_unit_closure;

CREATE FUNCTION inventory_unitclosure_guard() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the spread of the unit tree is kept by the portal itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unitclosure_is_derived';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_unitclosure_guard BEFORE INSERT OR UPDATE OR DELETE ON inventory_unitclosure
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_unitclosure_guard();
ALTER TABLE inventory_unitclosure ENABLE ALWAYS TRIGGER inventory_unitclosure_guard;
"""
UNCLOSURE = """
DROP TRIGGER inventory_unitclosure_guard ON inventory_unitclosure;
DROP FUNCTION inventory_unitclosure_guard();
DROP TRIGGER inventory_unit_closure ON inventory_unit;
DROP FUNCTION inventory_unit_closure();
"""

# A role is held while its assignment runs, [since, until), by an open account of a person.
STANDING = """
CREATE VIEW inventory_standing AS
SELECT a.id || ':s' AS id, a.id AS assignment_id, a.person_id, a.role, a.system_id, NULL::bigint AS unit_id
FROM inventory_assignment a
JOIN access_user u ON u.id = a.person_id AND u.is_active AND u.closed_at IS NULL AND u.kind = 'human'
WHERE a.system_id IS NOT NULL AND a.since <= portal_now() AND (a.until IS NULL OR portal_now() < a.until)
UNION ALL
SELECT a.id || ':' || c.descendant_id, a.id, a.person_id, a.role, NULL::bigint, c.descendant_id
FROM inventory_assignment a
JOIN access_user u ON u.id = a.person_id AND u.is_active AND u.closed_at IS NULL AND u.kind = 'human'
JOIN inventory_unitclosure c ON c.ancestor_id = a.unit_id
WHERE a.unit_id IS NOT NULL AND a.since <= portal_now() AND (a.until IS NULL OR portal_now() < a.until)
"""

# Whoever builds a system (owner, deputy, developer; here or above) is recused from reviewing it: the reviewing
# role is inert there, wherever it comes from.
GRANTS = """
CREATE VIEW inventory_systemuserobjectpermission AS
SELECT s.id || ':' || r.permission_id || ':' || y.id AS id,
       s.person_id AS user_id, r.permission_id, y.id AS content_object_id
FROM inventory_standing s
JOIN access_rolepermission r ON r.role = s.role
JOIN inventory_system y ON y.id = s.system_id
WHERE NOT (s.role IN ('validator', 'auditor', 'approver') AND EXISTS (
    SELECT FROM inventory_standing b
    WHERE b.person_id = s.person_id AND b.role IN ('owner', 'deputy_owner', 'developer')
      AND (b.system_id = y.id OR b.unit_id = y.unit_id)))
UNION ALL
SELECT s.id || ':' || r.permission_id || ':' || y.id, s.person_id, r.permission_id, y.id
FROM inventory_standing s
JOIN access_rolepermission r ON r.role = s.role
JOIN inventory_system y ON y.unit_id = s.unit_id
WHERE NOT (s.role IN ('validator', 'auditor', 'approver') AND EXISTS (
    SELECT FROM inventory_standing b
    WHERE b.person_id = s.person_id AND b.role IN ('owner', 'deputy_owner', 'developer')
      AND (b.system_id = y.id OR b.unit_id = y.unit_id)))
"""

GROUP_GRANTS = """
CREATE VIEW inventory_systemgroupobjectpermission AS
SELECT g.id || ':' || y.id AS id, g.group_id, g.permission_id, y.id AS content_object_id
FROM auth_group_permissions g CROSS JOIN inventory_system y
"""

TOKEN_REACH = """
CREATE VIEW inventory_tokenreach AS
SELECT l.id || ':' || c.scope || ':' || y.id AS id, t.id AS token_id, t.digest, t.user_id, c.scope, y.id AS system_id
FROM access_usabletoken t
CROSS JOIN LATERAL unnest(t.scopes) AS c (scope)
JOIN inventory_tokenlimit l ON l.token_id = t.id
JOIN inventory_system y ON y.id = l.system_id
UNION ALL
SELECT l.id || ':' || c.scope || ':' || y.id, t.id, t.digest, t.user_id, c.scope, y.id
FROM access_usabletoken t
CROSS JOIN LATERAL unnest(t.scopes) AS c (scope)
JOIN inventory_tokenlimit l ON l.token_id = t.id
JOIN inventory_unitclosure n ON n.ancestor_id = l.unit_id
JOIN inventory_system y ON y.unit_id = n.descendant_id
"""

# What an assignment says never changes afterwards; only its end comes, and never in the past.
ASSIGNMENT = """
CREATE FUNCTION inventory_assignment_guard() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- The portal's time when this transaction began: one instant may serve several statements of it.
    earliest timestamptz := portal_now() - (statement_timestamp() - transaction_timestamp());
BEGIN
    IF (OLD.id, OLD.person_id, OLD.role, OLD.system_id, OLD.unit_id, OLD.since, OLD.assigned_by_id)
        IS DISTINCT FROM
       (NEW.id, NEW.person_id, NEW.role, NEW.system_id, NEW.unit_id, NEW.since, NEW.assigned_by_id) THEN
        RAISE EXCEPTION 'an assignment is ended and given anew, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_is_not_changed';
    END IF;
    IF NEW.until IS DISTINCT FROM OLD.until AND (
        OLD.until < earliest OR NEW.until IS NULL OR NEW.until < earliest OR NEW.until > OLD.until) THEN
        RAISE EXCEPTION 'an assignment ends now or later, and once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_not_backdated';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_assignment_guard BEFORE UPDATE ON inventory_assignment
    FOR EACH ROW EXECUTE FUNCTION inventory_assignment_guard();
ALTER TABLE inventory_assignment ENABLE ALWAYS TRIGGER inventory_assignment_guard;
"""
UNASSIGNMENT = """
DROP TRIGGER inventory_assignment_guard ON inventory_assignment;
DROP FUNCTION inventory_assignment_guard();
"""


class Migration(migrations.Migration):
    """Rights are computed by the database from assignments, so that no door can see another answer."""

    dependencies = [
        ("inventory", "0001_initial"),
        ("access", "0002_guards"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("database", "0001_clock"),
    ]
    operations = [
        migrations.RunSQL(CLOSURE, UNCLOSURE),
        migrations.RunSQL(STANDING, "DROP VIEW inventory_standing"),
        migrations.RunSQL(GRANTS, "DROP VIEW inventory_systemuserobjectpermission"),
        migrations.RunSQL(GROUP_GRANTS, "DROP VIEW inventory_systemgroupobjectpermission"),
        migrations.RunSQL(TOKEN_REACH, "DROP VIEW inventory_tokenreach"),
        migrations.RunSQL(ASSIGNMENT, UNASSIGNMENT),
    ]
