"""A grid of cells as a file holds it comes in, a sheet with one header and plain columns comes out.

Titles above the table, blank lines and headers repeated on every page are counted by kind and left out; sum lines are
found later, when it is known which columns hold ids (see parse.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from zusage.book import headers

Cell = str | float
"""A cell is text as written, or a number of a spreadsheet; "" is empty. Days of a spreadsheet are ISO text."""


@dataclass
class Grid:
    """All records of a file or of one sheet, with the line each begins in (from 1)."""

    lines: Sequence[int]
    rows: list[list[Cell]]
    sheet: str | None = None


@dataclass
class Sheet:
    """A table of a file: headers that differ from each other, and one list of cells for each."""

    file: str
    headers: list[str]
    header_line: int
    lines: list[int]
    columns: list[list[Cell]]
    skipped: Counter[str] = field(default_factory=Counter)
    overlong: list[tuple[int, str]] = field(default_factory=list)  # lines with more cells than headers
    titles: list[list[Cell]] = field(default_factory=list)
    sheet: str | None = None  # of a workbook

    def __len__(self) -> int:
        return len(self.lines)


def lay_out(grid: Grid, file: str, wanted: Sequence[str] = (), header_line: int | None = None) -> Sheet | None:
    """Find the header line and cut the grid into columns; None where nothing looks like a table.

    `wanted` are headers a mapping names; `header_line` is a line a mapping gives.
    """
    at = _header_row(grid, {headers.fold(name) for name in wanted}, header_line)
    if at is None:
        return None
    raw = [_label(cell) for cell in _trimmed(grid.rows[at])]
    sheet = Sheet(file, _unique(raw), grid.lines[at], [], [], sheet=grid.sheet)
    sheet.titles = [row for row in grid.rows[:at] if not _blank(row)]
    sheet.skipped["title"] = len(sheet.titles)
    sheet.skipped["blank"] = at - len(sheet.titles)
    sheet.skipped["header"] = 1
    _fill(sheet, grid, at)
    return sheet


def _header_row(grid: Grid, wanted: set[str], header_line: int | None) -> int | None:
    if header_line is not None:
        return next((at for at, line in enumerate(grid.lines) if line == header_line), None)
    first = range(min(40, len(grid.rows)))
    scores = [_score(grid.rows[at], wanted) for at in first]
    best = max(scores, default=0)
    if best >= 2 or (best and wanted):
        return scores.index(best)
    return _first_full_row(grid)


def _score(row: list[Cell], wanted: set[str]) -> int:
    labels = {_label(cell) for cell in row if isinstance(cell, str) and 0 < len(cell) < 200}
    return sum(10 if headers.fold(label) in wanted else headers.is_known(label) for label in labels if label)


def _first_full_row(grid: Grid) -> int | None:
    """Nothing known: the first line as wide as most lines, all text and all different, can still be a header."""
    widths = Counter(len(_trimmed(row)) for row in grid.rows[:200])
    usual = max((width for width in widths if width >= 2), key=lambda width: widths[width], default=0)
    for at, row in enumerate(grid.rows[:40]):
        cells = _trimmed(row)
        if len(cells) >= usual >= 2 and len(set(cells)) == len(cells) and all(isinstance(cell, str) for cell in cells):
            return at
    return None


def _label(cell: Cell) -> str:
    return " ".join(str(cell).split())  # split() also takes NBSP and line breaks


def _trimmed(row: list[Cell]) -> list[Cell]:
    end = len(row)
    while end and is_empty(row[end - 1]):
        end -= 1
    return row[:end]


def is_empty(cell: Cell) -> bool:
    """Whether nothing but blanks stands in a cell."""
    return isinstance(cell, str) and not cell.strip()


def _blank(row: list[Cell]) -> bool:
    return all(is_empty(cell) for cell in row)


def _unique(labels: list[str]) -> list[str]:
    """Headers made different: a second `Betrag` becomes `Betrag (2)`, an empty one `Column 3`."""
    seen: set[str] = set()
    for at, label in enumerate(labels):
        name = label or f"Column {at + 1}"
        copy = 2
        while name in seen:
            name, copy = f"{label} ({copy})", copy + 1
        seen.add(name)
        labels[at] = name
    return labels


def _fill(sheet: Sheet, grid: Grid, at: int) -> None:
    """The rows below the header that are data, cut or filled to its width."""
    width, header = len(sheet.headers), _trimmed(grid.rows[at])
    pages = {_shape(title) for title in sheet.titles}
    rows: list[list[Cell]] = []
    lines: list[int] = []
    for row, line in zip(islice(grid.rows, at + 1, None), islice(grid.lines, at + 1, None), strict=True):
        if not row or (row[0] == "" and _blank(row)):
            sheet.skipped["blank"] += 1
        elif row[0] == header[0] and _trimmed(row) == header:
            sheet.skipped["header_again"] += 1
            while rows and _shape(rows[-1]) in pages:  # the titles of a new page stand above its header
                del rows[-1], lines[-1]
                sheet.skipped["title"] += 1
        elif len(row) > width and not _blank(row[width:]):
            sheet.overlong.append((line, str(row[width])))
        else:
            rows.append(row if len(row) == width else _fitted(row, width))
            lines.append(line)
    sheet.lines = lines
    sheet.columns = [[row[column] for row in rows] for column in range(width)]


def _fitted(row: list[Cell], width: int) -> list[Cell]:
    return row[:width] + [""] * (width - len(row))


def _shape(row: list[Cell]) -> tuple[str, ...]:
    """What stands in a row apart from its numbers: page 1 and page 2 have the same shape."""
    return tuple(re.sub(r"\d+", "0", str(cell)) for cell in row if not is_empty(cell))
