"""A recognised table with cells as written comes in; its columns as values come out, with the lines that had to go.

What is decided for a whole column (decimal mark, order of day and month, unit of a duration) is decided here, once;
a column that does not tell becomes a finding that says how to tell it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from typing import Any

from zusage.book import cells, headers
from zusage.book.cells import Bad
from zusage.book.grid import Cell, Sheet, is_empty
from zusage.book.recognise import Source
from zusage.book.result import Reject, printable
from zusage.ground.money import LARGEST_CENTS, DecimalMark, half_up
from zusage.ground.reasons import Finding, Place, Reason, mistake, note

ANCHORS = {
    "contracts": ("contract_id",),
    "yields": ("contract_id", "customer_id"),
    "work": ("done_on",),
    "referrals": ("referrer_id",),
}
"""The fields that make a line a line of data: where all are empty, it may be a sum. Elsewhere: customer_id."""

NEEDED = {
    "customers": ("customer_id",),
    "addresses": ("customer_id",),
    "contracts": ("contract_id", "customer_id"),
    "yields": ("amount", "booked_on", "contract_id", "customer_id"),
    "work": ("done_on", "duration", "phone", "customer_id", "contract_id"),
    "referrals": ("referrer_id", "referred_id"),
    "choices": ("customer_id", "state"),
    "consents": ("customer_id", "channel", "purpose", "ground", "withdrawn_on"),
    "overrides": ("customer_id", "class_key"),
    "figures": ("customer_id", "key", "value"),
}
"""A line is rejected where one of these cannot be read; other cells that cannot be read are left empty."""

MAY_BE_EMPTY = {
    "yields": ("booked_on", "contract_id", "customer_id"),
    "work": ("duration", "phone", "customer_id", "contract_id"),
    "referrals": ("referred_id",),  # recommended, but no customer (yet)
    # what cannot be read there must not turn into a consent to advertising that still holds
    "consents": ("purpose", "ground", "withdrawn_on"),
}
_PRODUCT_PLACES = 4


@dataclass
class Typed:
    """The lines of a table that can be used, column by column; and an account of those that cannot."""

    source: Source
    lines: list[int] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rejected: int = 0
    sum_cents: int | None = None  # of all readable amounts

    @property
    def file(self) -> str:
        return self.source.file

    @property
    def failed(self) -> bool:
        """Whether a whole column could not be read, so that the lines are of no use."""
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def skipped(self) -> Counter[str]:
        return self.source.sheet.skipped

    def column(self, name: str) -> list[Any]:
        """The values of a field, unknown throughout where the file does not have it."""
        found = self.values.get(name)
        return [None] * len(self.lines) if found is None else found

    def reject(self, line: int, column: str, code: str, text: object, used: bool = False) -> None:
        """Note a line that cannot be used, or with `used` a single cell that is left empty."""
        self.rejected += not used
        self.rejects.append(Reject(self.file, line, column, Reason(code), printable(text), used))

    def keep(self, mask: Sequence[bool]) -> None:
        """Leave only the lines the mask says."""
        self.lines = list(compress(self.lines, mask))
        self.values = {name: list(compress(column, mask)) for name, column in self.values.items()}


def parse(source: Source, decimal: DecimalMark | None, country: str) -> Typed:
    """All columns of a table as values; with mistakes about whole columns in `findings` the lines are of no use."""
    typed = Typed(source)
    for line, text in source.sheet.overlong:
        typed.reject(line, "", "book_line_too_long", text)
    _drop_sums(source)
    typed.lines = source.sheet.lines
    parsers = _Parsers(typed, decimal, country)
    for name, columns in source.fields.items():
        typed.values[name] = parsers.read(name, columns)
    if typed.failed:
        return typed
    _drop_sum_without_a_word(typed)
    if "amount" in typed.values:
        typed.findings += _note_unknown_kinds(typed)
        typed.sum_cents = sum(value for value in typed.values["amount"] if type(value) is not Bad)
    _reject(typed)
    _fixed_day(typed)
    return typed


# --- lines that are no data


def _drop_sums(source: Source) -> None:
    """Sum lines and titles repeated on every page: lines without any id whose text says so."""
    sheet = source.sheet
    suspects = set(_without_id(source))
    titles = {tuple(map(str, _filled(title))) for title in sheet.titles}
    gone: set[int] = set()
    for row in suspects:
        filled = _filled([column[row] for column in sheet.columns])
        if any(_sum_word(cell) for cell in filled):
            gone.add(row)
            sheet.skipped["sum"] += 1
        elif tuple(map(str, filled)) in titles:
            gone.add(row)
            sheet.skipped["title"] += 1
    if gone:
        keep_rows(sheet, [row not in gone for row in range(len(sheet))])


def _without_id(source: Source) -> Iterator[int]:
    """The rows in which every id is empty or is itself a word like Summe."""
    anchors = ANCHORS.get(source.table, ("customer_id",))
    columns = [source.sheet.columns[at] for name in anchors for at in source.fields.get(name, [])]
    if not columns:
        return
    empty = [{cell for cell in dict.fromkeys(column) if is_empty(cell) or _sum_word(cell)} for column in columns]
    if all(empty):
        for row, cell in enumerate(columns[0]):
            if cell in empty[0] and all(
                column[row] in void for column, void in zip(columns[1:], empty[1:], strict=True)
            ):
                yield row


def keep_rows(sheet: Sheet, mask: Sequence[bool]) -> None:
    """Leave only the rows of a sheet the mask says."""
    sheet.lines = list(compress(sheet.lines, mask))
    sheet.columns = [list(compress(column, mask)) for column in sheet.columns]


def _filled(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if not is_empty(cell)]


_SUM = re.compile(rf"\s*(?:{'|'.join(map(re.escape, headers.vocabulary()['sums']['words']))})(?!\w)", re.IGNORECASE)


def _sum_word(cell: Cell) -> bool:
    return isinstance(cell, str) and _SUM.match(cell) is not None


def _drop_sum_without_a_word(typed: Typed) -> None:
    """A last line without any id whose amount is the sum of the lines above it is their sum."""
    amounts = typed.values.get("amount")
    if typed.source.table != "yields" or not amounts or len(amounts) < 3:
        return
    ids = [typed.values[name][-1] for name in ("contract_id", "customer_id") if name in typed.values]
    above = [value for value in amounts[:-1] if type(value) is not Bad]
    if not any(ids) and type(amounts[-1]) is not Bad and amounts[-1] == sum(above) != 0:
        typed.skipped["sum"] += 1
        typed.keep([True] * (len(amounts) - 1) + [False])
        keep_rows(typed.source.sheet, [True] * len(typed.lines) + [False])


def _reject(typed: Typed) -> None:
    """Take out the lines whose needed cells cannot be read or are empty; leave other unreadable cells empty."""
    table = typed.source.table
    needed, may_be_empty = NEEDED[table], MAY_BE_EMPTY.get(table, ())
    lost: dict[int, tuple[str, str]] = {}
    for name, values in typed.values.items():
        if Bad not in set(map(type, values)) and (name not in needed or name in may_be_empty):
            continue
        for row, value in enumerate(values):
            if type(value) is Bad and name not in needed:
                typed.reject(typed.lines[row], header_of(typed, name), value.code, _cell(typed, name, row), used=True)
                values[row] = None
            elif type(value) is Bad:
                lost.setdefault(row, (name, value.code))
            elif name in needed and name not in may_be_empty and value in (None, ""):
                lost.setdefault(row, (name, "book_cell_missing"))
    for row, (name, code) in sorted(lost.items()):
        typed.reject(typed.lines[row], header_of(typed, name), code, _cell(typed, name, row))
    if lost:
        typed.keep([row not in lost for row in range(len(typed.lines))])


def header_of(typed: Typed, name: str) -> str:
    """The header of the column a field came from."""
    return typed.source.sheet.headers[typed.source.fields[name][0]]


def _cell(typed: Typed, name: str, row: int) -> str:
    """What stands in the columns of a field; numbers of a call log may be strangers' and are shown nowhere."""
    if name == "phone":
        return ""
    columns = (typed.source.sheet.columns[at] for at in typed.source.fields[name])
    return " | ".join(str(column[row]) for column in columns)


