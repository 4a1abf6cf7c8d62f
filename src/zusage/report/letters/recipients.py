"""Rows of a result and of its book come in; who gets a letter, in postal order, and who gets none and why, go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zusage.ground.words import Language, listed
from zusage.report.letters.address import Address
from zusage.report.letters.fields import Subject
from zusage.report.letters.letter import plain

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Recipients:
    """Whom to write to, each with the adviser the list names; and who is without a complete address: number, name."""

    subjects: tuple[tuple[Subject, str], ...]
    without: tuple[tuple[str, str], ...]


def recipients(
    members: Iterable[Row], customers: Iterable[Row], addresses: Iterable[Row], language: Language
) -> Recipients:
    """One letter for each unit: to the member it is named after, else to the first one that has an address.

    `members` are rows of a plan's memberships, the others of the tables `customers` and `addresses`. A household is
    written to by all its names.
    """
    units: dict[str, list[Row]] = {}
    for row in members:
        units.setdefault(row["unit_id"], []).append(row)
    known = {row["customer_id"]: row for row in customers}
    where = {row["customer_id"]: row for row in addresses}
    found = [_subject(unit, rows, known, where, language) for unit, rows in units.items()]
    complete = sorted((item for item in found if item[0].address.complete), key=_postal)
    without = [(item.number, item.address.name) for item, _ in found if not item.address.complete]
    return Recipients(tuple(complete), tuple(without))


def _subject(
    unit: str, rows: Sequence[Row], known: Mapping[str, Row], where: Mapping[str, Row], language: Language
) -> tuple[Subject, str]:
    ordered = sorted(rows, key=lambda row: row["customer_id"] != unit)
    names = [_spoken(where.get(row["customer_id"]), row) for row in ordered]
    addresses = [Address.of(where.get(row["customer_id"]) or {}, names[0]) for row in ordered]
    chosen = next((item for item in addresses if item.complete), addresses[0])
    head = known.get(ordered[0]["customer_id"], {})
    several = len(rows) > 1
    name = listed(names, language) if several else names[0]
    address = Address.of(vars(chosen), name, several=several)
    cannot_come = any(known.get(row["customer_id"], {}).get("cannot_come") for row in rows)
    subject = Subject(unit, address, ordered[0]["class_key"], (), bool(cannot_come), head.get("consumer") is not False)
    return subject, plain(head.get("adviser"))


def _spoken(address: Row | None, member: Row) -> str:
    parts = Address.of(address or {}, member["name"] or "")
    return parts.company or parts.person or str(member["customer_id"])


def _postal(item: tuple[Subject, str]) -> tuple[str, str, str, str]:
    address = item[0].address
    return address.postcode, address.city, address.street, item[0].number
