"""Saving a mapping somebody made: checked as any mapping file is, and a version of its own each time it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from governance.access.models import User
from governance.access.vocabulary import Permission
from governance.database.clock import portal_now
from governance.inputs import Checks, InvalidInput
from governance.ledger.acting import Command, Door, acting
from inventory.imports.schema import MappingDocument, names
from inventory.imports.shipped import CHOICES
from inventory.models import SavedMapping
from inventory.services.permitted import require

LARGEST = 200_000


def save_mapping(*, actor: User | Command, document: Mapping[str, Any], door: Door = Door.WEB) -> SavedMapping:
    """Keep a mapping under its name as the next version; one that says what the last version says stays that version.

    The version a document gives itself is replaced. Raises InvalidInput, Forbidden without import.run.
    """
    with acting(actor, door=door, verb="mapping.save"):
        require(actor, Permission.IMPORT_RUN)
        checked = _checked(document)
        last = SavedMapping.objects.select_for_update().filter(name=checked.name).order_by("-version").first()
        number = last.version + 1 if last else 1
        kept = {**checked.model_dump(mode="json"), "version": str(number)}
        if last is not None and {**last.document, "version": str(number)} == kept:
            return last
        return SavedMapping.objects.create(
            name=checked.name, version=number, title=checked.title, document=kept,
            saved_by=actor if isinstance(actor, User) else None, saved_at=portal_now(),
        )  # fmt: skip


def _checked(document: Mapping[str, Any]) -> MappingDocument:
    checks = Checks()
    checks.data("document", dict(document), limit=LARGEST)
    checks.done()
    try:
        found = MappingDocument.model_validate({**document, "version": "1"})
    except ValidationError as error:
        said = [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}".lstrip(": ")
            for fault in error.errors()
        ]
        raise InvalidInput({"document": said}) from error
    if strangers := found.strangers(CHOICES):
        raise InvalidInput({"document": [f"no such word: {stranger}" for stranger in strangers]})
    if found.name in names():
        raise InvalidInput({"name": [f"“{found.name}” ships with the portal; give yours another name."]})
    return found
