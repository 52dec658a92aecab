"""Proofs that only the portal's own processes can make: keyed digests of what a signed-in person decided.

The key comes from the environment and is nowhere in the code, the ledger or a log; `governance.access.proofs` hands it
to the database, whose owner alone recomputes a proof.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings

PURPOSE = b"governance.access.proof"
FINGERPRINT_TAG = b"countersign proof key 1"
FINGERPRINT_LENGTH = 32


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
