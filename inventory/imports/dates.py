"""Reading a date as somebody wrote it: certain, or flagged with what is wrong. Nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from inventory.imports.folding import fold

_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DAY_MONTH = re.compile(r"\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.ASCII)
_YEAR_CELLS = range(1900, 1950)
_TYPED_YEARS = range(1950, 2101)


class DateShape(StrEnum):
    """What a written date is."""

    CERTAIN = "certain"
    BLANK = "blank"
    NO_VALUE = "no_value"
    TYPED_YEAR = "typed_year"
    AMBIGUOUS = "ambiguous"
    OTHER = "other"


SHAPE_SENTENCES: dict[DateShape, str] = {
    DateShape.CERTAIN: "A date.",
    DateShape.BLANK: "Left blank.",
    DateShape.NO_VALUE: "A word that says there is no value.",
    DateShape.TYPED_YEAR: "A day between 1900 and 1949: most likely a year that was typed into a date cell.",
    DateShape.AMBIGUOUS: "A number and a month: day and month, or year and month.",
    DateShape.OTHER: "Text that is no date.",
}


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A written date with its shape; `value` only when certain, `hint` the year a spreadsheet may have swallowed."""

    written: str
    shape: DateShape
    value: date | None = None
    hint: str = ""


def read_date(written: str, *, order: str, nothing: frozenset[str]) -> ReadDate:
    """Read a date written month first (`order` "mdy") or day first ("dmy"); `nothing` holds folded no-value words."""
    text = written.strip()
    if not text:
        return ReadDate(written, DateShape.BLANK)
    if fold(text) in nothing:
        return ReadDate(written, DateShape.NO_VALUE)
    if slashed := _SLASHED.fullmatch(text):
        first, second, year = (int(part) for part in slashed.groups())
        return _checked(written, year, *((first, second) if order == "mdy" else (second, first)))
    if iso := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in iso.groups())
        return _checked(written, year, month, day)
    if _DAY_MONTH.fullmatch(text.casefold()):
        return ReadDate(written, DateShape.AMBIGUOUS)
    return ReadDate(written, DateShape.OTHER)


def _checked(written: str, year: int, month: int, day: int) -> ReadDate:
    try:
        value = date(year, month, day)
    except ValueError:
        return ReadDate(written, DateShape.OTHER)
    if year in _YEAR_CELLS:
        typed = (value - _EPOCH) // timedelta(days=1)
        return ReadDate(written, DateShape.TYPED_YEAR, hint=str(typed) if typed in _TYPED_YEARS else "")
    return ReadDate(written, DateShape.CERTAIN, value)
