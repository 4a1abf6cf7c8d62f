"""Columns of cells as people and programs write them come in, columns of values come out: days, times, yes and no.

Each parser reads one cell and raises Unreadable with the code of what is wrong; `read_column` runs a parser once for
each different text of a column. None is an empty or unknown value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal

import phonenumbers

from zusage.book import headers
from zusage.book.grid import Cell
from zusage.ground.money import DecimalMark, cents_from_float, decimal_mark, parse_cents, parse_units

DateOrder = Literal["dmy", "mdy"]
Unit = Literal["minutes", "hours", "seconds", "h:mm", "mm:ss"]
UNITS: tuple[Unit, ...] = ("minutes", "hours", "seconds", "h:mm", "mm:ss")


class Unreadable(ValueError):  # noqa: N818 - says what a cell is
    """A cell that cannot be read; carries the code of the reason."""


@dataclass(frozen=True, slots=True)
class Bad:
    """Stands in a column of values where a cell could not be read."""

    code: str


def read_column(cells: Sequence[Cell], parse: Callable[[Cell], Any]) -> tuple[list[Any], bool]:
    """The values of a column, with `Bad` where a cell cannot be read, and whether there is any of those."""
    memo = {cell: _try(parse, cell) for cell in dict.fromkeys(cells)}
    return [memo[cell] for cell in cells], any(type(value) is Bad for value in memo.values())


def _try(parse: Callable[[Cell], Any], cell: Cell) -> Any:
    try:
        return parse(cell)
    except Unreadable as error:
        return Bad(str(error))


# --- text and ids


def text(cell: Cell) -> str | None:
    """Text without blanks around it; None when empty."""
    return " ".join(identity(cell).split()) or None if isinstance(cell, float) else " ".join(cell.split()) or None


def identity(cell: Cell) -> str:
    """An id as text; a number cell 4711.0, or what programs made of it, is the id 4711."""
    if isinstance(cell, float | int):
        if not abs(cell) < 2**53:  # also true of nan
            raise Unreadable("book_not_an_id")
        return str(int(cell)) if cell == int(cell) else str(cell)
    bare = cell.strip().removeprefix("'")
    if _SCIENTIFIC.fullmatch(bare):
        raise Unreadable("book_digits_lost")
    return bare[:-2] if _NUMBER_CELL.fullmatch(bare) else bare


_NUMBER_CELL = re.compile(r"\d+\.0")
_SCIENTIFIC = re.compile(r"\d[.,]\d+E\+?\d{1,2}", re.IGNORECASE)


# --- money


class Contradiction(ValueError):  # noqa: N818 - says what a column is
    """Cells of one column that cannot all be of the same way of writing: `one` and `other` are such cells."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one, other)
        self.one, self.other = one, other


class Undecided(ValueError):  # noqa: N818 - says what a column is
    """A column whose cells can be read in two ways; carries a cell that shows it."""


def shapes(cells: Iterable[Cell]) -> list[str]:
    """One cell of each shape (digits made equal): what tells about a column stands in its shapes, and they are few."""
    found: dict[str, str] = {}
    for cell in dict.fromkeys(cells):
        if isinstance(cell, str):
            found.setdefault(cell.translate(_DIGITS), cell)
    return list(found.values())


_DIGITS = str.maketrans("123456789", "000000000")


def mark_of(cells: Iterable[Cell]) -> DecimalMark:
    """The decimal mark of a column; raises Contradiction or Undecided."""
    samples = shapes(cells)
    try:
        mark = decimal_mark(samples)
    except ValueError as error:
        other = str(error)
        first = next(sample for sample in samples if sample != other and _tells(sample))
        raise Contradiction(first, other) from error
    if mark is None:
        unclear = next((sample for sample in samples if _two_ways(sample)), None)
        if unclear is not None:
            raise Undecided(unclear)
    return mark or ","


def _tells(sample: str) -> bool:
    return decimal_mark([sample]) is not None


def _two_ways(sample: str) -> bool:
    try:
        return parse_cents(sample, ",") != parse_cents(sample, ".")
    except ValueError:
        return False


def money(mark: DecimalMark) -> Callable[[Cell], int]:
    """A parser of amounts into cents."""

    def parse(cell: Cell) -> int:
        try:
            return cents_from_float(cell) if isinstance(cell, float | int) else parse_cents(cell, mark)
        except ValueError:
            empty = isinstance(cell, str) and not cell.strip()
            raise Unreadable("book_amount_missing" if empty else "book_not_an_amount") from None

    return parse


