"""Column headers come in, the table they belong to and the field of each column come out.

A table is recognised by the signature of several headers, never by the position of a column or by one header alone.
The headers people write stand in fields.toml beside this file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

IMPORTED = (
    *("customers", "addresses", "contracts", "yields", "work", "referrals", "choices", "consents", "overrides"),
    "figures",
)
"""The tables files can be read into, in the order in which they are read."""

FIGURE = "figure."
"""Prefix of a mapping's target for the firm's own numeric columns: `Jahresbeitrag: figure.premium`."""

FIELD_KINDS: Mapping[str, tuple[str, ...]] = {
    "id": ("customer_id", "household_id", "household_head", "contract_id", "referrer_id", "referred_id"),
    "text": (
        *("name", "last_name", "first_name", "company", "adviser", "product_line", "activity", "topic"),
        *("class_key", "evidence", "decided_by", "reason", "key", "wording", "proof"),
        *("salutation", "title", "street", "house_number", "addition", "postcode", "city"),
        *("postcode_city", "country"),
    ),
    "date": ("since", "until", "booked_on", "referred_on", "chosen_on", "granted_on", "withdrawn_on"),
    "moment": ("done_on", "end_on", "start", "end"),
    "word": (
        *("consumer", "former", "won", "direction", "place", "state", "channel", "purpose", "ground", "log", "kind"),
    ),
    "flag": ("business", "active", "cannot_come", "private", "cancelled", "new", "rush"),
    "money": ("amount",),
    "phone": ("phone",),
    "email": ("email",),
    "duration": ("duration",),
    "distance": ("distance",),
    "number": ("value", "lines"),
}
LETTER_FIELDS = frozenset(
    {
        "salutation",
        "title",
        "street",
        "house_number",
        "addition",
        "postcode",
        "city",
        "postcode_city",
        "country",
        "email",
    }
)
"""Where and how a customer is written to: lists of many kinds have that, so it tells no table."""

KIND_OF = {field: kind for kind, fields in FIELD_KINDS.items() for field in fields}

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Signature:
    """What a header must hold to be a table: all of `every` and one of each group in `one_of`."""

    every: frozenset[str]
    one_of: tuple[frozenset[str], ...] = ()

    def fits(self, fields: set[str]) -> bool:
        return self.every <= fields and all(group & fields for group in self.one_of)

    def missing(self, fields: set[str]) -> str:
        """What is missing, for a message: `contract_id, amount` or `customer_id / phone`."""
        groups = [" / ".join(sorted(group)) for group in self.one_of if not group & fields]
        return ", ".join([*sorted(self.every - fields), *groups])


_NAMES = frozenset({"name", "last_name", "company"})
SIGNATURES: Mapping[str, Signature] = {
    "customers": Signature(
        frozenset({"customer_id"}),
        (_NAMES | {"phone", "since", "consumer", "adviser", "household_id", "household_head", "distance"},),
    ),
    "addresses": Signature(
        frozenset({"customer_id"}), (frozenset({"street", "postcode", "city", "postcode_city", "email", "salutation"}),)
    ),
    "contracts": Signature(frozenset({"contract_id", "customer_id"})),
    "yields": Signature(frozenset({"amount"}), (frozenset({"contract_id", "customer_id"}),)),
    "work": Signature(
        frozenset({"done_on"}),
        (
            frozenset({"customer_id", "phone"}),
            frozenset({"duration", "end", "activity", "topic", "direction", "place"}),
        ),
    ),
    "referrals": Signature(frozenset({"referrer_id", "referred_id"})),
    "choices": Signature(frozenset({"customer_id", "state"}), (frozenset({"chosen_on", "class_key"}),)),
    "consents": Signature(
        frozenset({"customer_id", "channel"}), (frozenset({"granted_on", "withdrawn_on", "purpose"}),)
    ),
    "overrides": Signature(frozenset({"customer_id", "class_key", "decided_by"})),
    "figures": Signature(frozenset({"customer_id", "key", "value"})),
}


def fold(text: str) -> str:
    """A header without what people write differently: case, blanks, line breaks, punctuation, umlauts.

    >>> fold("Kunden-Nr.\\u00a0"), fold("Straße / Ort")
    ('kundennr', 'strasseort')
    """
    return "".join(char for char in text.casefold().translate(UMLAUTS) if char.isalnum())


def stem(header: str) -> str:
    """A header folded without what stands in brackets: `Betrag (brutto)` is `betrag`."""
    return fold(re.sub(r"\(.*?\)|\[.*?\]", "", header))


@cache
def vocabulary() -> Mapping[str, Any]:
    """The word lists of fields.toml."""
    vocabulary: dict[str, Any] = tomllib.loads((files(__package__) / "fields.toml").read_text("utf-8"))
    return vocabulary


@cache
def synonyms(table: str) -> Mapping[str, Mapping[str, int]]:
    """Of each field of a table: its folded headers with their rank, the most telling first."""
    words = vocabulary()

    def listed(entry: Any) -> list[str]:
        if isinstance(entry, str):
            owner, field = entry.split(".")
            return listed(words[owner][field])
        return list(entry)

    return {
        field: {fold(header): rank for rank, header in reversed(list(enumerate([field, *listed(entry)])))}
        for field, entry in words[table].items()
    }


def fields_of(table: str) -> tuple[str, ...]:
    """The fields a column of this table can be mapped to."""
    return tuple(synonyms(table))


@cache
def known_headers() -> frozenset[str]:
    """Every folded header of every table, to tell the header line from a title."""
    return frozenset(header for table in IMPORTED for ranks in synonyms(table).values() for header in ranks)


def is_known(header: str) -> bool:
    """Whether the header is one of any table's."""
    return fold(header) in known_headers() or stem(header) in known_headers()


