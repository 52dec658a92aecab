"""One edition of a register against what is known of it: compared, then taken in with as few statements as possible."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection
from django.db.models import F
from django.db.models.functions import Left

from governance.access.models import User
from governance.database.clock import portal_now
from governance.database.copying import copy_in
from inventory import deployments
from inventory.imports.folding import fold
from inventory.imports.identity import Identity, Pairing, pair
from inventory.imports.merging import Conflict, Merge, merge
from inventory.imports.reading import ReadRow
from inventory.lifecycle import SYSTEM
from inventory.models import ExternalId, ImportedRow, ImportRun, Release, System, Unit, UnmappedValue
from inventory.rules import Slugs, slug_of

BATCH = 500
_SAID = ("identifier", "units", "name", "written", "kept", "mapped", "dates", "digest", "line")
_RECORDED = (*_SAID, "run", "seen_in", "gone_since")
LISTED = 1000  # conflicts and names kept for reading; the counts are always whole
Progress = Callable[[str, int, int], None]
K = TypeVar("K", int, str)


@dataclass(frozen=True)
class Edition:
    """One file, read."""

    source: str
    mapping: str
    mapping_version: str
    file_name: str
    file_sha256: str
    file_bytes: int
    encoding: str
    identified: bool
    rows: Sequence[ReadRow]
    unmapped: Counter[tuple[str, str]]
    counts: Mapping[str, object]


@dataclass
class Outcome:
    """What taking an edition in came to, or would come to."""

    created: int
    updated: int
    unchanged: int
    vanished: int
    conflicts: list[dict[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    run: ImportRun | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """The light part of an imported row."""

    pk: int
    system: int
    identity: Identity
    line: int
    is_gone: bool


@dataclass
class _Comparison:
    """Every row of the edition stands in exactly one of same, changed, adopted, new."""

    same: list[tuple[_Known, ReadRow]] = field(default_factory=list)
    changed: list[tuple[_Known, ReadRow]] = field(default_factory=list)
    adopted: list[tuple[int, ReadRow]] = field(default_factory=list)
    new: list[ReadRow] = field(default_factory=list)
    gone: list[_Known] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """Whether the edition says nothing new."""
        return not (self.changed or self.adopted or self.new or self.gone)


def compare(edition: Edition) -> Outcome:
    """What `take_in` would do, without writing."""
    comparison = _compare(edition)
    systems = System.objects.in_bulk(_touched(comparison))
    return _outcome(comparison, _merges(comparison, systems), systems)


def take_in(edition: Edition, *, person: User | None, progress: Progress) -> Outcome:
    """Write an edition: run, units, systems, rows, work list. Inside the caller's transaction and `acting`."""
    comparison = _compare(edition)
    last = ImportRun.objects.filter(source=edition.source).order_by("-at", "-pk").first()
    if comparison.is_idle and last and _is_again(edition, last):
        return Outcome(0, 0, len(comparison.same), 0, run=last)
    locked = System.objects.select_for_update(no_key=True).order_by("pk")
    systems = {system.pk: system for system in locked.filter(pk__in=_touched(comparison))}
    merges = _merges(comparison, systems)
    outcome = _outcome(comparison, merges, systems)
    run = outcome.run = _record_run(edition, outcome, person)
    _add(edition, comparison, run, progress)
    _change(comparison, systems, merges, run, progress)
    _see(comparison.same, run)
    for part in _parts([known.pk for known in comparison.gone]):
        ImportedRow.objects.filter(pk__in=part).update(gone_since=run)
    _list_work(edition, run)
    return outcome


def _is_again(edition: Edition, last: ImportRun) -> bool:
    now = (edition.file_sha256, edition.mapping, edition.mapping_version)
    return now == (last.file_sha256, last.mapping, last.mapping_version)


