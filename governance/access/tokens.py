"""The form of machines' tokens, and what SQL has to ask to accept one.

A token is `csn_`, 64 random hexadecimal digits and an 8-digit checksum. Only a digest keyed with the portal's own
key is kept, so a digest from the database is no token and a planted digest is none either.

For the gate, which asks everything in one statement (parameter: `digest_of(token)`, refuse None before asking):

- `access_usabletoken (id, digest, user_id, scopes)` has a row exactly while the token counts: not revoked, not
  expired, its machine, its sponsor and its minter open. No row for the digest: 401.
- `inventory_tokenreach (token_id, digest, user_id, scope, system_id)` has a row for each system such a token reaches
  with each of its scopes, by name or through a unit above it. No row for the system: 404, as for an unknown one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field

from django.conf import settings
from knox.crypto import hash_token

PREFIX = "csn_"
KEY_LENGTH = 15  # what people see of a token: the prefix and eleven digits
_FORM = re.compile(r"csn_([0-9a-f]{64})([0-9a-f]{8})")

USABLE = "SELECT id, user_id FROM access_usabletoken WHERE digest = %(token_digest)s"
REACHED = "SELECT system_id FROM inventory_tokenreach WHERE digest = %(token_digest)s AND scope = %(token_scope)s"


@dataclass(frozen=True, slots=True)
class FreshToken:
    """A token that was just made; the only time its text exists here."""

    text: str = field(repr=False)

    @property
    def key(self) -> str:
        """The part people may see."""
        return self.text[:KEY_LENGTH]

    @property
    def digest(self) -> str:
        """The part that is kept."""
        return str(hash_token(self.text))


def keyed() -> hmac.HMAC:
    """The hash knox digests tokens with."""
    key = settings.TOKEN_KEY or settings.SECRET_KEY
    return hmac.new(f"governance.access.token:{key}".encode(), digestmod=hashlib.sha512)


def fresh_token() -> FreshToken:
    """A new random token."""
    digits = secrets.token_hex(32)
    return FreshToken(f"{PREFIX}{digits}{_checksum(digits)}")


def digest_of(text: str) -> str | None:
    """The digest to look a token up by; None for what cannot be one of ours."""
    form = _FORM.fullmatch(text)
    if form is None or _checksum(form[1]) != form[2]:
        return None
    return str(hash_token(text))


def _checksum(digits: str) -> str:
    return f"{zlib.crc32(digits.encode()):08x}"