def number(mark: DecimalMark, places: int) -> Callable[[Cell], int | None]:
    """A parser of plain numbers into integers of 10**-places (3: thousandths)."""

    def parse(cell: Cell) -> int | None:
        if isinstance(cell, str) and not cell.strip():
            return None
        try:
            written = format(cell, ".10f") if isinstance(cell, float | int) else cell
            return parse_units(written, "." if isinstance(cell, float | int) else mark, places)
        except ValueError:
            raise Unreadable("book_not_a_number") from None

    return parse


# --- days and times

FIRST_YEAR, LAST_YEAR = 1900, 2100
PIVOT = 50
"""Two-digit years: 00–49 are 20.., 50–99 are 19.. (a customer since '98, a call in '26)."""

_EXCEL_ZERO = date(1899, 12, 30)
_UNKNOWN_DAYS = frozenset({"", "-", "–", "0", "00.00.0000", "00.00.00", "0000-00-00", "00/00/0000"})
_DAY = re.compile(
    r"(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})[.\-]\s?(?P<m2>\d{1,2})[.\-]\s?(?P<y2>\d{4}|\d{2})"
    r"|(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y3>\d{4}|\d{2})"
    r"|(?P<y4>\d{4})(?P<m4>\d{2})(?P<d4>\d{2})"
    r"|(?P<m5>\d{1,2})[./](?P<y5>\d{4})"
    r"|(?P<y6>\d{4})-(?P<m6>\d{1,2}))"
    r"(?:(?:[ T]|, )\s*(?P<time>\d.*))?"
)
_TIME = re.compile(
    r"(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:\.\d+)?)?\s*(?:Uhr|([ap])\.?m\.?)?\s*(?:Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")


def date_order(cells: Iterable[Cell]) -> DateOrder:
    """Whether 03/04/2026 is in April or in March, told by the whole column; raises Contradiction or Undecided."""
    first: str | None = None
    second: str | None = None
    unclear: str | None = None
    for cell in dict.fromkeys(cells):
        match = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) and "/" in cell else None
        if match is None or not match["a"]:
            continue
        one, two = int(match["a"]), int(match["b"])
        if one > 12:
            first = first or str(cell)
        elif two > 12:
            second = second or str(cell)
        elif one != two:
            unclear = unclear or str(cell)
    if first and second:
        raise Contradiction(first, second)
    if unclear and not first and not second:
        raise Undecided(unclear)
    return "mdy" if second else "dmy"


def moment(order: DateOrder) -> Callable[[Cell], tuple[date, int | None] | None]:
    """A parser of days with an optional time: the day and the second of it."""

    def parse(cell: Cell) -> tuple[date, int | None] | None:
        if isinstance(cell, float | int):
            return _serial(cell)
        bare = cell.strip().removeprefix("'")
        if bare in _UNKNOWN_DAYS:
            return None
        if _SERIAL.fullmatch(bare):
            return _serial(float(bare.replace(",", ".")))
        match = _DAY.fullmatch(bare)
        if match is None:
            raise Unreadable("book_not_a_date")
        return _day_of(match, order), clock(match["time"]) if match["time"] else None

    return parse


def day(order: DateOrder) -> Callable[[Cell], date | None]:
    """A parser of days; a time behind it is dropped."""
    parse = moment(order)

    def parse_day(cell: Cell) -> date | None:
        found = parse(cell)
        return found and found[0]

    return parse_day


def end_day(order: DateOrder) -> Callable[[Cell], date | None]:
    """A parser of days something ends on; 31.12.9999 is how programs write that it does not end."""
    parse = day(order)

    def parse_end(cell: Cell) -> date | None:
        return None if isinstance(cell, str) and "9999" in cell else parse(cell)

    return parse_end


def _day_of(match: re.Match[str], order: DateOrder) -> date:
    group = match.groupdict()
    year = group["y"] or group["y2"] or group["y3"] or group["y4"] or group["y5"] or group["y6"]
    month = group["m"] or group["m2"] or group["m4"] or group["m5"] or group["m6"]
    number = group["d"] or group["d2"] or group["d4"] or "1"  # a month alone stands for its first day
    if group["a"]:
        number, month = (group["a"], group["b"]) if order == "dmy" else (group["b"], group["a"])
    whole_year = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < PIVOT else 1900)
    try:
        found = date(whole_year, int(month), int(number))
    except ValueError:
        raise Unreadable("book_no_such_day") from None
    return _bounded(found)