def _compare(edition: Edition) -> _Comparison:
    known = _known(edition.source)
    pairing = Pairing([], list(range(len(edition.rows))), [])
    if known:
        incoming = [
            Identity(number, row.identifier, row.units, row.name, row.digest) for number, row in enumerate(edition.rows)
        ]
        pairing = pair([row.identity for row in known], incoming)
    comparison = _Comparison(gone=[row for row in (known[index] for index in pairing.gone) if not row.is_gone])
    for old, new in pairing.matches:
        before, row = known[old], edition.rows[new]
        is_same = before.identity.digest == row.digest and not before.is_gone
        (comparison.same if is_same else comparison.changed).append((before, row))
    fresh = [edition.rows[number] for number in pairing.new]
    adoptable = _adoptable(edition, fresh)
    for row in fresh:
        system = adoptable(row)
        if system is None:
            comparison.new.append(row)
        else:
            comparison.adopted.append((system, row))
    return comparison


def _known(source: str) -> list[_Known]:
    """The rows known of this register, in the order of their last edition; rows that had gone come last."""
    values = (
        ImportedRow.objects.filter(source=source)
        .order_by(F("gone_since").asc(nulls_first=True), "line", "pk")
        .values_list("pk", "system_id", "identifier", "units", "name", "digest", "line", "gone_since_id")
    )
    return [
        _Known(pk, system, Identity(number, identifier, tuple(units), name, digest), line, gone is not None)
        for number, (pk, system, identifier, units, name, digest, line, gone) in enumerate(values)
    ]


def _adoptable(edition: Edition, rows: Sequence[ReadRow]) -> Callable[[ReadRow], int | None]:
    """Finds the system a person already registered for a row: by identifier, else by unit and name. Each once."""
    by_identifier: dict[str, int] = {}
    if edition.identified:
        wanted = [row.identifier for row in rows]
        for part in _parts(wanted):
            found = ExternalId.objects.filter(source=edition.source, value__in=part)
            by_identifier.update(found.values_list("value", "system_id"))
    units = _unit_chains()
    placed = {names: units.get(_folded(names), 0) for names in {row.units for row in rows}}
    by_name: dict[tuple[int, str], deque[int]] = defaultdict(deque)
    free = System.objects.exclude(imported_rows__source=edition.source)
    nearby = free.filter(unit__in=set(placed.values())).order_by("pk")
    for pk, unit, name in nearby.values_list("pk", "unit_id", "name"):
        by_name[unit, fold(name)].append(pk)
    taken: set[int] = set()
    if not (by_identifier or by_name):
        return lambda row: None

    def find(row: ReadRow) -> int | None:
        candidates = by_name.get((placed[row.units], fold(row.name)), deque())
        system = by_identifier.get(row.identifier) if row.identifier else None
        while system is None and candidates:
            system = candidates.popleft()
            system = None if system in taken else system
        if system is not None:
            taken.add(system)
        return system

    return find


def _touched(comparison: _Comparison) -> list[int]:
    """The systems an edition may write to."""
    return [*(known.system for known, _ in comparison.changed), *(system for system, _ in comparison.adopted)]


def _merges(comparison: _Comparison, systems: Mapping[int, System]) -> dict[int, Merge]:
    """Per system: what to write, and what a person's work or the lifecycle stands against."""
    last: dict[int, dict[str, str]] = {}
    for part in _parts([known.pk for known, _ in comparison.changed]):
        last.update(ImportedRow.objects.filter(pk__in=part).values_list("system_id", "mapped"))
    merges = {
        pk: merge({name: getattr(systems[pk], name) for name in row.values}, last.get(pk, {}), row.values)
        for pk, row in _touches(comparison)
    }
    retiring = [pk for pk, merged in merges.items() if merged.changes.get("phase") == System.Phase.RETIRED]
    approved = Release.objects.filter(system__in=retiring, state=Release.State.APPROVED)
    there = deployments.running().filter(system__in=retiring) if retiring else ()
    running = {*approved.values_list("system_id", flat=True), *(row.system_id for row in there)}
    for pk, merged in merges.items():
        phase, target = systems[pk].phase, merged.changes.get("phase")
        if target is not None and ((phase, target) not in SYSTEM.pairs() or pk in running):
            changes = {name: value for name, value in merged.changes.items() if name != "phase"}
            merges[pk] = Merge(changes, (*merged.conflicts, Conflict("phase", phase, target)))
    return merges


