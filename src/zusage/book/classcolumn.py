"""The user's own customer list and the classes come in; a copy of the list with one column more comes out.

The copy is the list as it was: same encoding, delimiter, title lines and line ends; every other byte stays as it is.
A workbook is copied sheet by sheet as values, without its formats.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zusage.book import cells
from zusage.book.grid import Cell, Grid
from zusage.book.joining import Ids, loose_customer
from zusage.book.mapping import NOTHING_SAID, FileMapping, read_mapping
from zusage.book.recognise import Source, recognise
from zusage.book.sources import delimited, spreadsheet
from zusage.ground.reasons import Place, Refused, mistake


def with_class_column(
    customer_list: Path, out: Path, classes: Mapping[str, str], header: str, mapping: Path | None = None
) -> Path:
    """Write a copy of a customer list to `out` with the column `header` at its right; returns `out`.

    `classes`: customer id → the class as it shall be shown; customers without one get an empty cell. `mapping`: the
    mapping file the list was read with. Raises Refused where the file is no customer list, already has the column, or
    cannot hold the text of a class.
    """
    said = read_mapping(mapping).of(customer_list.name) if mapping else NOTHING_SAID
    source = recognise(customer_list, customer_list.name, "", said)
    place = Place(customer_list.name)
    if source.table != "customers":
        raise Refused([mistake("book_not_a_customer_list", place)])
    if header in source.sheet.headers:
        raise Refused([mistake("book_column_exists", place, column=header)])
    wanted = {source.sheet.header_line: _harmless(header), **_by_line(source, classes)}
    data = customer_list.read_bytes()
    if spreadsheet.is_zip(data):
        out = out.with_suffix(".xlsx")  # values alone are no XLSM
        _write_workbook(customer_list, out, source, wanted)
    else:
        out.write_bytes(_delimited(data, said, wanted, place))
    return out


def _by_line(source: Source, classes: Mapping[str, str]) -> dict[int, str]:
    """The class of each line; ids match as they do when files are joined."""
    column = source.sheet.columns[source.fields["customer_id"][0]]
    ids, _ = cells.read_column(column, cells.identity)
    found = Ids({customer: customer for customer in classes}, loose_customer).join(
        [written if isinstance(written, str) else None for written in ids]
    )
    taken = [found.found.get(written) if isinstance(written, str) else None for written in ids]
    lines = zip(source.sheet.lines, taken, strict=True)
    return {line: _harmless(classes[customer]) for line, customer in lines if customer}


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


# --- text files


def _delimited(data: bytes, said: FileMapping, wanted: Mapping[int, str], place: Place) -> bytes:
    content, encoding, mark = delimited.decode(data, said.encoding)
    text = delimited.open_text(data, said.encoding, said.delimiter)
    header_line = min(wanted)
    pieces = [text.head]
    body = content[len(text.head) :]
    records = _records(body, text.delimiter, text.first_line)
    width = next(cell_count for line, _, cell_count in records if line == header_line)
    for line, record, cell_count in records:
        end = record[len(record.rstrip("\r\n")) :]
        if line < header_line or not record.strip():
            pieces.append(record)
            continue
        short = text.delimiter * max(0, width - cell_count)
        cell = _quoted(wanted.get(line, ""), text.delimiter)
        pieces.append(record[: len(record) - len(end)] + short + text.delimiter + cell + end)
    try:
        return mark + "".join(pieces).encode(encoding)
    except UnicodeEncodeError as error:
        bad = error.object[error.start : error.end]
        raise Refused([mistake("book_class_not_encodable", place, text=bad, encoding=encoding)]) from error


def _records(body: str, delimiter: str, first_line: int) -> list[tuple[int, str, int]]:
    """Every record as it stands, with the line it begins in and how many cells it has."""
    physical = list(io.StringIO(body, newline=""))
    reader = csv.reader(physical, delimiter=delimiter, strict=True)
    found, begin = [], 0
    for row in reader:
        found.append((begin + first_line, "".join(physical[begin : reader.line_num]), len(row)))
        begin = reader.line_num
    return found


def _quoted(text: str, delimiter: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in (delimiter, '"', "\n")) else text


# --- workbooks


def _write_workbook(path: Path, out: Path, source: Source, wanted: Mapping[int, str]) -> None:
    grids = spreadsheet.read_sheets(path, path.name, days_as_dates=True)
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    import xlsxwriter  # noqa: PLC0415 - whoever reads a book without writing a list into it need not load it

    with xlsxwriter.Workbook(str(out), options) as book:
        for grid in grids:
            sheet = book.add_worksheet(grid.sheet)
            _write_sheet(book, sheet, grid, wanted if source.sheet.sheet == grid.sheet else {})


def _write_sheet(book: Any, sheet: Any, grid: Grid, wanted: Mapping[int, str]) -> None:
    column = max((_width(values) for values in grid.rows), default=0)
    formats: dict[type, Any] = {
        date: book.add_format({"num_format": "dd.mm.yyyy"}),
        datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
    }
    for row, (line, values) in enumerate(zip(grid.lines, grid.rows, strict=True)):
        for at, value in enumerate(values):
            _write_cell(sheet, row, at, value, formats)
        if line in wanted:
            sheet.write_string(row, column, wanted[line])


def _width(values: Sequence[Cell]) -> int:
    return max((at + 1 for at, value in enumerate(values) if value != ""), default=0)


def _write_cell(sheet: Any, row: int, column: int, value: Any, formats: Mapping[type, Any]) -> None:
    if type(value) in formats:
        sheet.write_datetime(row, column, value, formats[type(value)])
    elif value == "":
        return
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)
