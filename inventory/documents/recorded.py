"""What the record already knows, as Markdown for the sections of a document that ask for it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Record = Mapping[str, str | tuple[str, ...]]

LABELS = {
    "name": "Name", "unit": "Business unit", "owner": "Owner", "people": "People", "purpose": "Purpose",
    "objectives": "Objectives", "intended_use": "Intended use", "out_of_scope_use": "Not for",
    "affected_groups": "Affected groups", "human_oversight": "Human oversight", "outputs": "Outputs",
    "tier": "Risk tier", "regimes": "Regimes", "personal_data": "Personal data",
    "demographic_variables": "Demographic variables", "vendor": "Vendor", "release": "Release",
    "artifacts": "Artifacts", "datasets": "Datasets",
}  # fmt: skip
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")


def as_markdown(shows: Iterable[str], record: Record) -> str:
    """The recorded facts named, each under its label; what is not recorded is left out, nothing is made up."""
    return "\n\n".join(filter(None, (_fact(LABELS.get(name, name), record.get(name, "")) for name in shows)))


def plain(text: str) -> str:
    """A short text with nothing in it that Markdown would read as a mark."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _fact(label: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        lines = "\n".join(f"- {plain(line)}" for line in value if line.strip())
        return f"**{label}**\n\n{lines}" if lines else ""
    text = value.strip()
    if not text:
        return ""
    return f"**{label}**: {text}" if "\n" not in text else f"**{label}**\n\n{text}"
