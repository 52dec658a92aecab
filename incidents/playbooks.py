"""Playbooks as they are now: those of the policy, each in the newest version that was accepted here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from governance.policy.sections import Incidents, Playbook, PlaybookStep
from incidents.models import PlaybookVersion


def accepted() -> dict[str, PlaybookVersion]:
    """The newest accepted version of each playbook that has one."""
    rows = PlaybookVersion.objects.filter(accepted=True).order_by("playbook", "-version").distinct("playbook")
    return {row.playbook: row for row in rows}


def playbooks_now(rules: Incidents | None) -> list[Playbook]:
    """The policy's playbooks with the title and the steps of the version that counts.

    A version outlives later policies for as long as they have a playbook of its name, so that a new policy loses no
    lesson by the way.
    """
    if rules is None:
        return []
    versions = accepted()
    return [_in_version(book, versions.get(book.id)) for book in rules.playbooks]


def _in_version(book: Playbook, version: PlaybookVersion | None) -> Playbook:
    if version is None:
        return book
    return book.model_copy(update={"title": version.title, "steps": steps_of(version.steps)})


def steps_of(rows: Iterable[Mapping[str, Any]]) -> tuple[PlaybookStep, ...]:
    """Steps as they are kept, as the policy knows them."""
    return tuple(PlaybookStep(text=row["text"], within_hours=row["within_hours"]) for row in rows)
