"""The typed columns of a customer list come in, where each customer is written to comes out.

Nothing that reckons reads this: an address, and least of all a salutation, decides over no service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

from zusage.book.parse import Typed
from zusage.book.tables import ADDRESSES

_PLAIN = ("salutation", "title", "first_name", "last_name", "company", "addition", "email")
_PLACE = re.compile(r"(?:(?P<land>[A-Z]{1,3})\s?-\s?)?(?P<code>\d[\d ]{2,6}\d)\s+(?P<city>\D.*)")
_PREFIXED = re.compile(r"(?P<land>[A-Z]{1,3})\s?-\s?(?P<code>\d{4,5})")
GERMANY = frozenset({"", "d", "de", "deu", "deutschland", "germany", "brd", "bundesrepublik deutschland"})
"""How lists write that an address is in Germany; most write nothing."""


def addresses_of(typed: Typed, ids: Sequence[str | None], country: str) -> tuple[dict[str, Sequence[Any]], int]:
    """The rows of `tables.ADDRESSES`, one for each line with a customer of whom anything is known; and how many
    postcodes had lost their zero: German ones have five digits, which spreadsheets forget.

    `ids`: the customer of each line, as the customer list writes the number. `country`: of rows that name none.
    """
    lost = 0
    columns: dict[str, list[Any]] = {name: typed.column(name) for name in _PLAIN}
    columns["customer_id"] = list(ids)
    columns["street"] = [_joined(*parts) for parts in zip(*map(typed.column, ("street", "house_number")), strict=True)]
    places = []
    for written in zip(*map(typed.column, ("postcode", "city", "postcode_city", "country")), strict=True):
        place, padded = _place(*written, home=country)
        lost += padded
        places.append(place)
    for at, name in enumerate(("postcode", "city", "country")):
        columns[name] = [place[at] for place in places]
    told = zip(*(columns[name] for name in ADDRESSES if name != "customer_id"), strict=True)
    known = [owner is not None and any(row) for owner, row in zip(ids, told, strict=True)]
    return {name: list(compress(columns[name], known)) for name in ADDRESSES}, lost


_FROM = {
    "street": ("street", "house_number"),
    "postcode": ("postcode", "postcode_city"),
    "city": ("city", "postcode_city"),
}
"""Columns that are made of several fields."""


def told_by(typed: Typed) -> tuple[str, ...]:
    """The columns of an address that a file speaks of at all."""
    return tuple(
        name
        for name in ADDRESSES
        if name != "customer_id" and any(field in typed.values for field in _FROM.get(name, (name,)))
    )


def merge(columns: Mapping[str, list[Any]], rows: Mapping[str, Sequence[Any]], told: Sequence[str]) -> None:
    """Put rows into the table: of each customer the last list wins, in the columns it speaks of."""
    places = {customer: place for place, customer in enumerate(columns["customer_id"])}
    for at, customer in enumerate(rows["customer_id"]):
        place = places.setdefault(customer, len(columns["customer_id"]))
        if place == len(columns["customer_id"]):
            for name, column in columns.items():
                column.append(rows[name][at])
        else:
            for name in told:
                columns[name][place] = rows[name][at]


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
    german = (land or "").casefold() in GERMANY and (bool(land) or home == "DE")
    lost = german and bool(code) and re.fullmatch(r"\d{4}", code or "") is not None
    return (f"0{code}" if lost else code, city, land), lost
