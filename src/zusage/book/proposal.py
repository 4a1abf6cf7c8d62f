"""Files come in; a proposal of what each column means comes out, written as a mapping.yaml one can edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.representer import RoundTripRepresenter

from zusage.book import cells, headers
from zusage.book.cells import Bad
from zusage.book.grid import Cell, Sheet, lay_out
from zusage.book.mapping import NOTHING_SAID
from zusage.book.recognise import open_grids
from zusage.book.result import printable
from zusage.book.sources import fritzbox
from zusage.ground.reasons import Finding, Place, Reason, Refused, mistake
from zusage.ground.words import Language, say, word

Confidence = Literal["sure", "likely", "guess", "none", "protected"]
_SAMPLES = 3
_LOOKED_AT = 500


@dataclass(frozen=True)
class ColumnProposal:
    """A column, the field it is taken for (None: left out), how sure that is, and what stands in it."""

    header: str
    field: str | None
    confidence: Confidence
    samples: tuple[str, ...]


@dataclass(frozen=True)
class FileProposal:
    """A file, the table it is taken for (None: to be chosen), and its columns."""

    file: str
    table: str | None
    sheet: str | None
    columns: tuple[ColumnProposal, ...]


def propose_mapping(files: Sequence[Path]) -> tuple[FileProposal, ...]:
    """What the columns of each file may mean; raises Refused with all files that are no tables.

    `sure`: the header is known. `likely`: the header holds a known word. `guess`: only the cells look like it.
    """
    found: list[FileProposal] = []
    problems: list[Finding] = []
    for path in files:
        try:
            found.append(_propose(path))
        except Refused as refused:
            problems += refused.findings
        except OSError:
            problems.append(mistake("book_no_permission", Place(path.name)))
    if problems:
        raise Refused(problems)
    return tuple(found)


def _propose(path: Path) -> FileProposal:
    if not path.is_file():
        raise Refused([mistake("book_map_folder" if path.is_dir() else "book_map_missing", Place(str(path)))])
    grids, _ = open_grids(path, path.name, NOTHING_SAID, strangers=True)
    sheets = [sheet for grid in grids if (sheet := lay_out(grid, path.name)) is not None]
    if not sheets:
        raise Refused([mistake("book_no_header", Place(path.name))])
    sheet = max(sheets, key=lambda entry: len(headers.recognise(entry.headers)) > 0)
    table = _table(sheet)
    columns = tuple(_column(sheet, at, table) for at in range(len(sheet.headers))) if table != "fritzbox" else ()
    named = None if table == "fritzbox" else table
    return FileProposal(path.name, named, sheet.sheet if len(sheets) > 1 else None, _once(columns))


def _table(sheet: Sheet) -> str | None:
    """The table the headers tell, or the one most of its needed fields are there for."""
    if fritzbox.columns_of(sheet.headers):
        return "fritzbox"
    fitting = headers.recognise(sheet.headers)
    if fitting:
        return fitting[0] if len(fitting) == 1 else None
    scores = {
        table: len(headers.match(sheet.headers, table).keys() - headers.LETTER_FIELDS) for table in headers.IMPORTED
    }
    best = max(scores, key=lambda table: scores[table])
    return best if scores[best] else None


def _column(sheet: Sheet, at: int, table: str | None) -> ColumnProposal:
    header = sheet.headers[at]
    samples = list(dict.fromkeys(cell for cell in sheet.columns[at][:_LOOKED_AT] if str(cell).strip()))
    field, confidence = _field(header, samples, table) if table else (None, "none")
    if not headers.may_hold(header, field or ""):
        return ColumnProposal(header, None, "protected", ())
    shown = tuple(printable(cell)[:30] for cell in samples[:_SAMPLES])
    return ColumnProposal(header, field, confidence, shown)


def _field(header: str, samples: list[Cell], table: str) -> tuple[str | None, Confidence]:
    sure = headers.match([header], table)
    if sure:
        return next(iter(sure)), "sure"
    tokens = {headers.fold(token) for token in re.split(r"[\W_]+", header) if len(token) > 1}
    likely = [
        (len(known), field)
        for field, ranks in headers.synonyms(table).items()
        for known in ranks
        if known in tokens or (len(known) > 3 and headers.fold(header).startswith(known))
    ]
    if likely:
        return max(likely)[1], "likely"
    for field, looks_like in _LOOKS.items():
        if field in headers.synonyms(table) and _all(samples, looks_like):
            return field, "guess"
    return None, "none"


def _all(samples: list[Cell], looks_like: Callable[[Cell], Any]) -> bool:
    values, bad = cells.read_column(samples, looks_like)
    return bool(values) and not bad and all(value not in (None, ()) for value in values)


def _written_day(cell: Cell) -> Any:
    return Bad("") if isinstance(cell, float) else cells.day("dmy")(cell)


def _written_amount(cell: Cell) -> Any:
    if isinstance(cell, str) and not re.search(r"[.,]\d\d\D*$", cell):
        raise cells.Unreadable("")
    return cells.money("." if isinstance(cell, str) and re.search(r"\.\d\d\D*$", cell) else ",")(cell)


_LOOKS: dict[str, Callable[[Cell], Any]] = {
    "booked_on": _written_day,
    "done_on": _written_day,
    "amount": _written_amount,
    "phone": lambda cell: cells.phones("DE")(cell) if re.match(r"\+|0", str(cell)) else (),
}


def _once(columns: tuple[ColumnProposal, ...]) -> tuple[ColumnProposal, ...]:
    """Each field for one column only (phones excepted): the surest, and among equals the first."""
    order = {"sure": 0, "likely": 1, "guess": 2}
    best: dict[str, ColumnProposal] = {}
    for column in columns:
        if column.field and order[column.confidence] < order.get(
            best[column.field].confidence if column.field in best else "", 3
        ):
            best[column.field] = column
    return tuple(
        column
        if column.field in (None, "phone") or best[column.field] is column
        else ColumnProposal(column.header, None, "none", column.samples)
        for column in columns
    )


def write_mapping(proposal: Sequence[FileProposal], path: Path, language: Language = "de") -> None:
    """Write a proposal as a mapping file with what is not certain as comments; an existing file is overwritten."""
    whole = CommentedMap()
    whole.yaml_set_start_comment(word("book_map_title", language))
    whole["files"] = CommentedMap()
    for entry in proposal:
        whole["files"][entry.file] = _written(entry, language)
    yaml = YAML()
    yaml.Representer = _Writer
    yaml.width = 10_000  # a long header must not be broken over lines
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        yaml.dump(whole, stream)


def _lacking(entry: FileProposal) -> str:
    """The fields without which the file is not read as its table, and for which no column was found."""
    found = {column.field for column in entry.columns if column.field}
    return headers.SIGNATURES[entry.table].missing(found) if entry.table else ""


class _Writer(RoundTripRepresenter):
    """Writes what is not there as `null`. A class of its own: a rule added to the library's would hold for every text
    that this process writes, service models too."""


_Writer.add_representer(
    type(None), lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null")
)


def _written(entry: FileProposal, language: Language) -> CommentedMap:
    block = CommentedMap()
    if not entry.columns:
        block["ignore"] = False
        block.yaml_add_eol_comment(word("book_map_known", language), "ignore")
        return block
    block["table"] = entry.table
    if entry.table is None:
        tables = ", ".join(headers.IMPORTED)
        block.yaml_add_eol_comment(say(Reason("book_map_choose", {"tables": tables}), language), "table")
    if entry.sheet:
        block["sheet"] = entry.sheet
    block["columns"] = columns = CommentedMap()
    fields = ", ".join(headers.fields_of(entry.table)) if entry.table else "…"
    block.yaml_add_eol_comment(say(Reason("book_map_leave_out", {"fields": fields}), language), "columns")
    if lacking := _lacking(entry):
        code = "book_map_lacking_amount" if lacking == "amount" else "book_map_lacking"
        block.yaml_set_comment_before_after_key("columns", say(Reason(code, {"fields": lacking}), language), indent=4)
    for column in entry.columns:
        columns[column.header] = column.field
        shown = ": " + " | ".join(column.samples) if column.samples else ""
        columns.yaml_add_eol_comment(word(f"book_map_{column.confidence}", language) + shown, column.header)
    return block
