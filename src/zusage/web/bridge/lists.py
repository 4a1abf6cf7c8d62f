"""An uploaded list comes in, its lines by the names of their columns go out; what is no table is refused.

Text with any separator and workbooks are read as files of the book are; columns are known by their headers, however
they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from zusage.book.cells import Unreadable, day, word
from zusage.book.grid import Cell, Sheet, lay_out
from zusage.book.headers import fold
from zusage.book.mapping import FileMapping
from zusage.book.recognise import open_grids
from zusage.ground.reasons import Place, Refused, mistake


@dataclass(frozen=True)
class ListLine:
    """A line of a list: where it stands in its file, and what its cells hold, by column."""

    line: int
    cells: Mapping[str, str]


def list_lines(path: Path, name: str, columns: Mapping[str, Sequence[str]], needed: str) -> list[ListLine]:
    """The lines of a list. `columns`: each column with the headers it may have; `needed`: the one it cannot be without.

    Raises Refused for a file that is no table, one without the needed column, and one with columns nobody knows: what
    was written in them would be lost.
    """
    grids, _ = open_grids(path, name, FileMapping())
    wanted = [header for headers in columns.values() for header in headers]
    sheets = [sheet for grid in grids if (sheet := lay_out(grid, name, wanted)) is not None]
    known = {fold(header): column for column, headers in columns.items() for header in headers}
    for sheet in sheets:
        places = {header: known.get(fold(header)) for header in sheet.headers}
        if needed in places.values():
            return _lines(sheet, places, name)
    raise Refused([mistake("imports_list_column", Place(name), text=columns[needed][0])])


def _lines(sheet: Sheet, places: Mapping[str, str | None], name: str) -> list[ListLine]:
    wrong = [
        mistake("imports_list_unknown", Place(name, sheet.header_line, header))
        for header, column in places.items()
        if column is None
    ]
    wrong += [mistake("imports_list_overlong", Place(name, line)) for line, _ in sheet.overlong]
    if wrong:
        raise Refused(wrong)
    named = list(zip(places.values(), sheet.columns, strict=True))
    return [
        ListLine(line, {str(column): _text(cells[at]) for column, cells in named})
        for at, line in enumerate(sheet.lines)
    ]


def _text(cell: Cell) -> str:
    """A cell as somebody wrote it: a whole number of a workbook without its decimal mark."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return cell.strip()


def read_day(text: str) -> date | None:
    """A day as lists write it, days before months; None for what is no day.

    >>> read_day("26.11.2026"), read_day("2026-11-26 10:15"), read_day("gestern")
    (datetime.date(2026, 11, 26), datetime.date(2026, 11, 26), None)
    """
    found: date | None = _read(day("dmy"), text)
    return found


def read_channel(text: str) -> str | None:
    """A way of contact in either language; None for a word nobody knows.

    >>> read_channel("E-Mail"), read_channel("Brief"), read_channel("Fax")
    ('email', 'post', None)
    """
    found: str | None = _read(word("channel"), text)
    return found


def _read(parse: Callable[[Cell], Any], text: str) -> Any:
    try:
        return parse(text)
    except Unreadable:
        return None