@cache
def is_protected(header: str) -> bool:
    """Whether a column is about what may never decide over service: birth, sex, origin, belief, family, health.

    >>> is_protected("Geb.-Datum"), is_protected("Geburtsname"), is_protected("Krankenversicherung")
    (True, True, False)
    >>> is_protected("DrivAge"), is_protected("age_at_inception"), is_protected("Agentur")
    (True, True, False)
    """
    parts = {fold(part) for part in re.findall(r"[A-ZÄÖÜ]?[a-zäöüß]+|[A-ZÄÖÜ]+(?![a-zäöüß])", header)}
    if not parts.isdisjoint(fold(word) for word in vocabulary()["protected"]["words"]):
        return True
    folded = (fold(header), stem(header))
    for entry in vocabulary()["protected"]["headers"]:
        word = fold(entry)
        if any(text.startswith(word) if entry.endswith("*") else text == word for text in folded):
            return True
    return False


@cache
def may_hold(header: str, field: str) -> bool:
    """Whether a column may be read as a field. A salutation is read for letters, and as nothing else.

    >>> may_hold("Anrede", "salutation"), may_hold("Anrede", "figure.anrede"), may_hold("Geschlecht", "salutation")
    (True, False, False)
    """
    if not is_protected(header):
        return True
    known = synonyms("customers")["salutation"]
    return field == "salutation" and (fold(header) in known or stem(header) in known)


def match(headers: Sequence[str], table: str) -> dict[str, list[int]]:
    """The columns of each field of a table, best header first; a column belongs to at most one field."""
    found: dict[str, list[tuple[int, int]]] = {}
    for column, header in enumerate(headers):
        best = _best(header, table)
        if best is not None and may_hold(header, best[1]):
            rank, field = best
            found.setdefault(field, []).append((rank, column))
    return {field: [column for _, column in sorted(ranked)] for field, ranked in found.items()}


def _best(header: str, table: str) -> tuple[int, str] | None:
    exact = [(ranks[key], field) for field, ranks in synonyms(table).items() if (key := fold(header)) in ranks]
    bare = [(ranks[key] + 100, field) for field, ranks in synonyms(table).items() if (key := stem(header)) in ranks]
    return min(exact or bare, default=None)


def recognise(headers: Sequence[str]) -> list[str]:
    """The tables whose signature the headers fulfil, the ones with most matching columns; several mean undecided.

    Addresses are what a file holds that is nothing else.
    """
    scores: dict[str, int] = {}
    for table in IMPORTED:
        fields = match(headers, table)
        if SIGNATURES[table].fits(set(fields)):
            scores[table] = len(fields.keys() - LETTER_FIELDS)
    best = max(scores.values(), default=0)
    found = [table for table, score in scores.items() if score == best]
    return [table for table in found if table != "addresses"] or found
