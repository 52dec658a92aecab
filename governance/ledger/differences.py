"""What verification finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the ledger contradicts itself or the live tables.

    `block` is the block that says otherwise (None: no block does); an empty `field` means the whole row is missing
    or too much.
    """

    block: int | None
    table: str
    key: str
    field: str
    expected: object
    found: object


class Unverifiable(Exception):  # noqa: N818  an answer of the verification: it could not be done
    """The ledger could not be verified at all; that is no clean ledger."""
