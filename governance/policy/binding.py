"""Comparing what a package was bound to with what is so now. Pure."""

from __future__ import annotations

from collections.abc import Set

Edges = Set[tuple[str, str]]


def moved(before: Edges, after: Edges) -> str:
    """In words, which ends were added, dropped or moved to another version; edges are (end, version)."""
    then, now = dict(before), dict(after)
    parts = []
    for end in sorted(then.keys() | now.keys()):
        name = end.partition(":")[2] or end
        if end not in then:
            parts.append(f"{name} added")
        elif end not in now:
            parts.append(f"{name} dropped")
        elif then[end] != now[end]:
            parts.append(f"{name} {then[end] or 'without version'} → {now[end] or 'without version'}")
    return ", ".join(parts)
