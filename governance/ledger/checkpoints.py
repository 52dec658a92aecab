"""Checkpoints: height, hash and time of the head, signed, to be kept where nobody with the database can write."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass

from django.core.signing import BadSignature, Signer
from django.db import connection

from governance.ledger.differences import Unverifiable

SALT = "countersign.ledger.checkpoint"
NEWEST = """
SELECT height, encode(hash, 'hex'), (at AT TIME ZONE 'UTC')::text || '+00' FROM ledger_block
ORDER BY height DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One block as it was when the checkpoint was made."""

    height: int
    hash: str
    at: str

    def signed(self) -> str:
        """The checkpoint as one line of text."""
        body = base64.urlsafe_b64encode(json.dumps(asdict(self), sort_keys=True).encode()).decode()
        return Signer(salt=SALT, sep=".").sign(body)


def parse(text: str) -> Checkpoint:
    """The checkpoint a line says. Raises Unverifiable when it was not signed by this portal."""
    try:
        return Checkpoint(**json.loads(base64.urlsafe_b64decode(Signer(salt=SALT, sep=".").unsign(text.strip()))))
    except (BadSignature, ValueError, TypeError) as error:
        raise Unverifiable("The checkpoint was not signed by this portal.") from error


def newest() -> Checkpoint:
    """The head of the ledger now. Raises Unverifiable when there is no block."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        row = cursor.fetchone()
    if row is None:
        raise Unverifiable("The ledger is empty.")
    return Checkpoint(*row)
