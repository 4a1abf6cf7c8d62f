"""Rows of plain values come in, sheets of a workbook go out: each value by the kind of its column, texts as texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

import xlsxwriter

LONGEST = 32_000
"""Characters of a cell; of more than 32,767 Excel would show nothing at all."""
LONGEST_TITLE = 31
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in one program or another, also after the sheet was saved as CSV."""

MONEY, HOURS, COUNT, SHARE, TEXT, DAY = "money", "hours", "count", "share", "text", "day"
FORMATS = {MONEY: "#,##0.00 [$€-407]", HOURS: "[h]:mm", COUNT: "#,##0", SHARE: "0.0 %", DAY: "dd.mm.yyyy"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: heading, what its values are, width in characters."""

    label: str
    kind: str = MONEY
    width: int = 14


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title, its columns, a value or None for each of them in every row, and how many columns stay where
    they are when the sheet is moved sideways."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    fixed: int = 1


def open_workbook(target: str | IO[bytes], **more: Any) -> xlsxwriter.Workbook:
    """A workbook that takes every text as a text: a name that begins like a formula stays a name."""
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(target, plain | more)


def workbook(*sheets: Sheet) -> bytes:
    """Lists as a workbook.

    >>> workbook(Sheet("Kunden", [Column("Name", TEXT)], [["=1+1"]]))[:2]
    b'PK'
    """
    target = BytesIO()
    with open_workbook(target, in_memory=True) as book:
        writer = Writer(book)
        for sheet in sheets:
            writer.add(sheet)
    return target.getvalue()


class Writer:
    """Writes sheets into an open workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.formats = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
        self.quoted = book.add_format({"quote_prefix": True})

    def add(self, sheet: Sheet) -> None:
        """A sheet with a frozen header and a filter over all its rows."""
        page = self.book.add_worksheet(sheet.title[:LONGEST_TITLE])
        page.freeze_panes(1, sheet.fixed)
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, column.width)
            page.write_string(0, place, column.label, self.head)
        last = 0
        for last, row in enumerate(sheet.rows, start=1):
            for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                self._cell(page, last, place, column.kind, value)
        page.autofilter(0, 0, last, len(sheet.columns) - 1)

    def _cell(self, page: Any, row: int, place: int, kind: str, value: Any) -> None:
        if value is None or value == "":
            return
        if kind == TEXT:
            text = str(value)[:LONGEST]
            page.write_string(row, place, text, self.quoted if text.startswith(DANGEROUS) else None)
        elif kind == DAY:
            page.write_datetime(row, place, value, self.formats[DAY])
        else:
            # a workbook knows euro, days and shares as floating point: only here, at the very end
            parts = {MONEY: 100, HOURS: 86_400, SHARE: 1000}.get(kind, 1)
            page.write_number(row, place, value / parts, self.formats[kind])
