"""Guardian's own tables stay empty: assignments are the only truth. Nobody is deleted, tokens never come back."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION access_refuse_grant() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'rights are given by assignments; nothing is written to %', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rights_come_from_assignments';
END $$;
CREATE TRIGGER access_refuse_grant BEFORE INSERT OR UPDATE ON guardian_userobjectpermission
    FOR EACH STATEMENT EXECUTE FUNCTION access_refuse_grant();
ALTER TABLE guardian_userobjectpermission ENABLE ALWAYS TRIGGER access_refuse_grant;
CREATE TRIGGER access_refuse_grant BEFORE INSERT OR UPDATE ON guardian_groupobjectpermission
    FOR EACH STATEMENT EXECUTE FUNCTION access_refuse_grant();
ALTER TABLE guardian_groupobjectpermission ENABLE ALWAYS TRIGGER access_refuse_grant;
CREATE TRIGGER access_refuse_grant BEFORE INSERT OR UPDATE ON access_user_user_permissions
    FOR EACH STATEMENT EXECUTE FUNCTION access_refuse_grant();
ALTER TABLE access_user_user_permissions ENABLE ALWAYS TRIGGER access_refuse_grant;
"""
UNREFUSE = """
DROP TRIGGER access_refuse_grant ON access_user_user_permissions;
DROP TRIGGER access_refuse_grant ON guardian_groupobjectpermission;
DROP TRIGGER access_refuse_grant ON guardian_userobjectpermission;
DROP FUNCTION access_refuse_grant();
"""

TOKENS = """
CREATE FUNCTION access_token_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (OLD.id, OLD.digest, OLD.token_key, OLD.user_id, OLD.minted_by_id, OLD.scopes, OLD.created)
        IS DISTINCT FROM (NEW.id, NEW.digest, NEW.token_key, NEW.user_id, NEW.minted_by_id, NEW.scopes, NEW.created)
        OR NEW.expiry > OLD.expiry THEN
        RAISE EXCEPTION 'a token is not changed, only revoked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'token_is_not_changed';
    END IF;
    IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
        RAISE EXCEPTION 'a revoked token stays revoked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'token_stays_revoked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_token_guard BEFORE UPDATE ON access_token
    FOR EACH ROW EXECUTE FUNCTION access_token_guard();
ALTER TABLE access_token ENABLE ALWAYS TRIGGER access_token_guard;
"""

USABLE = """
CREATE VIEW access_usabletoken AS
SELECT t.id, t.digest, t.user_id, t.scopes
FROM access_token t
JOIN access_user machine ON machine.id = t.user_id
    AND machine.kind = 'machine' AND machine.is_active AND machine.closed_at IS NULL
JOIN access_user sponsor ON sponsor.id = machine.sponsor_id AND sponsor.is_active AND sponsor.closed_at IS NULL
JOIN access_user minter ON minter.id = t.minted_by_id AND minter.is_active AND minter.closed_at IS NULL
WHERE t.revoked_at IS NULL AND t.created <= portal_now() AND portal_now() < t.expiry
"""
UNTOKENS = "DROP TRIGGER access_token_guard ON access_token; DROP FUNCTION access_token_guard();"


class Migration(migrations.Migration):
    """Refusals that hold whoever writes, through whatever door."""

    dependencies = [
        ("access", "0001_initial"),
        ("database", "0001_clock"),
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
    ]
    operations = [migrations.RunSQL(REFUSE, UNREFUSE), migrations.RunSQL(TOKENS, UNTOKENS), migrations.RunSQL(USABLE, "DROP VIEW access_usabletoken")]
