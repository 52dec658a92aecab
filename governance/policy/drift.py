"""How the content of a release differs from what was approved last, and which differences no change covers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.policy.sections import ChangeKind


@dataclass(frozen=True, slots=True)
class Content:
    """What is compared: artifacts as name → (kind, SHA-256), and what the system is used for, by whom it is felt."""

    artifacts: Mapping[str, tuple[str, str]]
    intended_use: str = ""
    affected_groups: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: its subject (an artifact's kind, `intended_use` or `affected_groups`) and a sentence."""

    subject: str
    text: str


def content_of(manifest: Mapping[str, Any]) -> Content:
    """The content a frozen package holds."""
    system = manifest.get("system") or {}
    return Content(
        {line["name"]: (line["kind"], line["sha256"]) for line in manifest.get("artifacts", ())},
        system.get("intended_use", ""), system.get("affected_groups", ""),
    )  # fmt: skip


def differences(before: Content, now: Content) -> tuple[Difference, ...]:
    """Everything in which two contents differ, artifacts by name first."""
    found = []
    for name in sorted({*before.artifacts, *now.artifacts}):
        old, new = before.artifacts.get(name), now.artifacts.get(name)
        if old == new:
            continue
        if new is None:
            found.append(Difference(old[0] if old else "", f"{name} is gone"))
        elif old is None:
            found.append(Difference(new[0], f"{name} is new"))
        else:
            found.append(Difference(new[0], f"{name} has other content"))
    if before.intended_use != now.intended_use:
        found.append(Difference("intended_use", "the intended use is another"))
    if before.affected_groups != now.affected_groups:
        found.append(Difference("affected_groups", "the affected groups are others"))
    return tuple(found)


def uncovered(found: Iterable[Difference], kinds: Iterable[ChangeKind]) -> tuple[Difference, ...]:
    """The differences that none of the kinds of change asked for covers."""
    covered = {subject for kind in kinds for subject in kind.covers}
    return tuple(difference for difference in found if difference.subject not in covered)
