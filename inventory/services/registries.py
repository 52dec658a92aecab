"""Syncing from a running MLflow registry: read outside the transaction, then everything or nothing inside one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256

from django.urls import reverse

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.ledger.acting import Command, Door, acting
from governance.notify.outbox import announce
from governance.notify.topics import Topic
from inventory.exports import unit_paths
from inventory.imports.mlflow import ALIAS, Bounds, Known, Registry, read_registry, source_of
from inventory.imports.reading import ReadRow
from inventory.models import ImportedRow, System, Unit
from inventory.registries import approved_versions, owners_of
from inventory.services.editions import Edition, compare, take_in
from inventory.services.imports import ImportReport, hold_alone, report_of
from inventory.services.permitted import require


def sync_mlflow(
    *,
    actor: User | Command,
    url: str,
    door: Door,
    unit: Unit | None = None,
    dry_run: bool = False,
    bounds: Bounds | None = None,
) -> ImportReport:
    """Bring every model of a registry up to date here, with its versions, aliases, tags, metrics and parameters.

    New models become systems in `unit`, or under a unit named after the server. A renamed model stays the same
    system, a deleted one is marked as gone, nothing is deleted here; what a person wrote since is kept. A registry
    that says nothing new writes nothing. An alias that came to stand on a version nobody approved is told to the
    owner. Raises Unreachable, Unfit, Forbidden without import.run, Conflict `busy` while the same sync runs.
    """
    source = source_of(url)
    with acting(actor, door=door, verb="inventory.sync"):
        require(actor, Permission.IMPORT_RUN)
    units = tuple(unit_paths()[unit.pk]) if unit else ("MLflow", source.removeprefix("mlflow:"))
    edition = _edition(source, read_registry(Registry(url, bounds or Bounds()), units, _known(source)))
    if dry_run:
        return report_of(edition, compare(edition))
    with acting(actor, door=door, verb="inventory.sync", reason=source):
        require(actor, Permission.IMPORT_RUN)
        hold_alone(source)
        before = _aliases(source)
        outcome = take_in(
            edition, person=actor if isinstance(actor, User) else None, progress=lambda stage, done, total: None
        )
        _tell_moved(source, before)
    return report_of(edition, outcome)


def _edition(source: str, rows: list[ReadRow]) -> Edition:
    digest = sha256(json.dumps([[row.identifier, row.digest] for row in rows]).encode())
    return Edition(
        source=source, mapping="mlflow", mapping_version="2.0", file_name=source, file_sha256=digest.hexdigest(),
        file_bytes=sum(len(cell) for row in rows for cell in row.kept.values()), encoding="json", identified=True,
        rows=rows, unmapped=Counter(), counts={},
    )  # fmt: skip


def _known(source: str) -> list[Known]:
    rows = ImportedRow.objects.filter(source=source).values_list("identifier", "name", "written__Registered")
    return [Known(identifier, name, made or "") for identifier, name, made in rows]


def _aliases(source: str) -> dict[int, dict[str, str]]:
    """By system, which version each alias stands on."""
    rows = ImportedRow.objects.filter(source=source).values_list("system_id", "kept")
    return {pk: {name: cell for name, cell in kept.items() if name.startswith(ALIAS)} for pk, kept in rows}


def _tell_moved(source: str, before: Mapping[int, Mapping[str, str]]) -> None:
    """Announce every alias that now stands on another version than before, and on one that nobody approved."""
    moved = {
        pk: {name: version for name, version in now.items() if version != before[pk].get(name)}
        for pk, now in _aliases(source).items()
        if pk in before
    }
    systems = System.objects.defer("search").in_bulk([pk for pk, names in moved.items() if names])
    owners, approved = owners_of(systems), approved_versions(systems)
    for pk, system in systems.items():
        for name, version in moved[pk].items():
            if version not in approved[pk]:
                announce(
                    Topic.ALIAS_MOVED, system, people=[owners[pk]] if pk in owners else [],
                    title=f"{system.name}: {name} now stands on version {version}, which is not approved",
                    href=f"{reverse('inventory:system_detail', args=[system.slug])}?tab=imported",
                )  # fmt: skip
