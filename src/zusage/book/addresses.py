"""The typed columns of a customer list come in, where each customer is written to comes out.

Nothing that reckons reads this: an address, and least of all a salutation, decides over no service.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress
from typing import Any

from zusage.book.parse import Typed
from zusage.book.tables import ADDRESSES

_PLAIN = ("salutation", "title", "first_name", "last_name", "company", "addition", "email")
_PLACE = re.compile(r"(?:(?P<land>[A-Z]{1,3})\s?-\s?)?(?P<code>\d[\d ]{2,6}\d)\s+(?P<city>\D.*)")
_PREFIXED = re.compile(r"(?P<land>[A-Z]{1,3})\s?-\s?(?P<code>\d{4,5})")
_GERMANY = frozenset({"", "d", "de", "deu", "deutschland", "germany", "brd", "bundesrepublik deutschland"})


def addresses_of(typed: Typed, country: str) -> tuple[dict[str, Sequence[Any]], int]:
    """The rows of `tables.ADDRESSES`, one for each customer of whom anything is known; and how many postcodes had
    lost their zero: German ones have five digits, which spreadsheets forget. `country`: of rows that name none."""
    lost = 0
    columns: dict[str, list[Any]] = {name: typed.column(name) for name in _PLAIN}
    columns["customer_id"] = typed.column("customer_id")
    columns["street"] = [_joined(*parts) for parts in zip(*map(typed.column, ("street", "house_number")), strict=True)]
    places = []
    for written in zip(*map(typed.column, ("postcode", "city", "postcode_city", "country")), strict=True):
        place, padded = _place(*written, home=country)
        lost += padded
        places.append(place)
    for at, name in enumerate(("postcode", "city", "country")):
        columns[name] = [place[at] for place in places]
    known = [any(row) for row in zip(*(columns[name] for name in ADDRESSES if name != "customer_id"), strict=True)]
    return {name: list(compress(columns[name], known)) for name in ADDRESSES}, lost


def _joined(*parts: str | None) -> str | None:
    return " ".join(filter(None, parts)) or None


def _place(
    code: str | None, city: str | None, both: str | None, land: str | None, *, home: str
) -> tuple[tuple[str | None, str | None, str | None], bool]:
    """Postcode, city and country of a row, and whether the postcode got its zero back."""
    found = _PLACE.fullmatch(both or "")
    if both and not found:
        city = city or both
    elif found:
        code, city, land = code or found["code"], city or found["city"], land or found["land"]
    prefixed = _PREFIXED.fullmatch(code or "")
    if prefixed:
        code, land = prefixed["code"], land or prefixed["land"]
    german = (land or "").casefold() in _GERMANY and (bool(land) or home == "DE")
    lost = german and bool(code) and re.fullmatch(r"\d{4}", code or "") is not None
    return (f"0{code}" if lost else code, city, land), lost