def _touches(comparison: _Comparison) -> Iterator[tuple[int, ReadRow]]:
    yield from ((known.system, row) for known, row in comparison.changed)
    yield from comparison.adopted


def _outcome(comparison: _Comparison, merges: Mapping[int, Merge], systems: Mapping[int, System]) -> Outcome:
    conflicts = [
        {
            "system": systems[pk].slug,
            "line": str(row.line),
            "field": conflict.field,
            "kept": conflict.kept[:500],
            "offered": conflict.offered[:500],
        }
        for pk, row in _touches(comparison)
        for conflict in merges[pk].conflicts
    ]
    return Outcome(
        created=len(comparison.new),
        updated=len(comparison.changed) + len(comparison.adopted),
        unchanged=len(comparison.same),
        vanished=len(comparison.gone),
        conflicts=conflicts[:LISTED],
        gone=[" · ".join((*row.identity.units, row.identity.name)) for row in comparison.gone[:LISTED]],
    )


def _record_run(edition: Edition, outcome: Outcome, person: User | None) -> ImportRun:
    return ImportRun.objects.create(
        source=edition.source,
        mapping=edition.mapping,
        mapping_version=edition.mapping_version,
        file_name=edition.file_name,
        file_sha256=edition.file_sha256,
        file_bytes=edition.file_bytes,
        encoding=edition.encoding,
        rows=len(edition.rows),
        created=outcome.created,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        vanished=outcome.vanished,
        counts=edition.counts,
        conflicts=outcome.conflicts,
        person=person,
        at=portal_now(),
    )


def _add(edition: Edition, comparison: _Comparison, run: ImportRun, progress: Progress) -> None:
    """New units, systems, rows and identifiers."""
    new = comparison.new
    units = _units_for(row.units for row in new)
    placed = {names: units[_folded(names)] for names in {row.units for row in new}}
    slugs = Slugs(_slugs_like(row.name for row in new), fallback="system")
    total = len(new)
    progress("adding", 0, total)
    said = tuple(new[0].values) if new else ()
    systems = copy_in(
        System,
        ("slug", "unit_id", *said),
        (
            (slugs.take(row.name, qualifier=row.units[-1]), placed[row.units], *[row.values[name] for name in said])
            for row in new
        ),
        total,
        shared={"created_at": run.at, "updated_at": run.at},
    )
    owned = [*zip(systems, new, strict=True), *comparison.adopted]
    copy_in(
        ImportedRow,
        ("system_id", *_SAID),
        ((pk, *_said(row)) for pk, row in owned),
        len(owned),
        shared={"source": edition.source, "run_id": run.pk, "seen_in_id": run.pk},
        progress=lambda done: progress("adding", min(done, total), total),
    )
    if edition.identified:
        have = set(ExternalId.objects.filter(source=edition.source).values_list("value", flat=True))
        fresh = [(pk, row.identifier) for pk, row in owned if row.identifier not in have]
        copy_in(ExternalId, ("system_id", "value"), fresh, len(fresh), shared={"source": edition.source})
    progress("adding", total, total)


def _said(row: ReadRow) -> tuple[object, ...]:
    """What a row says, in the order of `_SAID`."""
    return (
        row.identifier, row.units, row.name, row.written, row.kept, row.values, row.dates, row.digest, row.line,
    )  # fmt: skip


def _record(row: ReadRow, run: ImportRun) -> dict[str, Any]:
    """What the record of a row holds, by column attribute."""
    return {
        **dict(zip(_SAID, _said(row), strict=True)),
        "run_id": run.pk,
        "seen_in_id": run.pk,
        "gone_since_id": None,
    }


