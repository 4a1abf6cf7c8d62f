"""A text that a page or an address sent comes in, the number or the day it means goes out; nothing where it is none.

Pages send what they were given; whoever writes such an address by hand may send anything.
"""

from __future__ import annotations

from datetime import date

from django.utils.dateparse import parse_date

_DIGITS = 15
"""No row has a longer number, and every database takes one of these."""


def number_sent(text: str) -> int:
    """The number of a row, or the version of one; 0, which none has, where it is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def day_sent(text: str) -> date | None:
    """A day as pages send it: year, month, day."""
    try:
        return parse_date(text)
    except ValueError:  # like one, but in no calendar
        return None
