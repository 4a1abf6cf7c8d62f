"""Words come last: a Reason, a figure or a term goes in, a German or English text comes out.

The texts stand in the `*.toml` files beside this one, one table per code with the keys `de` and `en`. A text names
values in braces; the ending of a value's name decides how it is written (see `write`).
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from zusage.ground.money import half_up
from zusage.ground.reasons import Finding, Place, Reason, Value

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
UNKNOWN = "–"


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """All texts by code. A code that two files define is a mistake of ours and raises ValueError."""
    found: dict[str, dict[str, str]] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            for code, text in tomllib.loads(entry.read_text("utf-8")).items():
                if code in found:
                    raise ValueError(f"{entry.name} defines {code} a second time")
                found[code] = text
    return found


def word(code: str, language: Language) -> str:
    """The bare text of a code, for headings and terms without values."""
    return texts()[code][language]


def say(reason: Reason, language: Language) -> str:
    """The sentence of a reason, its values written in the reader's way; then the question which word was `meant`.
    `why_code`: the reason of the reason, said with the same values."""
    values = {key: write(key, value, language) for key, value in reason.values.items()}
    if "why_code" in values:
        rest = {key: value for key, value in reason.values.items() if key != "why_code"}
        values["why_code"] = say(Reason(values["why_code"], rest), language)
    # an abbreviation at the end of a sentence brings its own full stop
    text = texts()[reason.code][language].format(**values).replace("Std..", "Std.")
    if reason.values.get("meant") is None:
        return text
    return f"{text} {texts()['word_meant'][language].format(text=quote(values['meant'], language))}"


def say_finding(finding: Finding, language: Language) -> str:
    """A finding with its place in front: `kunden.csv, Zeile 7, Spalte „Betrag“: …`."""
    place = say_place(finding.where, language)
    return f"{place}: {say(finding.reason, language)}" if place else say(finding.reason, language)


def say_place(where: Place, language: Language) -> str:
    """A place in words, empty when nothing is known of it."""
    line, column = {"de": ("Zeile", "Spalte"), "en": ("line", "column")}[language]
    parts = [
        where.file,
        where.line and f"{line} {where.line}",
        where.column and f"{column} {quote(where.column, language)}",
    ]
    return ", ".join([str(part) for part in parts if part] + ([where.path] if where.path else []))


def quote(text: str, language: Language) -> str:
    """The text in the language's quotation marks, cut to 80 characters so that a huge cell cannot flood a message."""
    short = text if len(text) <= 80 else text[:79] + "…"
    return f"„{short}“" if language == "de" else f"“{short}”"


def write(key: str, value: Value, language: Language) -> str:
    """One value in words; the ending of its key says what it is.

    >>> write("more_cents", 42000, "de"), write("less_seconds", 5400, "en"), write("told_on", date(2026, 1, 2), "de")
    ('420\\xa0€', '1:30\\xa0h', '02.01.2026')
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, int):
        for ending, writer in _WRITERS.items():
            if key.endswith(ending):
                return writer(value, language)
        return number(value, language)
    return str(value)


def listed(items: Sequence[str], language: Language, joint: Literal["and", "or"] = "and") -> str:
    """`A, B und C`; with the joint `or`: `A, B oder C`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word(f'word_{joint}', language)} {items[-1]}"


def in_width(text: str, width: int) -> str:
    """Lines broken between words, never between a figure and its unit, nor within a path; each keeps its indentation.

    >>> in_width("  zu 95\u00a0% gehalten", 10)
    '  zu 95\\xa0%\\n  gehalten'
    """
    lines = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip(" ·")))
        lines += textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ) or [""]
    return "\n".join(lines)


def time_of_day(minute: int) -> str:
    """A minute of the day as a clock shows it: `9:05`."""
    return f"{minute // 60}:{minute % 60:02d}"


def number(value: int, language: Language) -> str:
    """A whole number with grouping: 1.234 or 1,234."""
    return f"{value:,}".replace(",", "." if language == "de" else ",")


def euro(cents: int, language: Language) -> str:
    """An amount in euro; cents are shown only where there are some: `1.234,50 €`, `420 €`, `€1,234.50`."""
    whole, part = divmod(abs(cents), 100)
    mark = "," if language == "de" else "."
    figure = number(whole, language) + (f"{mark}{part:02d}" if part else "")
    sign = "−" if cents < 0 else ""
    return f"{sign}{figure}\u00a0€" if language == "de" else f"{sign}€{figure}"


def round_euro(cents: int, language: Language) -> str:
    """An amount in whole euro, for tables and summaries."""
    return euro(half_up(cents, 100) * 100, language)


def hours(seconds: int, language: Language) -> str:
    """Working time as hours and minutes: `7:20 Std.` or `7:20 h`, rounded to the minute."""
    minutes = half_up(abs(seconds), 60)
    sign = "−" if seconds < 0 and minutes else ""
    unit = "Std." if language == "de" else "h"
    return f"{sign}{number(minutes // 60, language)}:{minutes % 60:02d}\u00a0{unit}"


def percent(permille: int, language: Language) -> str:
    """A share given in permille as percent: `12,5 %` or `12.5%`."""
    whole, tenth = divmod(abs(permille), 10)
    sign = "−" if permille < 0 else ""
    figure = f"{whole}" + ((("," if language == "de" else ".") + str(tenth)) if tenth else "")
    return f"{sign}{figure}\u00a0%" if language == "de" else f"{sign}{figure}%"


def day(when: date, language: Language) -> str:
    """A date the way the language writes it: `23.11.2026` or `23 Nov 2026`."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    if language == "de":
        return f"{when.day:02d}.{when.month:02d}.{when.year}"
    return f"{when.day} {months[when.month - 1]} {when.year}"


_WRITERS = {
    "_round_cents": round_euro,  # before "_cents", which ends it too
    "_cents": euro,
    "_seconds": hours,
    "_permille": percent,
}
