"""What a mapping file may say: typed, unknown keys refused, every fault with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inventory.imports.folding import fold

FOLDER = Path(__file__).parent / "mappings"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
TextTarget = Literal[
    "purpose", "objectives", "intended_use", "out_of_scope_use", "affected_groups", "human_oversight", "outputs",
    "vendor", "own_role_reason", "demographic_variables",
]  # fmt: skip
ValueTarget = Literal["phase", "origin", "impact", "own_role", "personal_data"]


class MappingFault(Exception):  # noqa: N818  an answer, not an error
    """A mapping file is missing or says something it may not; each sentence begins with its line."""

    def __init__(self, name: str, sentences: list[str]) -> None:
        super().__init__(f"mapping {name}: {'; '.join(sentences)}")
        self.name = name
        self.sentences = sentences


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column: found by `position` (from 1) or by `header`; both given, both must agree."""

    name: Word
    header: str | None = None
    position: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _is_found_somehow(self) -> Self:
        if self.header is None and self.position is None:
            raise ValueError("a column needs a header, a position, or both")
        return self


class TextField(_Strict):
    """Text taken over as it is, outer blanks aside. `list` also reads `["A","B"]` and writes one entry a line."""

    column: Word
    reads: Literal["text", "list"] = "text"
    drop_nothing: bool = False


class ValueField(_Strict):
    """A closed choice: each of our words with the ways it is written."""

    column: Word
    values: dict[Word, list[str]]
    blank: Word
    otherwise: Word

    @model_validator(mode="after")
    def _reads_each_writing_once(self) -> Self:
        seen: dict[str, str] = {}
        for word, writings in self.values.items():
            for writing in writings:
                other = seen.setdefault(fold(writing), word)
                if other != word:
                    raise ValueError(f"“{writing}” is read both as {other} and as {word}")
        return self

    @cached_property
    def table(self) -> Mapping[str, str]:
        """Folded writing → our word."""
        return {fold(writing): word for word, writings in self.values.items() for writing in writings}


class DateField(_Strict):
    """A date kept beside the system: as written, its shape, and its value where that is certain."""

    column: Word
    order: Literal["mdy", "dmy"]


class Format(_Strict):
    """How the file is written. No encodings given: whatever is found and reported.

    `reads_as`: the encoding somebody chose because another was found by mistake.
    `marked`: the portal's own export, where an apostrophe before a cell is a mark and no part of it.
    """

    delimiter: Literal[",", ";", "\t", "|"] = ","
    encodings: list[Literal["utf-8", "utf-8-sig", "utf-16", "cp1252"]] = []
    marked: bool = False
    reads_as: Literal["", "utf-8", "utf-8-sig", "utf-16", "cp1252"] = ""


class MappingDocument(_Strict):
    """One mapping: which column means what, and how its values are read. All units stand below `within`, if given."""

    name: Annotated[str, Field(pattern=rf"^{NAME.pattern}$")]
    version: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(pattern=rf"^{NAME.pattern}$")]
    format: Format = Format()
    nothing: list[str] = []
    columns: Annotated[list[Column], Field(min_length=1)]
    identifier: Word | None = None
    within: Annotated[str, Field(max_length=300)] = ""
    units: Annotated[list[Word], Field(max_length=8)] = []
    system: Word
    texts: dict[TextTarget, TextField] = {}
    values: dict[ValueTarget, ValueField] = {}
    dates: dict[Word, DateField] = {}

    @model_validator(mode="after")
    def _names_its_columns(self) -> Self:
        names = [column.name for column in self.columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"columns named twice: {', '.join(twice)}")
        if unknown := sorted(set(self.used) - set(names)):
            raise ValueError(f"no column is named {', '.join(unknown)}")
        if not self.units and not self.within.strip():
            raise ValueError("units: a column that names a unit, or `within` for all rows, is needed")
        return self

    @property
    def used(self) -> list[str]:
        """The columns that are read into something; every other one is kept as it stands."""
        fields = (self.texts, self.values, self.dates)
        identifier = [self.identifier] if self.identifier else []
        return [*identifier, *self.units, self.system, *(f.column for group in fields for f in group.values())]

    @cached_property
    def nothing_words(self) -> frozenset[str]:
        """The folded words that say there is no value."""
        return frozenset(fold(word) for word in self.nothing)

    def strangers(self, choices: Mapping[str, frozenset[str]]) -> list[str]:
        """The words this mapping maps to that the portal does not know, as `field: word`."""
        return [
            f"{target}: {word}"
            for target, field in self.values.items()
            for word in (*field.values, field.blank, field.otherwise)
            if word not in choices[target]
        ]


class Variant(_Strict):
    """The same register in another dress: everything as in `like`, other columns."""

    name: Annotated[str, Field(pattern=rf"^{NAME.pattern}$")]
    version: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    like: Annotated[str, Field(pattern=rf"^{NAME.pattern}$")]
    columns: Annotated[list[Column], Field(min_length=1)]
    format: Format | None = None


def names(folder: Path = FOLDER) -> list[str]:
    """The mappings that can be chosen."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load(name: str, folder: Path = FOLDER) -> MappingDocument:
    """The mapping of that name. Raises MappingFault when there is none or it says what it may not."""
    if name not in names(folder):
        raise MappingFault(name, [f"there is none of that name; there are {', '.join(names(folder))}"])
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    document = parse(text, name=name, folder=folder)
    if document.name != name:
        raise MappingFault(name, [f"line 1: the file calls itself {document.name}"])
    return document


def parse(text: str, *, name: str, folder: Path = FOLDER) -> MappingDocument:
    """A mapping from its YAML. Raises MappingFault with the line of every fault."""
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.AliasToken):  # a few of them can stand for more than any memory holds
                raise MappingFault(name, [f"line {token.start_mark.line + 1}: a mapping repeats nothing by alias"])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except RecursionError as error:
        raise MappingFault(name, ["line 1: is nested deeper than any mapping"]) from error
    except yaml.reader.ReaderError as error:
        raise MappingFault(name, [f"line 1: {error.reason}"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingFault(name, [f"line {line}: {error.problem or 'is no YAML'}"]) from error
    if not isinstance(data, dict):
        raise MappingFault(name, ["line 1: a mapping is a list of keys with values"])
    try:
        if "like" not in data:
            return MappingDocument.model_validate(data)
        variant = Variant.model_validate(data)
    except ValidationError as error:
        raise MappingFault(name, [_located(node, fault) for fault in error.errors()]) from error
    base = load(variant.like, folder)
    merged = {**base.model_dump(), **variant.model_dump(exclude={"like"}, exclude_none=True)}
    try:
        return MappingDocument.model_validate(merged)
    except ValidationError as error:
        raise MappingFault(name, [f"line 1: {fault['msg']}" for fault in error.errors()]) from error


def _located(node: yaml.Node | None, fault: Any) -> str:
    """The sentence of a fault with the line of the nearest thing the file does say."""
    line, path = 1, ".".join(str(part) for part in fault["loc"])
    for part in fault["loc"]:
        child = _child(node, part)
        if child is None:
            break
        line, node = child
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"line {line}: {path}: {message}" if path else f"line {line}: {message}"


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
