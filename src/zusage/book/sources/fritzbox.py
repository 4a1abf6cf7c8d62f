"""The call list of a FRITZ!Box comes in as a sheet, its calls come out; extensions and names are dropped here.

Lists of 7 and 8 columns, German or English, with or without `sep=;`, are told by their headers. Durations are whole
minutes rounded up by the box, so an answered call is taken 30 seconds shorter: right on average, never per call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zusage.book import cells, headers
from zusage.book.cells import Bad
from zusage.book.grid import Cell, Sheet

ROUNDING_SECONDS = 30
_COLUMNS = {
    "type": {"typ", "type"},
    "moment": {"datum", "date"},
    "number": {"rufnummer", "telephonenumber", "number", "phonenumber", "telefonnummer"},
    "duration": {"dauer", "duration"},
}
_EXTENSION = {"nebenstelle", "extension", "telephonydevice"}
_DIRECTIONS = {"1": "in", "2": "missed", "4": "out"}


@dataclass(frozen=True)
class Calls:
    """The calls of one list, column by column; a `Bad` stands where a cell cannot be read."""

    moments: list[Any]  # (day, second of the day) | Bad
    numbers: list[Any]  # tuple of E.164 numbers, empty where the caller hid it | Bad
    directions: list[Any]  # in, out, missed, rejected | Bad
    seconds: list[Any]  # as measured by the box less the rounding | Bad

    written: dict[str, tuple[str, list[Cell]]]  # header and cells as they stand

    def first_bad(self, row: int) -> tuple[str, str, str] | None:
        """Header, code and text of the first cell of a call that cannot be read; of a number the text is left out."""
        read = {"type": self.directions, "moment": self.moments, "number": self.numbers, "duration": self.seconds}
        for name, column in read.items():
            if type(column[row]) is Bad:
                header, texts = self.written[name]
                return header, column[row].code, "" if name == "number" else str(texts[row])
        return None

    def key(self, row: int) -> tuple[Any, ...]:
        """What makes two lines of two exports the same call."""
        return self.directions[row], self.moments[row], self.numbers[row], self.seconds[row]


def columns_of(names: Sequence[str]) -> dict[str, int] | None:
    """Where type, moment, number and duration stand; None when this is no call list of a FRITZ!Box."""
    folded = [headers.fold(name) for name in names]
    found = {field: at for field, known in _COLUMNS.items() for at, name in enumerate(folded) if name in known}
    return found if len(found) == len(_COLUMNS) and _EXTENSION & set(folded) else None


def read_calls(sheet: Sheet, country: str, types: Mapping[str, str]) -> Calls:
    """The calls of a list; `types` says the direction of a type number where the rules below would be wrong."""
    at = columns_of(sheet.headers)
    assert at is not None, "only sheets that columns_of knows come here"  # noqa: S101
    column = {field: sheet.columns[place] for field, place in at.items()}
    moments, _ = cells.read_column(column["moment"], _moment)
    numbers, _ = cells.read_column(column["number"], cells.phones(country))
    seconds, _ = cells.read_column(column["duration"], cells.duration("h:mm"))
    directions = _directions([str(cells.text(cell) or "") for cell in column["type"]], seconds, types)
    shorter = [_less_rounding(length, way) for length, way in zip(seconds, directions, strict=True)]
    written = {field: (sheet.headers[place], column[field]) for field, place in at.items()}
    return Calls(moments, numbers, directions, shorter, written)


def _moment(cell: Cell) -> tuple[date, int | None]:
    found = cells.moment("dmy")(cell)
    if found is None:
        raise cells.Unreadable("book_not_a_date")
    return found


def _directions(types: list[str], seconds: list[Any], given: Mapping[str, str]) -> list[Any]:
    """Type 3 is a rejected call in new firmware and an outgoing one in old: a rejected call never lasts.

    A list without any 4 in which a 3 lasts is an old one, and all its 3 went out.
    """
    lasting = [
        kind == "3" and bool(length) and type(length) is not Bad for kind, length in zip(types, seconds, strict=True)
    ]
    old = any(lasting) and "4" not in types
    known = {**_DIRECTIONS, "3": "out" if old else "rejected", **given}
    return [
        "out" if lasts and "3" not in given else known.get(kind, Bad("book_call_type_unknown"))
        for kind, lasts in zip(types, lasting, strict=True)
    ]


def _less_rounding(seconds: Any, direction: Any) -> Any:
    if type(seconds) is Bad:
        return seconds
    if direction not in ("in", "out"):
        return 0
    return max(0, (seconds or 0) - ROUNDING_SECONDS)
