"""Money as integer cents: text comes in, cents go out, and cents become text again.

Cents are the only form money has inside Zusage. Floats lose cents (1000 × 0.10 sums to 99.9999999999986) and
decimals differ between databases; integers are exact and their sum does not depend on the order.
"""

from __future__ import annotations

import re
from typing import Literal

DecimalMark = Literal[",", "."]

LARGEST_CENTS = 10**14
"""A bound of 1,000,000,000,000.00: larger amounts are typing errors, and sums of them would leave 2**53."""

_GROUPING = {",": ".'’ ", ".": ",'’ "}
_CURRENCY = re.compile(r"(?:€|EUR\.?|CHF|Fr\.|\$|USD|£|GBP)", re.IGNORECASE)
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\t"), " ")
_SIDE = {"": 1, "H": 1, "S": -1, "CR": 1, "DR": -1}
"""Bookkeepers write the sign as a letter: H (Haben, credit to us) and S (Soll, taken from us)."""

_SHAPE = {
    mark: re.compile(
        rf"(?P<sign>[-+−–])? ?"
        rf"(?P<whole>[0-9]{{1,3}}(?:[{re.escape(_GROUPING[mark])}][0-9]{{3}})+|[0-9]+)?"
        rf"(?:{re.escape(mark)}(?P<part>[0-9]*))? ?"
        rf"(?P<tail>[-−–])? ?(?P<side>H|S|CR|DR)?",
        re.IGNORECASE,
    )
    for mark in (",", ".")
}

_PLAIN = {mark: re.compile(rf"(-)?([0-9]{{1,12}})(?:{re.escape(mark)}([0-9]+))?") for mark in (",", ".")}


def half_up(numerator: int, divisor: int) -> int:
    """Divide integers and round half up (towards plus infinity), the one rounding rule of Zusage.

    >>> half_up(5, 2), half_up(-5, 2), half_up(7, 3)
    (3, -2, 2)
    """
    return (2 * numerator + divisor) // (2 * divisor)


def parse_cents(text: str, mark: DecimalMark) -> int:
    """Read one amount written by people or programs as cents.

    `mark` is the decimal mark of the whole column: a single cell such as ``1.234`` cannot tell. Understands
    currency signs, grouping (dot, comma, space, apostrophe), a trailing minus and H/S. Cents beyond the second
    place are rounded half up. Raises ValueError when the text is not an amount or is beyond LARGEST_CENTS.

    >>> parse_cents("1.234,56 €", ","), parse_cents("112,39-", ","), parse_cents("12,00 S", ",")
    (123456, -11239, -1200)
    """
    return parse_units(text, mark, 2)


def parse_units(text: str, mark: DecimalMark, places: int) -> int:
    """Read a number as an integer of 10**-places, by the rules of parse_cents: 4 places for unit prices.

    >>> parse_units("0,0425", ",", 4), parse_units("7", ",", 0)
    (425, 7)
    """
    plain = _PLAIN[mark].fullmatch(text)
    if plain and len(plain[3] or "") <= places:  # most cells of most files; skips the cleaning below
        units = int(plain[2] + (plain[3] or "").ljust(places, "0"))
        return _bounded(-units if plain[1] else units, places, text)
    bare = _CURRENCY.sub("", text.translate(_SPACES)).strip()
    bare = re.sub(r"^'|,[-–—]{1,2}$|\.[-–—]{2}$", "", bare)  # '12,00 (text cell) and 12,– (whole euro)
    negative = bare.startswith("(") and bare.endswith(")")
    if negative:
        bare = bare[1:-1].strip()
    match = _SHAPE[mark].fullmatch(bare)
    if match is None or not (match["whole"] or match["part"]):
        raise ValueError(text)
    digits = re.sub(r"\D", "", match["whole"] or "0")
    part = (match["part"] or "").ljust(places + 1, "0")
    if len(digits) > 16 or len(part) > 24:
        raise ValueError(text)
    units = half_up(int(digits + part), 10 ** (len(part) - places))
    signs = [bool(match["sign"] and match["sign"] != "+"), bool(match["tail"]), negative]
    if sum(signs) > 1 or (any(signs) and match["side"]):
        raise ValueError(text)
    return _bounded(units * (-1 if any(signs) else 1) * _SIDE[(match["side"] or "").upper()], places, text)


def _bounded(units: int, places: int, text: str) -> int:
    if abs(units) > LARGEST_CENTS // 100 * 10**places:
        raise ValueError(text)
    return units


def cents_from_float(value: float) -> int:
    """A number cell of a spreadsheet as cents, rounded half up; raises ValueError for nan, inf, and too large."""
    if not abs(value) <= LARGEST_CENTS / 100:  # also true of nan
        raise ValueError(str(value))
    # ten places are what the person saw in the cell: 0.145 is 0.1450000000, though the float is a little less
    return parse_cents(format(value, ".10f"), ".")


def decimal_mark(samples: list[str]) -> DecimalMark | None:
    """The decimal mark a column of amounts uses, or None where its cells do not tell.

    A cell tells when one reading of it is impossible (``1.234,56``, ``12,5``, ``1.234.567``). Cells that contradict
    each other raise ValueError with the first offending cell.

    >>> decimal_mark(["1.234", "12,50"]), decimal_mark(["1.234", "5"]), decimal_mark(["12.50"])
    (',', None, '.')
    """
    found: DecimalMark | None = None
    for text in samples:
        readable: list[DecimalMark] = []
        marks: tuple[DecimalMark, DecimalMark] = (",", ".")
        for mark in marks:
            try:
                parse_cents(text, mark)
            except ValueError:
                continue
            readable.append(mark)
        if len(readable) != 1:
            continue  # both readings work, or it is no amount at all: this cell says nothing
        if found and readable[0] != found:
            raise ValueError(text)
        found = readable[0]
    return found
