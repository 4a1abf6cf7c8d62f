"""A telephone number as a person or a telephone writes it comes in, the form numbers are kept in goes out."""

from __future__ import annotations

import re

from zusage.book.cells import Unreadable, phones


def telephone(text: str, country: str) -> str | None:
    """The number in E.164, None for what is none: 0341 2345678, +49 341 …, 0049341… and 49341… are the same.

    >>> telephone("0341 / 234 56 78", "DE"), telephone("00493412345678", "DE"), telephone("Muster", "DE")
    ('+493412345678', '+493412345678', None)
    """
    if not re.fullmatch(r"\+?[\d\s()/.\-]{4,}", text.strip()):
        return None
    try:
        found = phones(country)(text.strip())
    except Unreadable:
        return None
    return found[0] if found else None
