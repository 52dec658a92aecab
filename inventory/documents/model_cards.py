"""Model cards: Markdown below YAML front matter, taken apart into a document's sections and put together again. Pure.

Nothing of a card is thrown away. A heading that speaks of what a section of the template asks for opens that section,
with everything below it; the rest stays, in its place, as further text. The order is kept, so that putting the
sections together again gives the card.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from governance.inputs import unreadable
from inventory.documents import front_matter
from inventory.documents.front_matter import FRONT_MATTER, FrontMatterError

LARGEST = 2_000_000
MOST_PARTS = 80
# What closes a heading is cut off afterwards: an expression that did so would try every way to split long blanks.
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# Words in headings of cards → the section of our model card they belong to; the first that fits counts.
SPEAKS_OF = (
    ("limits", re.compile(r"limitation|\bbias|\brisk|caveat|failure", re.IGNORECASE)),
    ("data", re.compile(r"training data|pre-?training|\bdata\b|\bdatasets?\b", re.IGNORECASE)),
    ("performance", re.compile(r"evaluation|performance|benchmark|\bresults\b", re.IGNORECASE)),
    ("oversight", re.compile(r"oversight|\bappeal|responsib", re.IGNORECASE)),
    ("purpose", re.compile(r"intended use|\bpurpose\b|^(model )?uses?$|direct use", re.IGNORECASE)),
)


class CardError(ValueError):
    """What is wrong with a card; `line` is 0 where it has none."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Card:
    """A card taken apart: section id → Markdown, in the order of `layout`; the front matter also as data."""

    sections: Mapping[str, str]
    layout: tuple[str, ...]
    headings: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Part:
    level: int
    heading: str
    lines: list[str]
    section: str = ""


def read(content: bytes, titles: Mapping[str, str]) -> Card:
    """Take a card apart; `titles` are the template's section ids and headings. Raises CardError."""
    text = _text(content)
    matter, body = _split(text)
    try:
        data = front_matter.read(matter)
    except FrontMatterError as error:
        raise CardError(str(error), 1) from error
    parts = _parts(body)
    headings = tuple(part.heading for part in parts if part.level)
    sections: dict[str, str] = {}
    for part in _joined(_assigned(_fewer(parts), titles)):
        written = "\n".join(part.lines).strip()
        if written:
            name = part.section or f"card-{len(sections) + 1:02}"
            sections[name] = written
    if not sections and not matter.strip():
        raise CardError("The file is empty.")
    layout = tuple(sections)
    if matter.strip():
        sections = {FRONT_MATTER: matter.strip(), **sections}
    return Card(sections, layout, headings, data)


def write(
    sections: Mapping[str, str], layout: Sequence[str], titles: Mapping[str, str], about: Mapping[str, Any]
) -> str:
    """The card of a document; `about` becomes the front matter of one that was written here and has none."""
    matter = sections.get(FRONT_MATTER, "").strip() or ("" if layout else _dumped(about))
    order = [name for name in layout if name in sections]
    order += [name for name in titles if name in sections and name not in order]
    order += sorted(set(sections) - {*order, FRONT_MATTER})
    parts = [_with_heading(sections[name].strip(), titles.get(name), layout, name) for name in order]
    if not layout and about.get("model_name"):
        parts.insert(0, f"# {about['model_name']}")
    whole = "\n\n".join(filter(None, parts))
    return f"---\n{matter}\n---\n\n{whole}\n" if matter else f"{whole}\n"


def _with_heading(text: str, title: str | None, layout: Sequence[str], name: str) -> str:
    """A section under its heading, unless it begins with one of its own or stands where a card had plain text."""
    if not text or _HEADING.match(text.split("\n", 1)[0]) or (title is None and name in layout):
        return text
    return f"## {title or name.replace('-', ' ').capitalize()}\n\n{text}"


def _dumped(about: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in about.items() if value}
    return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=10_000).strip() if kept else ""


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise CardError(f"The file has {len(content):,} bytes; at most {LARGEST:,} are read.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CardError("The file is no UTF-8 text.", content[: error.start].count(b"\n") + 1) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if unreadable(text, lines=True):
        for number, line in enumerate(text.split("\n"), 1):
            if sentence := unreadable(line, lines=True):
                raise CardError(sentence, number)
    return text


def _split(text: str) -> tuple[str, str]:
    """Front matter and body."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return "", text
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    raise CardError("The front matter that begins here never ends.", 1)


def _parts(body: str) -> list[_Part]:
    """The text before the first heading, then each heading with its text; what stands in code is no heading."""
    parts = [_Part(0, "", [])]
    fence = ""
    for line in body.split("\n"):
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        heading = None if fence else _HEADING.match(line)
        if heading:
            parts.append(_Part(len(heading[1]), heading[2].rstrip(" \t").rstrip("#").rstrip(" \t"), []))
        parts[-1].lines.append(line)
    return parts


def _fewer(parts: list[_Part]) -> list[_Part]:
    """The same, split at fewer levels while there are too many parts."""
    deepest = 6
    while len(parts) > MOST_PARTS and deepest:
        deepest -= 1
        fewer: list[_Part] = []
        for part in parts:
            if fewer and part.level > deepest:
                fewer[-1].lines.extend(part.lines)
            else:
                fewer.append(part)
        parts = fewer
    return parts


def _assigned(parts: list[_Part], titles: Mapping[str, str]) -> Iterable[_Part]:
    """Each part with the section it belongs to, if any: by the template's own heading first, then by its words."""
    by_title = {title.casefold(): name for name, title in titles.items()}
    taken: set[str] = set()
    section, level = "", 0
    for part in parts:
        if not part.level:
            yield part
            continue
        exact = by_title.get(part.heading.casefold(), "")
        found = exact or _spoken_of(part.heading, titles)
        if found and found not in taken:
            section, level = found, part.level
            taken.add(found)
            if exact and part.lines[0] == f"## {titles[exact]}":
                part.lines = part.lines[1:]
        elif not section or part.level <= level:
            section = ""
        part.section = section
        yield part


def _spoken_of(heading: str, titles: Mapping[str, str]) -> str:
    return next((name for name, words in SPEAKS_OF if name in titles and words.search(heading)), "")


def _joined(parts: Iterable[_Part]) -> list[_Part]:
    """Neighbours of one section as one part."""
    joined: list[_Part] = []
    for part in parts:
        if joined and joined[-1].section == part.section:
            joined[-1].lines.extend(part.lines)
        else:
            joined.append(part)
    return joined
