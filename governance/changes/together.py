"""What may be changed of many changes together: when they are planned, as each one's own description says it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.urls import reverse

from governance.access.models import User
from governance.changes.models import Change
from governance.changes.queries import changes
from governance.changes.services import describe_change
from governance.ledger.acting import Door
from governance.web.together import Field, Many, read_instant, written

HINT = "Only drafts: whoever moves one has described it, and decides on it no more."


def _plan(field: str) -> Callable[..., object]:
    def change(*, actor: User, row: Change, value: datetime, reason: str, door: Door) -> object:
        return describe_change(actor=actor, change=row, door=door, **{field: value})  # type: ignore[arg-type]

    return change


def _planned(field: str, label: str) -> Field:
    return Field(
        field, label, read_instant, lambda row: written(getattr(row, field)), written, _plan(field), hint=HINT
    )  # fmt: skip


CHANGES: Final = Many(
    noun="change", plural="changes", verb="change.describe", page="changes:change_list", rows=changes,
    href=lambda row: reverse("changes:change_detail", args=[row.pk]), order=("system_id", "pk"),
    fields=(_planned("planned_from", "Planned from"), _planned("planned_until", "Planned until")),
)  # fmt: skip