def _fixed_day(typed: Typed) -> None:
    """The mapping's day for files without a date column."""
    day = typed.source.mapping.on
    if day is None:
        return
    if typed.source.table == "work" and "done_on" not in typed.values:
        typed.values["done_on"] = [(day, None)] * len(typed.lines)
    if typed.source.table == "yields" and "booked_on" not in typed.values:
        typed.values["booked_on"] = [day] * len(typed.lines)


# --- columns


class _Parsers:
    """Finds for each field the parser of its column; a column that does not tell becomes a finding."""

    def __init__(self, typed: Typed, decimal: DecimalMark | None, country: str) -> None:
        self.typed = typed
        self.source = typed.source
        self.given = self.source.mapping.decimal or decimal
        self.country = country
        self.findings = typed.findings
        self.order = self._date_order()

    def read(self, name: str, columns: list[int]) -> list[Any]:
        """The values of a field; several columns are read together for phones and for an amount that is a product."""
        if name == "phone":
            return self._phones(columns)
        if name == "amount" and len(columns) > 1:
            return self._product(columns)
        values, _ = cells.read_column(self._cells(columns[0]), self._parser(name, columns[0]))
        return values

    def _cells(self, column: int) -> list[Cell]:
        return self.source.sheet.columns[column]

    def _parser(self, name: str, column: int) -> Callable[[Cell], Any]:
        kind = "number" if name.startswith(headers.FIGURE) else headers.KIND_OF[name]
        simple: dict[str, Callable[[], Callable[[Cell], Any]]] = {
            "id": lambda: cells.identity,
            "text": lambda: cells.text,
            "date": lambda: cells.end_day(self.order) if name == "until" else cells.day(self.order),
            "moment": lambda: _clock_or_moment(self.order) if name in ("start", "end") else cells.moment(self.order),
            "word": lambda: self._kind() if name == "kind" else cells.word(name),
            "flag": lambda: cells.word("flag"),
            "money": lambda: cells.money(self._mark(column)),
            "email": lambda: cells.email,
            "duration": lambda: cells.duration(self._unit(column)),
            "distance": lambda: cells.distance(self.source.sheet.headers[column]),
            "number": lambda: cells.number(self._mark(column), 0 if name == "lines" else 3),
        }
        return simple[kind]()

    def _kind(self) -> Callable[[Cell], Any]:
        given = {headers.fold(text): kind for text, kind in self.source.mapping.kinds.items()}

        def parse_kind(cell: Cell) -> str | None:
            return given.get(headers.fold(str(cell))) or cells.yield_kind(cell)

        return parse_kind

    def _phones(self, columns: list[int]) -> list[Any]:
        read = [cells.read_column(self._cells(column), cells.phones(self.country))[0] for column in columns]
        if "phone" in NEEDED[self.source.table]:
            return read[0]
        for column, numbers in zip(columns, read, strict=True):
            self._without_bad(column, numbers)
        return [tuple(dict.fromkeys(chain(*numbers))) for numbers in zip(*read, strict=True)]

    def _without_bad(self, column: int, numbers: list[Any]) -> None:
        for row, found in enumerate(numbers):
            if type(found) is Bad:
                line, header = self.source.sheet.lines[row], self.source.sheet.headers[column]
                self.typed.reject(line, header, found.code, self._cells(column)[row], used=True)
                numbers[row] = ()

    def _product(self, columns: list[int]) -> list[Any]:
        one, other = (
            cells.read_column(self._cells(column), cells.number(self._mark(column), _PRODUCT_PLACES))[0]
            for column in columns
        )
        memo = {pair: _times(*pair) for pair in dict.fromkeys(zip(one, other, strict=True))}
        return [memo[pair] for pair in zip(one, other, strict=True)]

    def _mark(self, column: int) -> DecimalMark:
        if self.given:
            return self.given
        try:
            return cells.mark_of(self._cells(column))
        except cells.Contradiction as error:
            self._ask("book_decimals_mixed", column, error.one, error.other)
        except cells.Undecided as error:
            self._ask("book_decimal_undecided", column, str(error))
        return ","

    def _date_order(self) -> cells.DateOrder:
        if self.source.mapping.dates:
            return self.source.mapping.dates
        names = (*headers.FIELD_KINDS["date"], *headers.FIELD_KINDS["moment"])
        columns = [at for name in names for at in self.source.fields.get(name, [])]
        column = columns[0] if columns else 0
        try:
            return cells.date_order([cell for at in columns for cell in dict.fromkeys(self._cells(at))])
        except cells.Contradiction as error:
            self._ask("book_dates_mixed", column, error.one, error.other)
        except cells.Undecided as error:
            self._ask("book_dates_undecided", column, str(error))
        return "dmy"

    def _unit(self, column: int) -> cells.Unit | None:
        unit = self.source.mapping.unit or cells.unit_of(self.source.sheet.headers[column])
        bare = None if unit in ("minutes", "hours", "seconds") else cells.needs_unit(self._cells(column))
        if bare is not None:
            self._ask("book_unit_undecided", column, str(bare))
        return unit

    def _ask(self, code: str, column: int, text: str, other: str | None = None) -> None:
        """A finding about a whole column; the example's line is named."""
        header = self.source.sheet.headers[column]
        where = Place(self.source.file, self._line_of(column, text), header)
        values = {"text": printable(text), "file": self.source.file}
        if other is not None:
            values |= {"other": printable(other), "other_line": str(self._line_of(column, other))}
        finding = mistake(code, where, **values)
        if finding not in self.findings:
            self.findings.append(finding)

    def _line_of(self, column: int, text: str) -> int | None:
        try:
            return self.source.sheet.lines[self._cells(column).index(text)]
        except ValueError:
            return None  # the text stands in another of the date columns


