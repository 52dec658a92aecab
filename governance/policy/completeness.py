"""Whether a document says what its template asks for: one pure answer for the gate, the pages and the API.

A section counts as written when it holds a sentence of its own: headings, rules and words such as “TBD” say nothing.
A section asked for each affected group is asked once for every line of the system's affected groups.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from governance.policy.facts import DocumentFact, SystemFacts
from governance.policy.schema import DocumentSection, DocumentTemplate, PackDocument

# Enough of a section's text to see whether it says something; the rest need not be read to judge it.
TELLING = 400
MOST_GROUPS = 40
_EMPTY_WORDS = frozenset({"tbd", "tba", "tbc", "todo", "to do", "na", "n a", "none yet", "xxx", "lorem ipsum"})
_HEADING = re.compile(r"\s{0,3}#{1,6}(\s|$)")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class AskedSection:
    """One section a template asks for; `group` is the affected group it is about, if it is about one."""

    id: str
    title: str
    help: str = ""
    required: bool = True
    shows: tuple[str, ...] = ()
    group: str = ""
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Completeness:
    """How a document stands against its template. `demanded` from `starts` on, if the system owes it at all."""

    template: str
    title: str
    demanded: bool
    starts: datetime | None
    exists: bool
    contact: bool
    sections: tuple[AskedSection, ...]

    @property
    def gaps(self) -> tuple[AskedSection, ...]:
        """Required sections that say nothing yet."""
        return tuple(section for section in self.sections if section.required and not section.filled)

    @property
    def complete(self) -> bool:
        """Whether it exists, names a contact and every required section says something."""
        return self.exists and self.contact and not self.gaps

    @property
    def written(self) -> int:
        """How many of the required sections say something."""
        return sum(1 for section in self.sections if section.required and section.filled)

    @property
    def required(self) -> int:
        """How many sections are required."""
        return sum(1 for section in self.sections if section.required)

    @property
    def problem(self) -> str:
        """What is wrong in words, empty when nothing is."""
        if not self.exists:
            return f"{self.title} is missing"
        if self.gaps:
            return f"{self.title} lacks {', '.join(section.title for section in self.gaps)}"
        return "" if self.contact else f"{self.title} names no contact"


def says_something(text: str) -> bool:
    """Whether a text has at least one line that is neither a heading nor a placeholder."""
    for line in text[:TELLING].splitlines():
        words = _WORD.findall(line.casefold())
        if words and not _HEADING.match(line) and " ".join(words) not in _EMPTY_WORDS:
            return True
    return False


def groups_of(text: str) -> tuple[str, ...]:
    """The affected groups a system names, one a line; marks of a list are left out."""
    found = (re.sub(r"\s+", " ", line.strip().lstrip("-*•").strip()) for line in text.splitlines())
    return tuple(dict.fromkeys(group[:200] for group in found if group))[:MOST_GROUPS]


def section_name(section: str, group: str) -> str:
    """The id of a section about one group: the section's and the group's words, as an address would write them."""
    plain = unicodedata.normalize("NFKD", group.casefold()).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:40].strip("-")
    if not words:
        words = "u" + "-".join(f"{ord(character):x}" for character in group[:6])
    return f"{section.replace('_', '-')}-{words}"[:80].strip("-")


def asked_sections(
    template: DocumentTemplate, groups: Iterable[str], filled: Collection[str] = ()
) -> tuple[AskedSection, ...]:
    """What a template asks for, with the sections for each affected group written out, and which are filled."""
    named = tuple(groups)
    asked: list[AskedSection] = []
    for section in template.sections:
        if section.per == "affected_group" and named:
            asked.extend(_for_group(section, group, filled) for group in named)
        else:
            asked.append(_asked(section, filled))
    return tuple(asked)


def _asked(section: DocumentSection, filled: Collection[str]) -> AskedSection:
    return AskedSection(
        section.id, section.title, section.help, section.required, section.shows, filled=section.id in filled
    )


def _for_group(section: DocumentSection, group: str, filled: Collection[str]) -> AskedSection:
    name = section_name(section.id, group)
    return AskedSection(
        name, f"{section.title}: {group}", section.help, section.required, section.shows, group, name in filled
    )


def standing(
    template: DocumentTemplate, document: DocumentFact | None, system: SystemFacts | None, pack: PackDocument,
    at: datetime,
) -> Completeness:  # fmt: skip
    """How one document stands; `document` is its newest revision, None when nobody has written it."""
    groups = system.affected_groups if system else ()
    filled = document.filled if document else frozenset()
    sections = asked_sections(template, groups, filled)
    starts = _starts(template, system, pack)
    owed = owes(template, system, pack)
    return Completeness(
        template=template.id, title=template.title, demanded=owed and (starts is None or starts <= at),
        starts=starts if owed else None, exists=document is not None,
        contact=bool(document and document.contact), sections=sections,
    )  # fmt: skip


def owes(template: DocumentTemplate, system: SystemFacts | None, pack: PackDocument) -> bool:
    """Whether a system owes this document by its tier and regimes. A tier the pack does not know owes them all."""
    if not template.tiers:
        return False
    level = system.tier if system and pack.tier(system.tier) else None
    if level is not None and level not in template.tiers:
        return False
    return not template.regimes or bool(system and system.regimes & set(template.regimes))


def standings(
    pack: PackDocument, system: SystemFacts | None, documents: Iterable[DocumentFact], at: datetime, *,
    owed_only: bool = False,
) -> tuple[Completeness, ...]:  # fmt: skip
    """How every document the pack knows, or every one the system owes, stands for one system, in the pack's order."""
    present: Mapping[str, DocumentFact] = {document.template: document for document in documents}
    templates = pack.documents.templates if pack.documents else ()
    return tuple(
        standing(template, present.get(template.id), system, pack, at)
        for template in templates
        if not owed_only or owes(template, system, pack)
    )


def _starts(template: DocumentTemplate, system: SystemFacts | None, pack: PackDocument) -> datetime | None:
    """The template's own day or the first on which a regime begins it is owed to, whichever is later."""
    concerned = set(template.regimes) & system.regimes if template.regimes and system else set()
    begin = min((regime.starts for regime in pack.all_regimes if regime.id in concerned), default=None)
    days = [day for day in (template.starts, begin) if day is not None]
    return datetime.combine(max(days), time.min, UTC) if days else None
