"""Taking a file apart, whatever it is: a workbook, or separated values as the mapping says they are written."""

from __future__ import annotations

from inventory.imports.reader import Limits, Table, read_table
from inventory.imports.schema import Format
from inventory.imports.workbook import SIGNATURE, read_workbook


def open_table(content: bytes, written: Format, limits: Limits) -> Table:
    """The file's header and rows. Raises Unreadable, Refused."""
    if content.startswith(SIGNATURE):
        return read_workbook(content, limits=limits)
    return read_table(
        content, delimiter=written.delimiter, encodings=tuple(written.encodings), reads_as=written.reads_as,
        limits=limits,
    )  # fmt: skip