def _clock_or_moment(order: cells.DateOrder) -> Callable[[Cell], Any]:
    moment = cells.moment(order)

    def parse_time(cell: Cell) -> Any:
        """A second of the day, or (day, second) where the column repeats the day."""
        try:
            return cells.clock(cell)
        except cells.Unreadable:
            return moment(cell)

    return parse_time


def _times(one: Any, other: Any) -> Any:
    for factor in (one, other):
        if type(factor) is Bad:
            return factor
        if factor is None:
            return Bad("book_amount_missing")
    cents = half_up(abs(one * other), 10 ** (2 * _PRODUCT_PLACES - 2))
    if cents > LARGEST_CENTS:
        return Bad("book_not_an_amount")
    return cents if one * other >= 0 else -cents


def _note_unknown_kinds(typed: Typed) -> list[Finding]:
    """Texts of a kind column nobody knows: taken as recurring, named with their sums; the column is mended in place."""
    kinds = typed.values.get("kind")
    if kinds is None:
        return []
    written = typed.source.sheet.columns[typed.source.fields["kind"][0]]
    sums: Counter[str] = Counter()
    for row, (kind, amount) in enumerate(zip(kinds, typed.values["amount"], strict=True)):
        if type(kind) is Bad:
            kinds[row] = "recurring"
            sums[printable(written[row])] += 0 if type(amount) is Bad else amount
    place = Place(typed.file, None, header_of(typed, "kind"))
    return [note("book_kind_taken_as_recurring", place, text=text, sum_cents=total) for text, total in sums.items()]
