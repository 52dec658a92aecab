"""Proofs that only the portal's own processes can make: a keyed digest of what a signed-in person decided.

Whoever holds the runtime role's password may claim in SQL to be anybody, but does not have the key. It comes from the
environment (`PROOF_KEY`, or a derivation of its own from `SECRET_KEY`); `migrate`, as the owner, puts it into a table
no other role reads, and the owner's functions recompute each proof (HMAC-SHA-256, RFC 2104) when a transaction is
sealed. One key counts at a time, the one the last `migrate` ran with; the ledger keeps which counted from when, by
fingerprint. Older keys (`PROOF_KEY_FALLBACKS`) only verify.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction

from governance.access.models import ProofKey
from governance.ledger.acting import explain
from governance.lifecycle import Conflict

PURPOSE = b"governance.access.proof"
FINGERPRINT_TAG = b"countersign proof key 1"
FINGERPRINT_LENGTH = 32

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
    "The portal runs with a key that its database does not count, so nothing can be signed through it. Its operators "
    "must run `migrate` with the same PROOF_KEY (or SECRET_KEY) and restart it.",
)


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of this installation, and the name by which it may be spoken of."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Key:
        """The key derived from a value of the environment."""
        return cls(hmac.digest(PURPOSE, text.encode(), "sha256"))

    @property
    def fingerprint(self) -> str:
        """A digest of the key; says which it is and nothing of what it is."""
        return hashlib.sha256(FINGERPRINT_TAG + self.secret).hexdigest()[:FINGERPRINT_LENGTH]

    def prove(self, message: bytes) -> str:
        """The proof over a message, as hexadecimal digits."""
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()


def current() -> Key:
    """The key this process makes proofs with."""
    return Key.of(settings.PROOF_KEY or settings.SECRET_KEY)


def known() -> dict[str, Key]:
    """Every key this process can verify with, by fingerprint."""
    older = [*settings.PROOF_KEY_FALLBACKS, *getattr(settings, "SECRET_KEY_FALLBACKS", ()), settings.SECRET_KEY]
    return {key.fingerprint: key for key in (*map(Key.of, filter(None, older)), current())}


def message(tag: str, fields: Iterable[bytes]) -> bytes:
    """The bytes a proof is made over: a tag, then each field behind its length."""
    return tag.encode() + b"".join(len(part).to_bytes(4, "big") + part for part in fields)


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