def _bounded(found: date) -> date:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unreadable("book_year_out_of_range")
    return found


def _serial(value: float) -> tuple[date, int | None] | None:
    """The day number of a spreadsheet, counted from 30 December 1899, and the share of the day behind the point."""
    if value == 0:
        return None
    if not 1 <= value <= 73_415:  # the last day of 2100; also leaves out nan
        raise Unreadable("book_year_out_of_range")
    seconds = round((value - int(value)) * 86_400)
    return _bounded(_EXCEL_ZERO + timedelta(days=int(value))), seconds if 0 < seconds < 86_400 else None


def clock(cell: Cell) -> int | None:
    """A time of day as the second of it: 9:30, 09:30:00, 9.30 Uhr, 2:30 pm, or a spreadsheet's share of a day."""
    if isinstance(cell, float | int):
        if not 0 <= cell < 1:
            raise Unreadable("book_not_a_time")
        return round(cell * 86_400) % 86_400
    bare = cell.strip()
    if not bare:
        return None
    match = _TIME.fullmatch(bare)
    if match is None:
        raise Unreadable("book_not_a_time")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise Unreadable("book_not_a_time")
    return hour * 3600 + minute * 60 + second


LONGEST_SECONDS = 100 * 3600
_COLONS = re.compile(r"(\d{1,4}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d+)?")
_WITH_UNIT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\d\s].*)?")
_UNIT_WORDS: Mapping[str, Unit] = {
    **dict.fromkeys(("min", "mins", "minuten", "minute", "minutes", "m"), "minutes"),
    **dict.fromkeys(("h", "std", "stunden", "stunde", "hours", "hour", "hrs", "dezimal", "decimal"), "hours"),
    **dict.fromkeys(("s", "sek", "sekunden", "sekunde", "sec", "seconds", "second"), "seconds"),
    **dict.fromkeys(("hmm", "hhmm", "hmmss", "hhmmss"), "h:mm"),
    "mmss": "mm:ss",
}
_SECONDS = {"minutes": 60, "hours": 3600, "seconds": 1}


def unit_of(header: str) -> Unit | None:
    """The unit a header tells: `Dauer (Min.)`, `Stunden`, `Dauer hh:mm`."""
    words = [headers.fold(word) for word in re.split(r"[^\w:.]+", header)]
    return next((_UNIT_WORDS[word] for word in reversed(words) if word in _UNIT_WORDS), None)


def needs_unit(cells: Iterable[Cell]) -> Cell | None:
    """A cell that is a bare number, which only a unit makes a duration; None where each cell speaks for itself."""
    return next((cell for cell in dict.fromkeys(cells) if isinstance(cell, float) or _bare(cell)), None)


def _bare(cell: Cell) -> bool:
    match = _WITH_UNIT.fullmatch(str(cell).strip())
    return match is not None and not match[2] and float(match[1].replace(",", ".")) != 0


def duration(unit: Unit | None) -> Callable[[Cell], int | None]:
    """A parser of durations into seconds; `unit` holds for bare numbers and tells 1:30 h from 1:30 min."""

    def parse(cell: Cell) -> int | None:
        bare = str(cell).strip()
        if not bare:
            return None
        match = _COLONS.fullmatch(bare)
        seconds = _colons(match, unit) if match else _amount_of_time(bare, unit)
        if not 0 <= seconds <= LONGEST_SECONDS:
            raise Unreadable("book_too_long")
        return seconds

    return parse


def _colons(match: re.Match[str], unit: Unit | None) -> int:
    one, two, three = int(match[1]), int(match[2]), match[3]
    if two > 59 or int(three or 0) > 59:
        raise Unreadable("book_not_a_duration")
    if three is None and unit == "mm:ss":
        return one * 60 + two
    return one * 3600 + two * 60 + int(three or 0)


def _amount_of_time(bare: str, unit: Unit | None) -> int:
    match = _WITH_UNIT.fullmatch(bare)
    if match is None:
        raise Unreadable("book_not_a_duration")
    own = _UNIT_WORDS.get(headers.fold(match[2])) if match[2] else unit
    factor = _SECONDS.get(own or "", 0)
    if not factor and float(match[1].replace(",", ".")):
        raise Unreadable("book_not_a_duration")
    return parse_units(match[1].replace(",", "."), ".", 3) * factor // 1000


