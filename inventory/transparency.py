"""What people outside may read about a system: drafted from the record, and the one version that is public."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from governance.access import rights
from governance.access.models import User
from governance.access.vocabulary import Permission
from inventory.discretion import Inside, without
from inventory.models import Asset, Dependency, System, TransparencyPage, TransparencyVersion
from inventory.queries import people_named_in

NOTHING = "Not stated yet."


def draft_of(system: System) -> str:
    """Markdown from the record without names from inside; what nobody wrote down says so."""
    parts = (
        ("What it is for", system.purpose),
        ("How it is used", system.intended_use),
        ("What it is not used for", system.out_of_scope_use),
        ("Whom it affects", system.affected_groups),
        ("Who watches over it, and how to object", system.human_oversight),
        ("Which data it uses", _data(system)),
        ("Where it comes from", "" if system.origin == System.Origin.NOT_STATED else f"{system.get_origin_display()}."),
    )
    text = "\n\n".join(f"## {title}\n\n{said.strip() or NOTHING}" for title, said in parts)
    return without(text, inside_of(system, text))


def _data(system: System) -> str:
    """The kinds of data, without the names of datasets."""
    lines = []
    if system.personal_data != System.Known.NOT_STATED:
        lines.append(f"- Personal data: {system.get_personal_data_display().lower()}")
    if system.demographic_variables.strip():
        lines.append(f"- Demographic variables: {' '.join(system.demographic_variables.split())}")
    used = Dependency.objects.filter(system=system, ended_at=None, on_asset__kind=Asset.Kind.DATASET)
    if number := used.count():
        synthetic = used.filter(on_asset__synthetic=System.Known.YES).count()
        lines.append(f"- Datasets: {number}, of them made up rather than collected: {synthetic}")
    return "\n".join(lines)


def inside_of(system: System, text: str, title: str = "") -> Inside:
    """The words a text may not hold: names of people, and of the system and its unit unless the title has them."""
    unit = system.unit.name
    here = (system.name, system.slug, *([unit] if " " in unit else []))
    return Inside(people_named_in(text), tuple(word for word in here if word.lower() not in title.lower()))


def pages() -> QuerySet[System]:
    """Systems with what their page about transparency shows."""
    versions = TransparencyVersion.objects.select_related("written_by", "decided_by", "withdrawn_by")
    return (
        System.objects.defer("search")
        .select_related("unit", "transparency")
        .prefetch_related(Prefetch("transparency__versions", versions.order_by("-number")))
    )


def page_of(system: System) -> TransparencyPage | None:
    """Where a system is explained, once an address was chosen."""
    return TransparencyPage.objects.filter(system=system).first()


def public_version(slug: str) -> TransparencyVersion | None:
    """What is public at an address: the newest approved version, or nothing where that was withdrawn."""
    approved = TransparencyVersion.objects.select_related("page").filter(page__slug=slug, approved=True)
    newest = approved.order_by("-number").first()
    return newest if newest is not None and newest.withdrawn_at is None else None


def to_decide(person: User) -> QuerySet[TransparencyVersion]:
    """Versions this person may let out, having written none of them."""
    waiting = TransparencyVersion.objects.filter(decided_at=None).exclude(written_by=person)
    listed = waiting.select_related("page__system").order_by("written_at", "id")
    return rights.visible(person, listed, Permission.TRANSPARENCY_DECIDE)
