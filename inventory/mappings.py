"""The mappings a person may choose: those that ship, those that were saved here, and files of one's own."""

from __future__ import annotations

from pathlib import Path

from django.db.models import Max

from inventory.imports import shipped
from inventory.imports.schema import MappingDocument, MappingFault, names
from inventory.models import SavedMapping

LONGEST_VERSION = 9


def chosen(name: str) -> MappingDocument:
    """The mapping of that name: one that ships, else the newest saved; `name@2` is that version.

    Raises MappingFault when there is none.
    """
    if name in names():
        return shipped.chosen(name)
    stem, _, version = name.partition("@")
    saved = SavedMapping.objects.filter(name=stem).order_by("-version")
    if version:
        number = int(version) if version.isascii() and version.isdigit() and len(version) <= LONGEST_VERSION else 0
        saved = saved.filter(version=number)
    found = saved.first() if "\0" not in stem else None
    if found is None:
        known = [*names(), *SavedMapping.objects.order_by("name").values_list("name", flat=True).distinct()]
        raise MappingFault(name, [f"there is none of that name; there are {', '.join(known)}"])
    return MappingDocument.model_validate(found.document)


def named_or_own(text: str) -> MappingDocument:
    """The mapping a person wrote on a command line: one by its name, else a file. Raises MappingFault."""
    path = Path(text)
    return shipped.own(path) if text not in names() and path.is_file() else chosen(text)


def offered() -> list[tuple[str, str]]:
    """Every mapping for a list to choose from, by name and title; of the saved ones the newest version."""
    newest = SavedMapping.objects.values("name").annotate(newest=Max("version"))
    numbers = {row["name"]: row["newest"] for row in newest}
    saved = SavedMapping.objects.filter(name__in=numbers).order_by("name", "version")
    latest = {each.name: each for each in saved if each.version == numbers[each.name]}
    return [
        *((document.name, f"{document.title} ({document.name})") for document in shipped.offered()),
        *((f"{each}", f"{each.title} ({each.name}, version {each.version})") for each in latest.values()),
    ]
