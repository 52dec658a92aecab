"""How the database comes to know the key of proofs (`governance.access.keys`), and whether it is this process's.

Whoever holds the runtime role's password may claim in SQL to be anybody, but does not have the key. It comes from the
environment (`PROOF_KEY`, or a derivation of its own from `SECRET_KEY`); `migrate`, as the owner, puts it into a table
no other role reads, and the owner's functions recompute each proof (HMAC-SHA-256, RFC 2104) when a transaction is
sealed. One key counts at a time, the one the last `migrate` ran with; the ledger keeps which counted from when, by
fingerprint. Older keys (`PROOF_KEY_FALLBACKS`) only verify.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, connections, transaction

from governance.access.keys import current
from governance.access.models import ProofKey
from governance.ledger.acting import explain
from governance.lifecycle import Conflict, Forbidden

READY = "SELECT to_regclass('public.access_proofsecret') IS NOT NULL"
KEPT = "SELECT EXISTS (SELECT FROM access_proofsecret WHERE fingerprint = %s)"
# COPY, because what a statement carries may be written into the server's log, and what is copied is not.
KEEP = "COPY access_proofsecret (fingerprint, key) FROM STDIN"
STANDING = """
SELECT (SELECT k.fingerprint FROM access_proofkey k ORDER BY k.id DESC LIMIT 1),
    has_any_column_privilege('public.access_proofsecret', 'SELECT, INSERT, UPDATE')
        OR has_table_privilege('public.access_proofkey', 'INSERT, UPDATE')
        OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
            AND p.proname IN ('access_hmac', 'access_proven') AND has_function_privilege(p.oid, 'EXECUTE'))
"""
_ACTING = {"actor_kind": "system", "actor_name": "system:migrate", "door": "command", "verb": "portal.migrate"}

explain(
    "proof_key_in_force",
    Conflict,
    "not_ready",
    "The portal runs with a key that its database does not count, so nothing can be signed and no password set through "
    "it. Its operators must run `migrate` with the same PROOF_KEY (or SECRET_KEY) and restart it.",
)
explain("password_unproven", Forbidden, "unproven", "A password is set through the portal, and nowhere else.")
explain("user_salt_kept", Conflict, "frozen", "What keys the digests of a person never changes.")


def faults() -> str:
    """What keeps this process from signing, or lets others sign like it; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        counted, open_to_all = cursor.fetchone()
    own = current().fingerprint
    found = []
    if counted is None:
        found.append("The database knows no key of proofs: run `manage.py migrate`.")
    elif counted != own:
        found.append(
            f"Nothing can be signed: this process makes proofs with the key {own}, the database counts {counted}. "
            "Run `manage.py migrate` with this PROOF_KEY (or SECRET_KEY), or start with the one `migrate` had."
        )
    if open_to_all:
        found.append("The runtime role can read or make the keys of proofs.")
    return " ".join(found)


def provision(*, using: str, **_: Any) -> None:
    """Have the database count proofs of this installation's key from now on. A receiver of post_migrate."""
    key = current()
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(READY)
        if cursor.fetchone() != (True,):
            return
        cursor.execute(KEPT, [key.fingerprint])
        if cursor.fetchone() == (False,):
            with cursor.copy(KEEP) as copy:
                copy.write_row((key.fingerprint, key.secret))
        newest = ProofKey.objects.using(using).order_by("-id").first()
        if newest is None or newest.fingerprint != key.fingerprint:
            cursor.execute("SELECT set_config('ledger.acting', %s, true)", [json.dumps(_ACTING)])
            cursor.execute(
                "INSERT INTO access_proofkey (fingerprint, since) VALUES (%s, portal_now())", [key.fingerprint]
            )
