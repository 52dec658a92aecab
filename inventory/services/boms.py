"""An ML-BOM taken in: its model card as a revision, its parts as artifacts of a draft or as assets; and given out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import InvalidInput
from governance.ledger.acting import Command, Door, acting
from inventory.documents import reading
from inventory.documents.boms import KINDS, Component, Line, datasets_of, read, sections_of, write
from inventory.imports.reports import FileReport
from inventory.models import Artifact, Asset, Dependency, DocumentRevision, Release, System
from inventory.services.artifacts import ArtifactInput
from inventory.services.assets import create_asset
from inventory.services.dependencies import create_dependency
from inventory.services.documents import save_document_revision
from inventory.services.model_cards import MODEL_CARD, owner_of
from inventory.services.permitted import require
from inventory.services.releases import set_artifacts

ASSET_KINDS = {
    "library": (Asset.Kind.LIBRARY, Dependency.Relation.USES),
    "framework": (Asset.Kind.LIBRARY, Dependency.Relation.USES),
    "data": (Asset.Kind.DATASET, Dependency.Relation.TRAINED_ON),
}


class _Undone(Exception):  # noqa: N818  ends a trial run, is no error
    """Takes a trial run back."""


@dataclass
class _Work:
    """One run: who, on what, and what came of it."""

    actor: User | Command
    system: System
    door: Door
    contact: str
    told: Counter[str] = field(default_factory=Counter)


def import_bom(
    *,
    actor: User | Command,
    system: System,
    content: bytes,
    release: str = "",
    contact: str = "",
    dry_run: bool = False,
    door: Door = Door.WEB,
) -> FileReport:
    """Take a BOM in: all of it or nothing; the same again changes nothing, and nothing is removed.

    The first model card in it becomes a revision of the system's model card. With `release` (a draft) every component
    becomes a line of its bill of materials; without, datasets and libraries become assets the system depends on.
    Raises BomError, InvalidInput, Forbidden, Conflict.
    """
    components = read(content)
    work = _Work(actor, system, door, contact)
    try:
        with acting(actor, door=door, verb="document.import"):
            require(actor, Permission.DOCUMENT_CHANGE, system)
            carded = next((component for component in components if sections_of(component)), None)
            if carded is not None:
                _card(work, carded)
            if release:
                _artifacts(work, _draft(system, release), components)
            else:
                _assets(work, components)
            if dry_run:
                raise _Undone
    except _Undone:
        pass
    told = work.told
    return FileReport(len(components), told["created"], told["updated"], told["unchanged"])


def bom_of(release: Release) -> dict[str, Any]:
    """The BOM of a release, with what the model card says of use and limits."""
    newest = _last(release.system)
    lines = [
        Line(a.name, a.kind, a.version, a.uri, a.sha256, a.vendor)
        for a in Artifact.objects.filter(release=release).order_by("name")
    ]
    return write(
        system=release.system.name, version=release.version, at=portal_now(),
        lines=lines, sections=newest.sections if newest else {}, use=release.system.intended_use,
        key=f"{release.system.slug}/{release.pk}",
    )  # fmt: skip


def _card(work: _Work, component: Component) -> None:
    """The model card's next revision; what the BOM does not speak of keeps its text."""
    last = _last(work.system)
    template = reading.template_named(reading.policy_now(), MODEL_CARD)
    asked = reading.section_titles(work.system, template)
    told = {name: text for name, text in sections_of(component).items() if name in asked}
    sections = {**(last.sections if last else {}), **told}
    if last and sections == last.sections:
        work.told["unchanged"] += 1
        return
    author = work.actor if isinstance(work.actor, User) else owner_of(work.system)
    save_document_revision(
        actor=work.actor, author=author, system=work.system, template=MODEL_CARD, sections=sections, door=work.door,
        contact=work.contact or (last.contact if last else author.email or str(author)),
    )  # fmt: skip
    work.told["updated" if last else "created"] += 1


def _draft(system: System, version: str) -> Release:
    found = Release.objects.filter(system=system, version=version).first()
    if found is None:
        raise InvalidInput({"release": [f"There is no release {version} of this system."]})
    return found


def _artifacts(work: _Work, release: Release, components: Sequence[Component]) -> None:
    """Lines that are new are added, lines of the same name changed, all others stay."""
    lines = {
        a.name: ArtifactInput(
            name=a.name, kind=a.kind, version=a.version, uri=a.uri, sha256="" if a.kind == "service" else a.sha256,
            vendor=a.vendor, model_id=a.model_id, region=a.region, configuration=a.configuration,
        )
        for a in release.artifacts.all()
    }  # fmt: skip
    for component in components:
        line = ArtifactInput(
            name=component.name, kind=KINDS.get(component.type, "other"), version=component.version,
            uri=component.uri, sha256=component.sha256,
        )  # fmt: skip
        before = lines.get(line.name)
        work.told["unchanged" if before == line else "updated" if before else "created"] += 1
        lines[line.name] = line
    set_artifacts(actor=work.actor, release=release, artifacts=list(lines.values()), door=work.door)


def _assets(work: _Work, components: Sequence[Component]) -> None:
    """Datasets and libraries the system depends on, each once however often it is named."""
    wanted = {
        (ASSET_KINDS[component.type][0], component.name): (component, ASSET_KINDS[component.type][1])
        for component in components
        if component.type in ASSET_KINDS
    }
    for component in components:
        for name in datasets_of(component.card or {}):
            kept = (Component("data", name[:300]), Dependency.Relation.TRAINED_ON)
            wanted.setdefault((Asset.Kind.DATASET, name[:300]), kept)
    for (kind, name), (component, relation) in wanted.items():
        asset = Asset.objects.filter(unit=work.system.unit, kind=kind, name=name).first()
        if asset is None:
            more = {"licence": component.licence} if component.licence else {}
            asset = create_asset(
                actor=work.actor, unit=work.system.unit, kind=kind, name=name, door=work.door, source=component.uri,
                **more,
            )  # fmt: skip
            work.told["created"] += 1
        else:
            work.told["unchanged"] += 1
        tied = Dependency.objects.filter(system=work.system, on_asset=asset, relation=relation, ended_at=None)
        if not tied.exists():
            create_dependency(
                actor=work.actor, source=work.system, target=asset, relation=relation, door=work.door
            )  # fmt: skip


def _last(system: System) -> DocumentRevision | None:
    return (
        DocumentRevision.objects.filter(document__system=system, document__template=MODEL_CARD)
        .order_by("-number")
        .first()
    )
