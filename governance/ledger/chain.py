"""The chain, recomputed from raw rows without the database's own functions.

The canonical bytes of an event are its fields as text, each with its length before it (four bytes, -1 when absent):
exactly what a binary COPY of text columns carries, so a row is hashed as it arrives. An event's digest is the SHA-256
of a tag and those bytes; a block's hash that of a tag, its own fields, the previous hash and the SHA-256 over the
digests of its events in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg

from governance.ledger.differences import Difference
from governance.ledger.sealing import BLOCK_TAG, EVENT_FIELDS, EVENT_TAG, GENESIS

WINDOW = 2000
COPY_HEADER = 19
ABSENT = b"\xff\xff\xff\xff"
_EVENT_TAG = EVENT_TAG.encode()
_BLOCK_TAG = BLOCK_TAG.encode()

BLOCKS = """
SELECT height, xid::text, at::text, n, prev, hash FROM ledger_block WHERE height > %s ORDER BY height LIMIT %s
"""
EVENTS = f"""
COPY (
    SELECT l.block_id, l.event_id, l.digest, {", ".join(f"e.{field}::text" for field in EVENT_FIELDS)}
    FROM ledger_link l LEFT JOIN ledger_event e ON e.id = l.event_id
    WHERE l.block_id BETWEEN {{first}} AND {{last}} ORDER BY l.block_id, l.event_id
) TO STDOUT (FORMAT binary)
"""
UNSEALED = """
SELECT e.id FROM ledger_event e WHERE NOT EXISTS (SELECT FROM ledger_link l WHERE l.event_id = e.id) ORDER BY e.id
"""
STRAY = """
SELECT l.event_id, l.block_id FROM ledger_link l
WHERE NOT EXISTS (SELECT FROM ledger_block b WHERE b.height = l.block_id) ORDER BY l.event_id
"""


class BlockRow(NamedTuple):
    """A block as it stands in the table."""

    height: int
    xid: str
    at: str
    n: int
    prev: bytes | None
    hash: bytes | None


class Linked(NamedTuple):
    """An event in its block: the digest kept beside it, and the one its bytes have (None: the event is gone)."""

    block: int
    event: int
    kept: bytes | None
    computed: bytes | None


@dataclass
class Tally:
    """How far the walk along the chain has come."""

    blocks: int = 0
    events: int = 0
    height: int = 0
    hash: bytes = GENESIS
    at: str = ""


def part(value: bytes | None) -> bytes:
    """One field of the canonical bytes."""
    return ABSENT if value is None else len(value).to_bytes(4, "big") + value


def block_hash(block: BlockRow, root: bytes) -> bytes:
    """The hash a block with these fields over these events has."""
    fields = (
        str(block.height).encode(),
        block.xid.encode(),
        block.at.encode(),
        str(block.n).encode(),
        block.prev,
        root,
    )
    return hashlib.sha256(_BLOCK_TAG + b"".join(part(field) for field in fields)).digest()


def walk(connection: psycopg.Connection[Any], tally: Tally) -> Iterator[Difference]:
    """Walk the chain from the first block to the head; yields what is wrong, counts in `tally`."""
    while True:
        rows = connection.execute(BLOCKS, [tally.height if tally.blocks else -(2**62), WINDOW]).fetchall()
        if not rows:
            break
        blocks = [BlockRow(*row) for row in rows]
        linked = _linked(connection, blocks[0].height, blocks[-1].height)
        waiting = next(linked, None)
        for block in blocks:
            root, count = hashlib.sha256(), 0
            while waiting is not None and waiting.block <= block.height:
                if waiting.block == block.height:
                    root.update(waiting.kept or b"")
                    count += 1
                    yield from _event_differences(waiting)
                waiting = next(linked, None)
            yield from _block_differences(block, root.digest(), count, tally)
            tally.blocks += 1
            tally.events += count
            tally.height, tally.hash, tally.at = block.height, block.hash or b"", block.at
    yield from _ends(connection, tally)


def _linked(connection: psycopg.Connection[Any], first: int, last: int) -> Iterator[Linked]:
    """The events of these blocks in order, hashed as they arrive."""
    start = 0
    with connection.cursor() as cursor, cursor.copy(EVENTS.format(first=first, last=last)) as rows:
        beginning = True
        for data in rows:
            row = bytes(data)[COPY_HEADER:] if beginning else bytes(data)
            beginning = False
            if len(row) <= 2:
                continue
            block = int.from_bytes(row[6:14], "big", signed=True)
            event = int.from_bytes(row[18:26], "big", signed=True)
            length = int.from_bytes(row[26:30], "big", signed=True)
            start = 30 + max(length, 0)
            kept = None if length < 0 else row[30:start]
            gone = row[start : start + 4] == ABSENT
            computed = None if gone else hashlib.sha256(_EVENT_TAG + row[start:]).digest()
            yield Linked(block, event, kept, computed)


def _event_differences(linked: Linked) -> Iterator[Difference]:
    if linked.computed is None:
        yield Difference(linked.block, "ledger_event", str(linked.event), "", _hex(linked.kept), None)
    elif linked.computed != linked.kept:
        yield Difference(
            linked.block, "ledger_event", str(linked.event), "digest", _hex(linked.kept), linked.computed.hex()
        )


def _block_differences(block: BlockRow, root: bytes, count: int, tally: Tally) -> Iterator[Difference]:
    def differs(field: str, expected: object, found: object) -> Difference:
        return Difference(block.height, "ledger_block", str(block.height), field, expected, found)

    if block.height != tally.height + 1:
        yield differs("height", tally.height + 1, block.height)
    if block.prev != tally.hash:
        yield differs("prev", tally.hash.hex(), _hex(block.prev))
    if block.n != count:
        yield differs("n", block.n, count)
    if block.at < tally.at:
        yield differs("at", f"not before {tally.at}", block.at)
    computed = block_hash(block, root)
    if block.hash != computed:
        yield differs("hash", _hex(block.hash), computed.hex())


def _ends(connection: psycopg.Connection[Any], tally: Tally) -> Iterator[Difference]:
    """What hangs loose: events without a block, links without one, a head that points elsewhere."""
    for (event,) in connection.execute(UNSEALED):
        yield Difference(None, "ledger_event", str(event), "block", "a block", None)
    for event, block in connection.execute(STRAY):
        yield Difference(block, "ledger_link", str(event), "block_id", "a block", block)
    for (xid,) in connection.execute("SELECT xid::text FROM ledger_pending"):
        yield Difference(None, "ledger_pending", xid, "", None, "waiting")
    heads = connection.execute("SELECT id, height, hash, at::text FROM ledger_head ORDER BY id").fetchall()
    if len(heads) != 1:
        yield Difference(tally.height, "ledger_head", "", "", 1, len(heads))
    for key, height, found, at in heads:
        expected = {"height": tally.height, "hash": tally.hash.hex()} | ({"at": tally.at} if tally.blocks else {})
        for field, value in {"height": height, "hash": _hex(found), "at": at}.items():
            if expected.get(field, value) != value:
                yield Difference(tally.height, "ledger_head", str(key), field, expected[field], value)


def _hex(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).hex()
