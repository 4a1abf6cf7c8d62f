"""A name comes in, the keys it is sorted and looked for by go out: the same on every database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from zusage.book.headers import UMLAUTS

_PHONE = re.compile(r"[\d\s+()/.\-]+")
FEWEST_DIGITS = 4
"""So many digits at least are looked for as part of a telephone number."""


def sort_key(name: str) -> str:
    """A key by which names sort the same on every database: DIN 5007, ä like a, ß like ss, no accents, small letters.

    >>> sort_key("Größe-Exempel, Doro")
    'grosse-exempel, doro'
    """
    return _plain(name.casefold())


def search_key(name: str, number: str, phones: Sequence[str] = ()) -> str:
    """Everything a customer is looked for by, in small letters: Müller, Muller and Mueller all find Müller.

    >>> search_key("Müller, Béla", "0042", ["+493412345678"])
    'muller, bela mueller, bela 0042 +493412345678'
    """
    return " ".join((*ways(name), number.casefold(), *phones))[:700]


def ways(text: str) -> tuple[str, ...]:
    """The ways a word may be written without umlauts and accents.

    >>> ways("Müller"), ways("Probe")
    (('muller', 'mueller'), ('probe',))
    """
    small = text.casefold()
    return tuple(dict.fromkeys((_plain(small), _plain(unicodedata.normalize("NFC", small).translate(UMLAUTS)))))


def phone_digits(text: str) -> str:
    """What is typed of a telephone number, as it stands in `search_key`; empty where it cannot be one.

    >>> phone_digits("0341 / 23 45"), phone_digits("+49 (0)341 2345"), phone_digits("0049341"), phone_digits("2345")
    ('+493412345', '+493412345', '+49341', '2345')
    >>> phone_digits("Müller 3"), phone_digits("12")
    ('', '')
    """
    if not _PHONE.fullmatch(text):
        return ""
    digits = re.sub(r"[^\d+]", "", text.replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"+49{digits[1:]}"
    return digits if len(digits) >= FEWEST_DIGITS else ""


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).replace("ß", "ss")
