"""What the proof of a sign-off is made over, and whether the proofs on record are genuine.

The message covers everything the signature says: review, person, decision, comment, digest, meaning, conditions and
the exact time; what the portal checks of a condition, where it does; and under which delegation, where there is one:
last parts that no other message has. A proof therefore fits one row only, and a condition added or changed later breaks
it. The words of the SQL below are what the seal computes (migration 0009); another form of the message needs another
tag.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from governance.access import keys
from governance.ledger.differences import Difference
from governance.validation.models import Condition, SignOff

TAG = "countersign sign-off 1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEYS = ("review_id", "submission_id", "person_id")
TEXTS = (
    "decision", "comment", "digest", "pack_digest", "meaning", "printed_name", "role", "authenticated_by",
)  # fmt: skip

CHECK = ("check_kind", "check_of", "check_slice", "check_value")


def _text(expression: str) -> str:
    """SQL: one length-prefixed text."""
    return _part(f"convert_to(({expression})::text, 'UTF8')")


def _part(expression: str) -> str:
    """SQL: one length-prefixed field."""
    return f"int4send(octet_length({expression})) || {expression}"


def _instant(expression: str) -> str:
    """SQL: microseconds since 1970."""
    return _text(f"(extract(epoch FROM {expression}) * 1000000)::bigint")


NOTHING = "convert_to('', 'UTF8')"
ENVIRONMENTS = f"""coalesce((SELECT string_agg({_text("e.name")}, {NOTHING} ORDER BY e.n)
                FROM jsonb_array_elements_text(c.environments) WITH ORDINALITY e (name, n)), {NOTHING})"""  # noqa: S608  composed of our own text
CHECKED = f"""CASE WHEN c.check_kind = '' THEN {NOTHING}
                    ELSE {" || ".join(_text(f"c.{name}") for name in CHECK)} END"""
CONDITIONS = f"""(SELECT sha256(coalesce(string_agg(d.digest, {NOTHING} ORDER BY d.digest), {NOTHING}))
            FROM (SELECT sha256({_text("c.text")} || {_text("c.owner_id")} || {_instant("c.due")} || {_part("c.named")}
                    || {CHECKED}) AS digest
                FROM (SELECT c.*, {ENVIRONMENTS} AS named FROM public.validation_condition c
                    WHERE c.sign_off_id = s.id) c) d)"""  # noqa: S608  the same
MESSAGE = " || ".join(
    [
        f"convert_to('{TAG}', 'UTF8')",
        *(_text(f"s.{name}") for name in (*KEYS, *TEXTS)),
        _instant("s.signed_at"),
        f"int4send(32) || {CONDITIONS}",
        f"coalesce({_text('s.delegation_id')}, {NOTHING})",
    ]
)
ON_RECORD = f"""
SELECT s.id::text, s.proof_key, s.proof, {MESSAGE}, l.block_id,
    EXISTS (SELECT FROM public.access_proofkey k WHERE k.fingerprint = s.proof_key AND k.since <= s.signed_at)
FROM public.validation_signoff s
LEFT JOIN (SELECT e.key, min(e.id) AS id FROM public.ledger_event e
    WHERE e.table_name = 'validation_signoff' AND e.op = 'I' GROUP BY e.key) e ON e.key = s.id::text
LEFT JOIN public.ledger_link l ON l.event_id = e.id
ORDER BY s.id
"""  # noqa: S608  composed of our own text


def message(sign_off: SignOff, conditions: Sequence[Condition]) -> bytes:
    """The bytes the proof of this signature with these conditions is made over."""
    digests = sorted(hashlib.sha256(_condition(condition)).digest() for condition in conditions)
    values = [str(getattr(sign_off, name)).encode() for name in (*KEYS, *TEXTS)]
    lent = [] if sign_off.delegation_id is None else [str(sign_off.delegation_id).encode()]
    conditions_digest = hashlib.sha256(b"".join(digests)).digest()
    return keys.message(TAG, [*values, _microseconds(sign_off.signed_at), conditions_digest, *lent])


def prove(sign_off: SignOff, conditions: Sequence[Condition]) -> None:
    """Put this process's proof on an unsaved signature; call it once the person has proven presence."""
    key = keys.current()
    sign_off.proof_key = key.fingerprint
    sign_off.proof = key.prove(message(sign_off, conditions))


def unproven(connection: psycopg.Connection[Any]) -> Iterator[Difference]:
    """Signatures on record whose proof is not genuine, or was made with a key that did not count then.

    Only a process that has the key can recompute a proof: one made with another is noted by `unverifiable`.
    """
    known = keys.known()
    for row, fingerprint, proof, text, block, counted in connection.execute(ON_RECORD):
        if not counted:
            yield Difference(block, "validation_signoff", row, "proof_key", "a key that counted then", fingerprint)
        key = known.get(fingerprint)
        if key is not None and not hmac.compare_digest(key.prove(bytes(text)).encode(), proof.encode()):
            yield Difference(block, "validation_signoff", row, "proof", "a proof of this signature", proof)


def unverifiable(connection: psycopg.Connection[Any]) -> Iterable[str]:
    """What this process could not recompute for want of the key, in one sentence for each key."""
    known = keys.known()
    found = connection.execute("SELECT proof_key, count(*) FROM public.validation_signoff GROUP BY 1 ORDER BY 1")
    for fingerprint, number in found:
        if fingerprint not in known:
            yield (
                f"The proofs of {number} sign-offs were made with the key {fingerprint}, which this process does not "
                "have: name its value in PROOF_KEY_FALLBACKS to verify them."
            )


def _condition(condition: Condition) -> bytes:
    named = b"".join(_prefixed(name.encode()) for name in condition.environments)
    fields = (condition.text.encode(), str(condition.owner_id).encode(), _microseconds(condition.due), named)
    checked = [str(getattr(condition, name)).encode() for name in CHECK] if condition.check_kind else []
    return b"".join(map(_prefixed, [*fields, *checked]))


def _prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _microseconds(instant: datetime) -> bytes:
    return str((instant - EPOCH) // timedelta(microseconds=1)).encode()
