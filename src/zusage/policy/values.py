"""Figures as people write them come in (`600 €`, `1:30`, `40 %`), whole units go out (cents, seconds, permille).

Each function raises ValueError with the code of a text when it cannot read the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from zusage.ground.money import LARGEST_CENTS, decimal_mark, half_up, parse_cents
from zusage.policy.document import Dated, Text

Reader = Callable[[Any], int]


def _decimal(value: Any, code: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(code)
    text = str(value).strip().replace("\u00a0", " ")
    try:
        number = Decimal(text.replace(",", ".") if re.fullmatch(r"-?\d+,\d+", text) else text)
    except InvalidOperation:
        raise ValueError(code) from None
    # 1e-999999999 is small, but its fraction would fill the memory.
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -40 < exponent < 13 or abs(number) > 10**12:
        raise ValueError(code)
    return number


def _scaled(value: Decimal, factor: int) -> int:
    top, bottom = (value * factor).as_integer_ratio()
    return half_up(top, bottom)


def euro(value: Any) -> int:
    """Cents of `600`, `0.50`, `"1.234,56 €"`. A text such as `"1.234"` could be either and is refused."""
    if isinstance(value, str):
        try:
            mark = decimal_mark([value])
            cents = parse_cents(value, mark or ".")
            plain = mark or re.fullmatch(r"[^.,'’]*", value)
        except ValueError:
            plain = None
        if not plain:
            raise ValueError("policy_not_money")
    else:
        cents = _scaled(_decimal(value, "policy_not_money"), 100)
    if abs(cents) > LARGEST_CENTS:
        raise ValueError("policy_not_money")
    return cents


def cost(value: Any) -> int:
    """Cents of an amount that cannot be below zero."""
    cents = euro(value)
    if cents < 0:
        raise ValueError("policy_negative")
    return cents


_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)(?: *(?:h|Std\.?))?")
_TIME = re.compile(r"(\d{1,9}(?:[.,]\d{1,9})?) *(h|Std\.?|Stunden?|hours?|min\.?|Minuten?|minutes?)")


def _seconds(value: Any, unit: int) -> int:
    if isinstance(value, str):
        if clock := _CLOCK.fullmatch(value.strip()):
            return int(clock[1]) * 3600 + int(clock[2]) * 60
        if written := _TIME.fullmatch(value.strip()):
            return _scaled(Decimal(written[1].replace(",", ".")), 60 if written[2].startswith(("m", "M")) else 3600)
        raise ValueError("policy_not_time")
    seconds = _scaled(_decimal(value, "policy_not_time"), unit)
    if seconds < 0:
        raise ValueError("policy_not_time")
    return seconds


def minutes(value: Any) -> int:
    """Seconds of `8`, `7.5` (minutes), `"1:30"` (hours), `"90 min"`, `"1.5 h"`."""
    return _seconds(value, 60)


def hours(value: Any) -> int:
    """Seconds of `40`, `38.5` (hours), `"38:30"`, `"90 min"`."""
    return _seconds(value, 3600)


def share(value: Any) -> int:
    """Permille of `"40 %"` or `0.4`, at most the whole. 40 is refused: it could mean 40 % or a slip of the pen."""
    if isinstance(value, str) and value.strip().endswith("%"):
        permille = _scaled(_decimal(value.strip()[:-1].strip(), "policy_not_share"), 10)
    else:
        permille = _scaled(_decimal(value, "policy_not_share"), 1000)
    if not 0 <= permille <= 1000:
        raise ValueError("policy_not_share")
    return permille


def milli(value: Any) -> int:
    """Thousandths of a number of times or people: `1`, `0.5`."""
    number = _decimal(value, "policy_not_number")
    if number < 0:
        raise ValueError("policy_not_number")
    return _scaled(number, 1000)


def count(value: Any) -> int:
    """A whole number from 0."""
    number = _decimal(value, "policy_not_count")
    if number < 0 or number != number.to_integral_value():
        raise ValueError("policy_not_count")
    return int(number)


def years(value: Any) -> int:
    """Months of a number of years."""
    return _scaled(Decimal(milli(value)), 12) // 1000


def metres(value: Any) -> int:
    """Metres of a number of kilometres."""
    return milli(value)


def text(value: Any) -> Text:
    """A text in one or both languages; numbers are taken as text."""
    if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        return Text(str(value).strip(), str(value).strip())
    if isinstance(value, Mapping) and value and set(value) <= {"de", "en"}:
        written = {language: str(item).strip() for language, item in value.items() if isinstance(item, str)}
        if len(written) == len(value) and all(written.values()):
            return Text(written.get("de") or written["en"], written.get("en") or written["de"])
    raise ValueError("policy_not_text")


def name(value: Any) -> Any:
    """A name as text, where YAML took a bare `2026` or `2026-01-01` for a number or a day."""
    return str(value) if isinstance(value, int | date) and not isinstance(value, bool) else value


def day(value: Any) -> date:
    """A date written as 2026-01-31."""
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("policy_not_date")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("policy_not_date") from None


def dated(read: Reader) -> Callable[[Any], Dated]:
    """A reader of figures that may change on given days: `64000` or `{2025-01-01: 60000, 2026-01-01: 64000}`."""

    def reader(value: Any) -> Dated:
        if not isinstance(value, Mapping):
            return Dated(((None, read(value)),))
        if not value:
            raise ValueError("policy_not_dated")
        return Dated(tuple(sorted((day(first), read(step)) for first, step in value.items())))

    return reader
