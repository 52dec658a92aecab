"""Which row of a new edition is which row of the last one. Pure; no row is ever lost or counted twice."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inventory.imports.folding import fold, is_lossy_copy, loose_fold


class Identity(NamedTuple):
    """What tells one row from another; `reference` is the caller's own handle."""

    reference: int
    identifier: str
    units: tuple[str, ...]
    name: str
    digest: str

    @property
    def key(self) -> tuple[str, ...]:
        """Organisation, unit and name, blanks and case aside. The blank keeps a unit from reading as a name."""
        return (*(fold(unit) for unit in self.units), "", fold(self.name))

    @property
    def loose_key(self) -> tuple[str, ...]:
        """The same with lost marks aside: a candidate, not yet a match."""
        return (*(loose_fold(unit) for unit in self.units), "", loose_fold(self.name))


@dataclass(frozen=True, slots=True)
class Pairing:
    """References of (known, incoming) that are one, of incoming that are new, of known that are gone."""

    matches: list[tuple[int, int]]
    new: list[int]
    gone: list[int]


def pair(known: Sequence[Identity], incoming: Sequence[Identity]) -> Pairing:
    """Pair by identifier, then by organisation, unit and name, then by the same with lost marks aside.

    Where a key stands more than once, rows with equal content are paired first; the rest one by one in the order of
    the two files, the third with the third.
    """
    matches: list[tuple[int, int]] = []
    old, new = list(known), list(incoming)
    old, new = _round(old, new, matches, _by_identifier)
    old, new = _round(old, new, matches, lambda row: row.key)
    old, new = _round(old, new, matches, lambda row: row.loose_key, agree=_lossy)
    return Pairing(matches, [row.reference for row in new], [row.reference for row in old])


def _by_identifier(row: Identity) -> Hashable:
    return row.identifier or None


def _lossy(one: Identity, other: Identity) -> bool:
    """Whether one of the two is the other after losing marks, unit by unit and in its name."""
    mine, theirs = (*one.units, one.name), (*other.units, other.name)
    return len(mine) == len(theirs) and all(
        fold(left) == fold(right) or is_lossy_copy(left, right) or is_lossy_copy(right, left)
        for left, right in zip(mine, theirs, strict=True)
    )


def _round(
    old: list[Identity],
    new: list[Identity],
    matches: list[tuple[int, int]],
    key: Callable[[Identity], Hashable],
    agree: Callable[[Identity, Identity], bool] | None = None,
) -> tuple[list[Identity], list[Identity]]:
    """Pair what shares a key, note it in `matches`, return what is left of both sides in order."""
    if not old or not new:
        return old, new
    groups = _grouped(old, key)
    arrivals = _grouped(new, key, among=groups)
    gone: set[int] = set()
    found: set[int] = set()
    for shared, rows in arrivals.items():
        for mine, theirs in _pairs(groups[shared], rows):
            if agree is None or agree(mine, theirs):
                matches.append((mine.reference, theirs.reference))
                gone.add(mine.reference)
                found.add(theirs.reference)
    return (
        [row for row in old if row.reference not in gone],
        [row for row in new if row.reference not in found],
    )


def _grouped(
    rows: Iterable[Identity], key: Callable[[Identity], Hashable], *, among: Container[Hashable] | None = None
) -> dict[Hashable, list[Identity]]:
    """The rows by their key; those without one, or whose key is not `among` the others', are left out."""
    groups: dict[Hashable, list[Identity]] = defaultdict(list)
    for row in rows:
        value = key(row)
        if value is not None and (among is None or value in among):
            groups[value].append(row)
    return groups


def _pairs(old: list[Identity], new: list[Identity]) -> Iterable[tuple[Identity, Identity]]:
    """Equal content first, each in order; then what is left, in order."""
    by_content: dict[str, deque[Identity]] = defaultdict(deque)
    for row in old:
        by_content[row.digest].append(row)
    left: list[Identity] = []
    taken: set[int] = set()
    for row in new:
        same = by_content.get(row.digest)
        if same:
            mine = same.popleft()
            taken.add(mine.reference)
            yield mine, row
        else:
            left.append(row)
    yield from zip((row for row in old if row.reference not in taken), left, strict=False)
