"""What one frozen package changes against another: read as a reviewer reads a change of text. Pure; no Django.

Both sides are manifests as they were frozen, so the answer never moves when records do, and everybody who asks
(the review's page, the release's page, a program) gets the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.documents.difference import SectionDifference, Stretch, difference, sections_difference

Manifest = Mapping[str, Any]

_FACTS = (
    ("system", "tier", "Tier"),
    ("system", "tier_reason", "Why this tier"),
    ("system", "unit", "Unit"),
    ("system", "phase", "Phase"),
    ("system", "origin", "Origin"),
    ("system", "vendor", "Vendor"),
    ("system", "impact", "Declared impact"),
    ("system", "own_role", "Our role"),
    ("system", "personal_data", "Personal data"),
    ("system", "regimes", "Regimes"),
    ("system", "responsibilities", "Responsibilities"),
    ("release", "rollback_target", "Falls back to"),
    ("release", "lineage", "Lineage"),
    ("release", "envelope", "Envelope"),
    ("route", "name", "Route"),
    ("policy", "pack", "Policy pack"),
    ("policy", "version", "Policy version"),
    ("policy", "digest", "Policy digest"),
)
_TEXTS = (
    ("purpose", "Purpose"),
    ("objectives", "Objectives"),
    ("intended_use", "Intended use"),
    ("out_of_scope_use", "Uses out of scope"),
    ("affected_groups", "Affected groups"),
    ("human_oversight", "Human oversight"),
    ("outputs", "Outputs"),
    ("demographic_variables", "Demographic variables"),
)
# Lists of the manifest whose lines are told apart by a name of their own.
_LISTS = (
    ("artifacts", "Artifacts"),
    ("dependencies", "Dependencies"),
    ("risks", "Risks"),
    ("failure_modes", "Failure modes"),
    ("look_alikes", "Look-alike past incidents"),
    ("evaluations", "Evaluation results"),
    ("controls", "Controls"),
    ("stages", "Stages of the review"),
)
_PEOPLE = frozenset({"accepted_by"})  # numbers of people, whose names a manifest does not hold
_NAMES = ("name", "title", "metric", "id")


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; empty where there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: `kind` is added, removed or changed, `changes` says in what."""

    name: str
    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one list that differ, and how many do not."""

    key: str
    label: str
    lines: tuple[Line, ...]
    same: int


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """One document, word by word in the sections that differ."""

    template: str
    title: str
    kind: str
    revisions: tuple[int | None, int | None]
    sections: tuple[SectionDifference, ...]


@dataclass(frozen=True, slots=True)
class TextChange:
    """One text of the system's description, word by word."""

    label: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything the later package changes. `first` means that nothing was approved before it."""

    first: bool
    lists: tuple[Lines, ...] = ()
    documents: tuple[DocumentChange, ...] = ()
    texts: tuple[TextChange, ...] = ()
    answers: tuple[Change, ...] = ()
    facts: tuple[Change, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the packages say the same in everything compared."""
        changed = any(each.lines for each in self.lists)
        return not (self.first or changed or self.documents or self.texts or self.answers or self.facts)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The kinds of things that changed, each with how many."""
        counted = [(each.label.lower(), len(each.lines)) for each in self.lists]
        counted += [("documents", len(self.documents)), ("description", len(self.texts))]
        counted += [("answers", len(self.answers)), ("other facts", len(self.facts))]
        return tuple((name, number) for name, number in counted if number)

    @property
    def summary(self) -> str:
        """What kind of things changed, in a sentence."""
        if self.first:
            return "No release of this system was approved before: everything is new."
        if self.nothing:
            return "Nothing in the package differs."
        return "Changed: " + ", ".join(f"{name} ({number})" for name, number in self.parts) + "."


def compare(before: Manifest | None, after: Manifest) -> Comparison:
    """What `after` changes against an earlier package, or the last approved one; None when there is none."""
    if before is None:
        return Comparison(first=True)
    return Comparison(
        first=False,
        lists=tuple(_lists(before, after)),
        documents=tuple(_documents(before.get("documents", ()), after.get("documents", ()))),
        texts=tuple(_texts(before["system"], after["system"])),
        answers=tuple(_answers(before["system"], after["system"])),
        facts=tuple(_facts(before, after)),
    )


def _lists(before: Manifest, after: Manifest) -> Iterable[Lines]:
    for key, label in _LISTS:
        old, new = _named(before.get(key, ())), _named(after.get(key, ()))
        found = [_line(name, old.get(name), new.get(name)) for name in sorted({*old, *new}, key=str.lower)]
        changed = tuple(line for line in found if line is not None)
        yield Lines(key, label, changed, len(found) - len(changed))


def _named(lines: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The lines by their names; equal names are numbered, so that none is lost."""
    found: dict[str, Mapping[str, Any]] = {}
    for line in lines:
        name = next((str(line[key]) for key in _NAMES if line.get(key)), "unnamed")
        number = 1
        while (chosen := name if number == 1 else f"{name} ({number})") in found:
            number += 1
        found[chosen] = line
    return found


def _line(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Line | None:
    keys = dict.fromkeys([*(old or {}), *(new or {})])
    changes = tuple(
        Change(_words(key), _said((old or {}).get(key), key), _said((new or {}).get(key), key))
        for key in keys
        if key not in _NAMES and (old or {}).get(key) != (new or {}).get(key)
    )
    shown = tuple(change for change in changes if change.before != change.after)
    if old is not None and new is not None:
        return Line(name, "changed", shown) if shown else None
    return Line(name, "removed" if new is None else "added", shown)


def _documents(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterable[DocumentChange]:
    before = {document["template"]: document for document in old}
    after = {document["template"]: document for document in new}
    for template in sorted({*before, *after}):
        was, now = before.get(template), after.get(template)
        either = now or was or {}
        left, right = (was or {}).get("sections", {}), (now or {}).get("sections", {})
        sections = tuple(each for each in sections_difference(left, right, [*right, *left]) if each.changed)
        if was is not None and now is not None and not sections:
            continue
        kind = "added" if was is None else "removed" if now is None else "changed"
        revisions = ((was or {}).get("revision"), (now or {}).get("revision"))
        yield DocumentChange(template, str(either.get("title", template)), kind, revisions, sections)


def _texts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[TextChange]:
    for name, label in _TEXTS:
        was, now = _said(old.get(name)), _said(new.get(name))
        if was != now:
            yield TextChange(label, difference(was, now))


def _answers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[Change]:
    before = {line["question"]: line["answer"] for line in old.get("questionnaire", ())}
    after = {line["question"]: line["answer"] for line in new.get("questionnaire", ())}
    for question in dict.fromkeys([*after, *before]):
        was, now = _said(before.get(question)), _said(after.get(question))
        if was != now:
            yield Change(question, was, now)


def _facts(before: Manifest, after: Manifest) -> Iterable[Change]:
    for part, name, label in _FACTS:
        was, now = _said(before.get(part, {}).get(name)), _said(after.get(part, {}).get(name))
        if was != now:
            yield Change(label, was, now)


def _words(key: str) -> str:
    text = {"sha256": "SHA-256", "uri": "URI", "model_id": "model"}.get(key, key.replace("_", " "))
    return text[:1].upper() + text[1:]


def _said(value: Any, key: str = "") -> str:
    """A value of a manifest as text; the same value always gives the same text."""
    if value is None:
        return ""
    if key in _PEOPLE:
        return f"person no. {value}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "\n".join(f"{_words(str(key))}: {_said(value[key])}" for key in sorted(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(_said(each) for each in value)
    return str(value)
