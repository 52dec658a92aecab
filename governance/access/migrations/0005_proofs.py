"""Keys of proofs, which only the owner reads, and the owner's functions that recompute a proof with them."""

from django.db import migrations

from governance.ledger.operations import Govern
from governance.ledger.triggers import function, owner_only, read_only, refuse

SECRETS = """
CREATE TABLE public.access_proofsecret (
    fingerprint text PRIMARY KEY,
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    CONSTRAINT proofsecret_is_named_by_its_digest CHECK (
        fingerprint = left(encode(sha256(convert_to('countersign proof key 1', 'UTF8') || key), 'hex'), 32))
);
"""
# RFC 2104 over SHA-256, whose blocks have 64 bytes; a longer key than a block would have to be hashed first.
HMAC = """
DECLARE
    inner_pad bytea := decode(repeat('36', 64), 'hex');
    outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
    IF octet_length(key) > 64 THEN
        key := sha256(key);
    END IF;
    FOR i IN 0 .. octet_length(key) - 1 LOOP
        inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);
        outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);
    END LOOP;
    RETURN sha256(outer_pad || sha256(inner_pad || message));
END """
# Digests are compared, not the proofs: how far two digests agree tells nothing of the proof.
PROVEN = """
DECLARE
    counted text := (SELECT k.fingerprint FROM public.access_proofkey k ORDER BY k.id DESC LIMIT 1);
    secret bytea;
BEGIN
    IF coalesce(proof, '') = '' OR coalesce(fingerprint, '') = '' THEN
        RETURN false;
    END IF;
    IF fingerprint IS DISTINCT FROM counted THEN
        RAISE EXCEPTION 'the key % of this proof is not the one that counts', fingerprint
            USING ERRCODE = '23514', CONSTRAINT = 'proof_key_in_force';
    END IF;
    SELECT s.key INTO STRICT secret FROM public.access_proofsecret s WHERE s.fingerprint = counted;
    RETURN sha256(convert_to(proof, 'UTF8'))
        = sha256(convert_to(encode(public.access_hmac(secret, message), 'hex'), 'UTF8'));
END """


class Migration(migrations.Migration):
    """The machinery of proofs."""

    dependencies = [("access", "0004_separation"), ("database", "0001_clock"), ("ledger", "0002_sealing")]
    operations = [
        migrations.RunSQL(SECRETS + owner_only("access_proofsecret"), "DROP TABLE public.access_proofsecret"),
        Govern("access_proofkey"),
        migrations.RunSQL(
            read_only("access_proofkey")
            + refuse(
                "access_proofkey",
                "access_kept",
                "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
                "which key counted is never rewritten",
                "proof_key_kept",
            ).sql(),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            function("access_hmac", HMAC, returns="bytea", arguments="key bytea, message bytea")
            + function(
                "access_proven", PROVEN, returns="boolean", arguments="fingerprint text, message bytea, proof text"
            ),
            migrations.RunSQL.noop,
        ),
    ]
