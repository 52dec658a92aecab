"""What the list of changes can show and be narrowed by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db.models import QuerySet

from governance.access.vocabulary import Permission
from governance.changes import queries
from governance.changes.models import Change
from governance.web.lists import Listing


class ListFilter(forms.Form):
    """Which changes."""

    state = forms.ChoiceField(choices=[("", "Open"), ("all", "Every state"), *Change.State.choices], required=False)
    materiality = forms.ChoiceField(choices=[("", "Any materiality"), *Change.Materiality.choices], required=False)
    kind = forms.ChoiceField(required=False)
    system = forms.CharField(required=False, max_length=120, label="System (its address)")

    def __init__(self, *arguments: Any, kinds: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["kind"].choices = [("", "Every kind"), *kinds]  # type: ignore[attr-defined]


def kinds() -> list[tuple[str, str]]:
    """The kinds of change of the policy in force, with their titles."""
    section = queries.rules_of_changes()
    return [(kind.id, kind.title) for kind in (section.kinds if section else ())]


def narrow(rows: QuerySet[Change], wanted: Mapping[str, Any]) -> QuerySet[Change]:
    """By state, materiality, kind and system; the open ones unless asked otherwise."""
    if wanted["state"] != "all":
        rows = rows.filter(state__in=[wanted["state"]] if wanted["state"] else queries.OPEN_STATES)
    for name in ("materiality", "kind"):
        if wanted[name]:
            rows = rows.filter(**{name: wanted[name]})
    return rows.filter(system__slug=wanted["system"]) if wanted["system"] else rows


CHANGES: Final = Listing(
    key="changes", title="Changes", page="changes:change_list", order=40,
    columns={
        "materiality": "Comes to", "state": "State", "release": "Release", "planned": "Planned", "until": "Until",
        "requester": "Asked for by", "asked": "Asked for", "kind": "Kind", "decided": "Decided by",
        "verify": "Verified by (due)", "ratification": "Ratification",
    },
    usual=("materiality", "state", "release", "planned", "requester", "asked"),
    filters=lambda query, person: ListFilter(query, kinds=kinds()),
    together="changes:changes_together", changes=Permission.CHANGE_RAISE,
)  # fmt: skip