# --- words


@cache
def _words(name: str) -> Mapping[str, Any]:
    return {
        headers.fold(word) or word: _plain(value)
        for value, words in headers.vocabulary()["values"][name].items()
        for word in [value, *words]
    }


def _plain(value: str) -> str | bool:
    return {"yes": True, "no": False}.get(value, value)


def word(name: str) -> Callable[[Cell], Any]:
    """A parser of one of a few words (`direction`, `place`, …); yes and no are understood where they make sense."""
    flags = _words("flag") if name in ("consumer", "former", "won") else {}
    known = {**flags, **_words(name)}

    def parse(cell: Cell) -> Any:
        folded = headers.fold(str(text(cell) or "")) or str(cell).strip()
        if not folded:
            return None
        if folded not in known:
            raise Unreadable("book_unknown_word")
        return known[folded]

    return parse


def yield_kind(cell: Cell) -> str | None:
    """The kind of a yield from its text; None when the text is empty, Unreadable when it says nothing known."""
    written = str(text(cell) or "")
    tokens = [headers.fold(token) for token in re.split(r"[\s/,;()]+", written)]
    if not any(tokens):
        return None
    for kind, patterns in headers.vocabulary()["values"]["kind"].items():
        if any(_like(token, pattern) for pattern in [kind, *patterns] for token in (headers.fold(written), *tokens)):
            return str(kind)
    raise Unreadable("book_kind_unknown")


def _like(token: str, pattern: str) -> bool:
    bare = headers.fold(pattern)
    if pattern.startswith("*"):
        return token.endswith(bare)
    return token.startswith(bare) if pattern.endswith("*") else token == bare


# --- mail addresses, phone numbers, distances


def email(cell: Cell) -> str | None:
    """The first mail address of a cell; nothing passes that could break the head of a mail."""
    written = str(text(cell) or "").removeprefix("mailto:")
    if not written:
        return None
    first = re.split(r"[;,|\s]+", written)[0]
    if not _EMAIL.fullmatch(first):
        raise Unreadable("book_not_an_email")
    return first


_EMAIL = re.compile(r"[^\s@<>()\[\]\\\",:;\x00-\x20\x7f]{1,64}@(?=.{3,255}$)[\w-]+(?:\.[\w-]+)+")


def phones(country: str) -> Callable[[Cell], tuple[str, ...]]:
    """A parser of the phone numbers in a cell, each as E.164; `country` is the country code of local numbers."""

    def parse(cell: Cell) -> tuple[str, ...]:
        bare = identity(cell)
        parts = re.split(r"[,;|\n]| oder | or |/(?=\s*(?:\+|0\d{3}))", bare)
        return tuple(dict.fromkeys(_e164(part, country) for part in parts if re.search(r"\d", part)))

    return parse


def _e164(written: str, country: str) -> str:
    first = re.sub(r"\s*\(\d{4,}\)\s*$", "", written)  # `number (network number)` of a FRITZ!Box
    digits = re.sub(r"\D", "", first)
    code = str(phonenumbers.country_code_for_region(country))
    # A spreadsheet drops the plus: 4915112345678 is +49 151 12345678, no local number begins like this.
    lost_plus = digits.startswith(code) and len(digits) >= len(code) + 9 and first.strip()[0] not in "+0("
    try:
        found = phonenumbers.parse("+" + digits if lost_plus else first, country)
    except phonenumbers.NumberParseException:
        raise Unreadable("book_not_a_phone_number") from None
    if not phonenumbers.is_possible_number(found):
        raise Unreadable("book_not_a_phone_number")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def distance(header: str) -> Callable[[Cell], int | None]:
    """A parser of distances into metres; kilometres unless the header says metres."""
    metres = re.search(r"(?:\bm\b|meter|metres)", header.casefold()) and "km" not in header.casefold()

    def parse(cell: Cell) -> int | None:
        bare = re.sub(r"\s*(?:km|m)$", "", str(cell).strip(), flags=re.IGNORECASE)
        if not bare:
            return None
        try:
            return parse_units(bare.replace(",", "."), ".", 0 if metres else 3)
        except ValueError:
            raise Unreadable("book_not_a_number") from None

    return parse