def _change(
    comparison: _Comparison,
    systems: Mapping[int, System],
    merges: Mapping[int, Merge],
    run: ImportRun,
    progress: Progress,
) -> None:
    """Changed rows, and the fields of their systems that the edition may write."""
    total = len(comparison.changed)
    progress("changing", 0, total)
    written = {pk: row for pk, row in _touches(comparison) if merges[pk].changes}
    names = sorted({name for pk in written for name in merges[pk].changes})
    for pk in written:
        system = systems[pk]
        system.updated_at = run.at
        for name, value in merges[pk].changes.items():
            setattr(system, name, value)
    if written:
        System.objects.bulk_update([systems[pk] for pk in written], [*names, "updated_at"], batch_size=BATCH)
    changed = [ImportedRow(pk=known.pk, **_record(row, run)) for known, row in comparison.changed]
    ImportedRow.objects.bulk_update(changed, _RECORDED, batch_size=BATCH)
    progress("changing", total, total)


def _see(rows: Sequence[tuple[_Known, ReadRow]], run: ImportRun) -> None:
    """Note where unchanged rows stand in this edition."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inventory_importedrow imported SET seen_in_id = %s, line = seen.line
            FROM unnest(%s::bigint[], %s::integer[]) AS seen(id, line) WHERE imported.id = seen.id
            """,
            [run.pk, [known.pk for known, _ in rows], [row.line for _, row in rows]],
        )


def _list_work(edition: Edition, run: ImportRun) -> None:
    """Bring the work list up to date: what nobody has read, with how often it stands in this edition."""
    listed = {
        (value.field, value.written): value for value in UnmappedValue.objects.filter(source=edition.source)
    }  # fmt: skip
    for (name, written), value in listed.items():
        rows = edition.unmapped[name, written]
        if rows != value.rows and (rows or value.state == UnmappedValue.State.OPEN):
            value.rows = rows
            value.save(update_fields=["rows"])
    fresh = [key for key in edition.unmapped if key not in listed]
    UnmappedValue.objects.bulk_create(
        UnmappedValue(
            source=edition.source, field=name, written=written, rows=edition.unmapped[name, written], first_seen_in=run
        )
        for name, written in sorted(fresh)
    )


def _folded(units: Iterable[str]) -> tuple[str, ...]:
    return tuple(fold(unit) for unit in units)


def _unit_chains() -> dict[tuple[str, ...], int]:
    """Every unit by its folded names from the top down."""
    units = {pk: (parent, fold(name)) for pk, parent, name in Unit.objects.values_list("pk", "parent_id", "name")}
    chains: dict[tuple[str, ...], int] = {}
    for pk in units:
        names: list[str] = []
        here: int | None = pk
        while here is not None:
            here, name = units[here]
            names.append(name)
        chains[tuple(reversed(names))] = pk
    return chains


def _units_for(chains: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """A unit for every chain of names; those that are missing are added, level by level."""
    wanted: dict[tuple[str, ...], tuple[str, ...]] = {}
    for names in dict.fromkeys(chains):
        for depth in range(1, len(names) + 1):
            wanted.setdefault(_folded(names[:depth]), names[:depth])
    known = _unit_chains()
    slugs = Slugs(Unit.objects.values_list("slug", flat=True), fallback="unit")
    for depth in range(1, max(map(len, wanted), default=0) + 1):
        missing = [chain for chain in wanted if len(chain) == depth and chain not in known]
        units = [
            Unit(
                name=wanted[chain][-1],
                slug=slugs.take(wanted[chain][-1], qualifier=wanted[chain][-2] if depth > 1 else ""),
                parent_id=known[chain[:-1]] if depth > 1 else None,
            )
            for chain in missing
        ]
        Unit.objects.bulk_create(units, batch_size=BATCH)
        known.update(zip(missing, (unit.pk for unit in units), strict=True))
    return known


def _slugs_like(names: Iterable[str]) -> Iterable[str]:
    """The slugs in use that a slug for one of the names could meet; for many names, all there are."""
    used = System.objects.order_by().values_list("slug", flat=True)
    heads: set[str] = set()
    for name in names:
        heads.add(slug_of(name, fallback="system")[:12])
        if len(heads) > BATCH:
            return used
    return used.annotate(head=Left("slug", 12)).filter(head__in=heads)


def _parts(keys: Sequence[K]) -> Iterator[Sequence[K]]:
    """The keys in portions a statement can carry."""
    for start in range(0, len(keys), 5000):
        yield keys[start : start + 5000]
