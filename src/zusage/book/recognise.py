"""The path of a file comes in; its table, with a field for each column, comes out, or what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zusage.book import headers
from zusage.book.grid import Grid, Sheet, lay_out
from zusage.book.mapping import FileMapping
from zusage.book.sources import delimited, fritzbox, spreadsheet
from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Place, Refused, mistake, note, warning

DATEV = "book_file_datev"
SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt", ".asc", ".dat", ".gdv", ".xlsx", ".xlsm", ".xls", ".ods"})
"""Files of these names are opened; which format they are is told by their first bytes."""

LARGEST_BYTES = 1 << 30
"""Text beyond this is no export of a program on a desk; books of that size come as Parquet."""


@dataclass
class Source:
    """A table of a file: which it is and which columns hold which field."""

    path: Path
    sha256: str
    table: str
    by: str  # headers, mapping, fritzbox
    sheet: Sheet
    fields: dict[str, list[int]]
    mapping: FileMapping
    findings: list[Finding] = field(default_factory=list)

    @property
    def file(self) -> str:
        return self.sheet.file


def open_grids(
    path: Path, file: str, mapping: FileMapping, strangers: bool = False
) -> tuple[list[Grid], list[Finding]]:
    """The grids of a file (several for a workbook), told by its first bytes; raises Refused when it is no table.

    `strangers`: also open formats that are known to be something else but have columns, as DATEV has.
    """
    place = Place(file)
    if path.stat().st_size > LARGEST_BYTES:
        raise Refused([mistake("book_file_too_large", place)])
    data = path.read_bytes()
    if not data.strip():
        raise Refused([mistake("book_file_empty", place)])
    if spreadsheet.is_zip(data):
        return spreadsheet.read_sheets(path, file), []
    code = _not_text(data)
    if code:
        raise Refused([mistake(code, place)])
    return _text_grids(data, file, mapping, strangers)


def _not_text(data: bytes) -> str | None:
    if spreadsheet.is_old_office(data):
        return spreadsheet.old_office_code(data)
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        return "book_file_html"
    if head.startswith(b"%pdf") or delimited.is_binary(data):
        return "book_file_binary"
    return None


def _text_grids(data: bytes, file: str, mapping: FileMapping, strangers: bool) -> tuple[list[Grid], list[Finding]]:
    try:
        text = delimited.open_text(data, mapping.encoding, mapping.delimiter)
    except UnicodeDecodeError as error:
        raise Refused([mistake("book_encoding_wrong", Place(file), encoding=mapping.encoding)]) from error
    hint = _known_stranger(text.text)
    if hint and mapping.table is None and not (strangers and hint == DATEV):
        raise Refused([warning(hint, Place(file))])
    grid, findings = delimited.read_text(file, text)
    return [grid], findings


def _known_stranger(text: str) -> str | None:
    """Formats of the trade that are no tables: better named than guessed at."""
    if text.startswith(('"EXTF";', "EXTF;", '"DTVF";', "DTVF;")):
        return DATEV
    if text.startswith("0001") and len(text.split("\n", 1)[0]) >= 200:
        return "book_file_gdv"
    return None


def recognise(path: Path, file: str, sha256: str, mapping: FileMapping) -> Source:
    """The table of a file; raises Refused with findings where it cannot be used or is not known."""
    grids, findings = open_grids(path, file, mapping)
    grids = _chosen(grids, file, mapping)
    laid = [lay_out(grid, _label(file, grid, grids), mapping.wanted, mapping.header) for grid in grids]
    sheets = [sheet for sheet in laid if sheet is not None]
    if not sheets:
        # without a mapping this may be a note somebody put beside the tables
        raise Refused([(mistake if mapping.table else warning)("book_no_header", Place(file))])
    fitting = [(sheet, tables) for sheet in sheets if (tables := _tables(sheet, mapping))]
    if mapping.table and not fitting:
        fitting = [(sheets[0], [mapping.table])]  # none of its columns is here: that is said below, column by column
    if not fitting:
        raise Refused([_unknown(file, sheets[0])])
    if len(fitting) > 1:
        raise Refused([mistake("book_several_sheets", Place(file), sheets=", ".join(_sheet_names(grids)))])
    sheet, tables = fitting[0]
    if len(tables) > 1:
        raise Refused([warning("book_file_ambiguous", Place(file), tables=", ".join(tables), file=file)])
    source = Source(path, sha256, tables[0], _by(tables[0], mapping), sheet, {}, mapping, findings)
    _assign_fields(source)
    return source


def _unknown(file: str, sheet: Sheet) -> Finding:
    """The finding for a table nobody knows: it names the headers and the way on."""
    shown = ", ".join(sheet.headers[:8]) + (", …" if len(sheet.headers) > 8 else "")
    return warning("book_file_unknown", Place(file), columns=shown, file=file)


def _by(table: str, mapping: FileMapping) -> str:
    if table == "fritzbox":
        return "fritzbox"
    return "mapping" if mapping.table else "headers"


def _chosen(grids: list[Grid], file: str, mapping: FileMapping) -> list[Grid]:
    if mapping.sheet is None:
        return grids
    found = [grid for grid in grids if grid.sheet == mapping.sheet]
    if not found:
        names = ", ".join(_sheet_names(grids))
        raise Refused([mistake("book_sheet_missing", Place(file), sheet=mapping.sheet, sheets=names)])
    return found


def _sheet_names(grids: Sequence[Grid]) -> list[str]:
    return [grid.sheet or "" for grid in grids]


def _label(file: str, grid: Grid, grids: Sequence[Grid]) -> str:
    return f"{file} [{grid.sheet}]" if grid.sheet and len(grids) > 1 else file


def _tables(sheet: Sheet, mapping: FileMapping) -> list[str]:
    if mapping.table:
        return [mapping.table] if _names_any(sheet, mapping) else []
    if fritzbox.columns_of(sheet.headers):
        return ["fritzbox"]
    return headers.recognise(sheet.headers)


def _names_any(sheet: Sheet, mapping: FileMapping) -> bool:
    folded = {headers.fold(header) for header in sheet.headers}
    return not mapping.wanted or any(headers.fold(header) in folded for header in mapping.wanted)


def _assign_fields(source: Source) -> None:
    """Give each column its field: the mapping's word first, then the headers'."""
    if source.table == "fritzbox":
        return
    place, problems = _mapped(source)
    for column, target in place.items():
        if target:
            source.fields.setdefault(target, []).append(column)
    for name, columns in headers.match(source.sheet.headers, source.table).items():
        free = [column for column in columns if column not in place]
        if free and (name == "phone" or name not in source.fields):
            source.fields.setdefault(name, []).extend(free)
    problems += _missing_fields(source)
    if problems:
        raise Refused(problems)
    source.findings += _left_out(source)


def _mapped(source: Source) -> tuple[dict[int, str | None], list[Finding]]:
    place: dict[int, str | None] = {}
    problems: list[Finding] = []
    wanted = {**source.mapping.columns, **dict.fromkeys(source.mapping.amount, "amount")}
    folded = [headers.fold(header) for header in source.sheet.headers]
    for header, target in wanted.items():
        if headers.fold(header) in folded:
            place[folded.index(headers.fold(header))] = target
        else:
            values = not_among(header, source.sheet.headers)
            problems.append(mistake("book_mapping_column_missing", Place(source.file), **values))
    return place, problems


def _missing_fields(source: Source) -> list[Finding]:
    fields = set(source.fields) | ({"done_on", "booked_on"} if source.mapping.on else set())
    place = Place(source.file)
    if not headers.SIGNATURES[source.table].fits(fields) and not _wide_figures(source):
        missing = headers.SIGNATURES[source.table].missing(fields)
        return [mistake("book_fields_missing", place, table=source.table, fields=missing, file=source.file)]
    twice = [target for target, count in Counter(source.mapping.columns.values()).items() if target and count > 1]
    if set(twice) - {"phone", "amount"}:
        return [mistake("book_mapping_field_twice", place, fields=", ".join(twice))]
    amounts = source.fields.get("amount", [])
    if len(amounts) > 1 and not source.mapping.amount:
        named = ", ".join(source.sheet.headers[column] for column in amounts)
        return [mistake("book_two_amounts", place, columns=named, file=source.file)]
    return []


def _wide_figures(source: Source) -> bool:
    """Figures may stand in columns of their own, named `figure.…` by a mapping, instead of key and value."""
    wide = any(name.startswith(headers.FIGURE) for name in source.fields)
    return source.table == "figures" and wide and "customer_id" in source.fields


def _left_out(source: Source) -> list[Finding]:
    used = {column for columns in source.fields.values() for column in columns}
    rest = [header for column, header in enumerate(source.sheet.headers) if column not in used]
    protected = [header for header in rest if headers.is_protected(header)]
    others = [
        header for header in rest if header not in protected and source.mapping.columns.get(header, "") is not None
    ]
    found = []
    if protected:
        found.append(note("book_protected_columns", Place(source.file), columns=", ".join(protected)))
    if others:
        found.append(note("book_columns_not_read", Place(source.file), columns=", ".join(others)))
    return found
