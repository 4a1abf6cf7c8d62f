"""The bytes of a text file with delimiters (CSV, TSV) come in, a grid of its records with line numbers comes out.

Encoding, delimiter and line ends are found by rules one can repeat by hand; a mapping can give each of them.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from zusage.book.grid import Cell, Grid
from zusage.book.headers import is_known
from zusage.ground.reasons import Finding, Place, Refused, mistake, warning

DELIMITERS = (";", "\t", "|", ",")  # where two fit equally well, the comma is the decimal mark
_SAMPLE = 65_536
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Umlauts between letters, so that cp1252's „ ” ™ š are not taken for them.
_CP850 = re.compile(rb"[A-Za-z][\x84\x94\x81\xe1][A-Za-z]|[\x8e\x99\x9a][a-z]")
_CP1252 = re.compile(rb"[\xe4\xf6\xfc\xc4\xd6\xdc\xdf]")
_SEP_LINE = re.compile(r'"?sep=(.)"?[ \t]*\r?\n', re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A decoded file: what stands in it and by which delimiter."""

    text: str  # without byte order mark and without a `sep=` line
    delimiter: str
    head: str  # the `sep=` line, as it stands
    nulls: int  # NUL characters that were left out

    @property
    def first_line(self) -> int:
        return 2 if self.head else 1


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str, bytes]:
    """The text of a file, the encoding it is in, and its byte order mark.

    Order: byte order mark, UTF-16 by its zero bytes, strict UTF-8, cp850 by its umlauts, cp1252. Raises LookupError
    or UnicodeDecodeError only for an `encoding` that was asked for.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace"), name, bom
    if encoding:
        return data.decode(encoding), encoding, b""
    if utf16 := _utf16_without_mark(data):
        return data.decode(utf16, "replace"), utf16, b""
    try:
        return data.decode("utf-8"), "utf-8", b""
    except UnicodeDecodeError:
        pass
    name = "cp850" if len(_CP850.findall(data)) > len(_CP1252.findall(data)) else "cp1252"
    try:
        return data.decode(name), name, b""
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1", b""


def _utf16_without_mark(data: bytes) -> Literal["utf-16-le", "utf-16-be"] | None:
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) < 8 or max(even, odd) * 4 < len(sample):  # most second bytes of Latin text are zero
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def is_binary(data: bytes) -> bool:
    """Whether the bytes are no text at all: control characters beyond what damaged exports hold."""
    if data.startswith(tuple(bom for bom, _ in _BOMS)) or _utf16_without_mark(data):
        return False
    sample = data[:8192]
    strange = sum(sample.count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    return strange * 50 > len(sample)


def open_text(data: bytes, encoding: str | None = None, delimiter: str | None = None) -> Text:
    """Decode a file and find its delimiter."""
    text, _, _ = decode(data, encoding)
    nulls = text.count("\0")
    if nulls:
        text = text.replace("\0", "")
    head = _SEP_LINE.match(text)
    if head:
        text = text[head.end() :]
    found = delimiter or (head and head[1]) or _delimiter(text)
    return Text(text, found, head[0] if head else "", nulls)


def _delimiter(text: str) -> str:
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(DELIMITERS, key=lambda mark: _consistency(sample, mark))


def _consistency(sample: str, mark: str) -> tuple[int, float]:
    """How well a delimiter fits: headers it brings to light, then the share of lines of one and the same width."""
    rows: list[list[str]] = []
    with suppress(csv.Error):  # what was read before still tells
        rows.extend(csv.reader(io.StringIO(sample, newline=""), delimiter=mark))
    known = max((sum(map(is_known, row)) for row in rows[:40] if len(row) > 1), default=0)
    widths = Counter(len(row) for row in rows if row)
    wide = max((count for width, count in widths.items() if width > 1), default=0)
    return known, wide / max(1, sum(widths.values()))


def read_text(file: str, text: Text) -> tuple[Grid, list[Finding]]:
    """All records of a decoded file; raises Refused with the line where quotation marks do not fit together."""
    findings = [warning("book_null_characters", Place(file), null_count=text.nulls)] if text.nulls else []
    reader = csv.reader(io.StringIO(text.text, newline=""), delimiter=text.delimiter, strict=True)
    rows: list[list[Cell]] = []
    lines: Sequence[int] = []
    try:
        if '"' not in text.text:  # no quoted line breaks: a record a line, and the fast way
            rows.extend(reader)  # type: ignore[arg-type]  # a list of str is never written to as Cell
            lines = range(text.first_line, text.first_line + len(rows))
        else:
            lines = _with_lines(reader, rows, text.first_line - 1)
    except csv.Error as error:
        begin = _begin(rows, reader.line_num, text)
        raise Refused([_csv_mistake(file, begin, reader.line_num + text.first_line - 1, error)]) from error
    return Grid(lines, rows), findings


def _with_lines(reader: csv._reader, rows: list[list[Cell]], before: int) -> list[int]:  # type: ignore[name-defined]
    lines: list[int] = []
    begin = before + 1
    for row in reader:
        lines.append(begin)
        rows.append(row)
        begin = before + reader.line_num + 1
    return lines


def _begin(rows: list[list[Cell]], line: int, text: Text) -> int:
    """The line in which the record that could not be read begins: after the line breaks of all read records."""
    breaks = sum(str(cell).count("\n") for row in rows for cell in row)
    return min(len(rows) + breaks + text.first_line, line + text.first_line - 1)


def _csv_mistake(file: str, begin: int, line: int, error: csv.Error) -> Finding:
    if "limit" in str(error):
        return mistake("book_cell_too_large", Place(file, begin))
    return mistake("book_quotes_unbalanced", Place(file, begin), last_line=line)
