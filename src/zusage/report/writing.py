"""Figures come in, text as it stands in tables and sentences goes out: what `ground.words` says, without units where
the header names them."""

from __future__ import annotations

from datetime import date

from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, number, say, word, write


def said(code: str, language: Language, /, **values: Value) -> str:
    """The text of a code with its values."""
    return say(Reason(code, values), language)


def counted(noun: str, count: int, language: Language) -> str:
    """A number with its noun in the right form: `1 Haushalt`, `412 Haushalte`."""
    return said(f"count_{noun}_one" if count == 1 else f"count_{noun}", language, number=count)


def long_day(when: date, language: Language) -> str:
    """A day with the name of its month: `8. März 2027`, `8 March 2027`."""
    month = word(f"outlook_month_{when.month}", language)
    return said("outlook_long_day", language, day=str(when.day), month=month, year=str(when.year))


def whole_euro(cents: int, language: Language) -> str:
    """Whole euro without the sign, for columns whose header says €."""
    return signed(half_up(abs(cents), 100), cents < 0, language)


def exact_euro(cents: int, language: Language) -> str:
    """An amount with both cents always shown, so that columns of a calculation line up."""
    whole, part = divmod(abs(cents), 100)
    sign = "−" if cents < 0 else ""
    figure = f"{number(whole, language)}{_mark(language)}{part:02d}"
    return f"{sign}{figure}\u00a0€" if language == "de" else f"{sign}€{figure}"


def signed(size: int, negative: bool, language: Language) -> str:
    """A whole number with a real minus sign; nought has none."""
    return ("−" if negative and size else "") + number(size, language)


def plain_hours(seconds: int, language: Language) -> str:
    """`7:20` without the unit, for columns whose header says hours."""
    return write("seconds_seconds", seconds, language).split("\u00a0")[0]


def clock(seconds: int, language: Language) -> str:
    """Hours to the second where there are some, for calculations a reader repeats: `1:29:32 Std.`, `5:12 Std.`."""
    if seconds % 60 == 0:
        return write("time_seconds", seconds, language)
    minutes, rest = divmod(abs(seconds), 60)
    sign = "−" if seconds < 0 else ""
    return f"{sign}{number(minutes // 60, language)}:{minutes % 60:02d}:{rest:02d}\u00a0{word('report_hour', language)}"


def decimal(value: int, places: int, language: Language) -> str:
    """An integer of 10**-places as a decimal number without trailing noughts: 11846, 3 is 11,846."""
    whole, part = divmod(abs(value), 10**places)
    digits = str(part).rjust(places, "0").rstrip("0")
    return signed(whole, value < 0, language) + (f"{_mark(language)}{digits}" if digits else "")


def rate(milli_cents: int, language: Language) -> str:
    """A cost rate (thousandths of a cent per hour) with as many places as it has: `43,56061 €/Std.`."""
    return said("report_rate", language, text=decimal(milli_cents, 5, language))


def _mark(language: Language) -> str:
    return "," if language == "de" else "."
