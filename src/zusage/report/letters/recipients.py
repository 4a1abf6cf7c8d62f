"""Rows of a result and of its book come in; who gets a letter, in postal order, and who gets none and why, go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zusage.ground.reasons import Reason
from zusage.ground.words import Language, listed
from zusage.promises.consent import Given, gate
from zusage.report.letters.address import Address
from zusage.report.letters.fields import Subject
from zusage.report.letters.letter import plain

Row = Mapping[str, Any]
WHERE = ("street", "addition", "postcode", "city", "country")
"""The parts of an address that are those of a household, whoever of it is written to."""


@dataclass(frozen=True)
class Recipients:
    """Whom to write to, each with the adviser the list names; who is without a complete address: number, name; and who
    must not be written to: number, name, why."""

    subjects: tuple[tuple[Subject, str], ...]
    without: tuple[tuple[str, str], ...]
    barred: tuple[tuple[str, str, Reason], ...] = ()


def recipients(
    members: Iterable[Row],
    customers: Iterable[Row],
    addresses: Iterable[Row],
    language: Language,
    barred: Mapping[str, Reason] | None = None,
) -> Recipients:
    """One letter for each unit: to the member it is named after, else to the first one that has an address.

    `members` are rows of a plan's memberships, the others of the tables `customers` and `addresses`. A household is
    written to by all its names; whoever is barred gets no letter and is in that of nobody else.
    """
    stopped = barred or {}
    units: dict[str, list[Row]] = {}
    for row in members:
        units.setdefault(row["unit_id"], []).append(row)
    known = {row["customer_id"]: row for row in customers}
    where = {row["customer_id"]: row for row in addresses}
    out = tuple(
        (row["customer_id"], _spoken(where.get(row["customer_id"]), row), stopped[row["customer_id"]])
        for rows in units.values()
        for row in rows
        if row["customer_id"] in stopped
    )
    found = [
        _subject(unit, rows, known, where, language)
        for unit, every in units.items()
        if (rows := _written_to(every, stopped, where))
    ]
    complete = sorted((item for item in found if item[0].address.complete), key=_postal)
    without = [(item.number, item.address.name) for item, _ in found if not item.address.complete]
    return Recipients(tuple(complete), tuple(without), out)


def barred_by(consents: Iterable[Row], day: date) -> dict[str, Reason]:
    """Who wants no letters, by the book's consents, with the reason; rows as of the table `consents`."""
    given: dict[str, list[Given]] = {}
    for row in consents:
        one = Given(row["channel"], row["purpose"], row["ground"] or "consent", row["granted_on"], row["withdrawn_on"])
        given.setdefault(row["customer_id"], []).append(one)
    found = {number: gate("post", "service", rows, (), consumer=None, day=day) for number, rows in given.items()}
    return {number: answer.why for number, answer in found.items() if not answer.allowed}


def _written_to(rows: Sequence[Row], barred: Mapping[str, Reason], where: dict[str, Row]) -> list[Row]:
    """The members a letter is for. Whoever is left behind without an address of their own lives where the others did:
    of those it takes the place, never a name."""
    left = [row for row in rows if row["customer_id"] not in barred]
    homes = [where[row["customer_id"]] for row in rows if row["customer_id"] in barred and row["customer_id"] in where]
    home = next((item for item in homes if item.get("street")), None)
    if left and home is not None and not any((where.get(row["customer_id"]) or {}).get("street") for row in left):
        first = left[0]["customer_id"]
        where[first] = {**(where.get(first) or {}), **{name: home.get(name) for name in WHERE}}
    return left


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
    number = unit if any(row["customer_id"] == unit for row in rows) else ordered[0]["customer_id"]
    subject = Subject(
        number, address, ordered[0]["class_key"], (), bool(cannot_come), head.get("consumer") is not False
    )
    return subject, plain(head.get("adviser"))


def _spoken(address: Row | None, member: Row) -> str:
    parts = Address.of(address or {}, member["name"] or "")
    return parts.company or parts.person or str(member["customer_id"])


def _postal(item: tuple[Subject, str]) -> tuple[str, str, str, str]:
    address = item[0].address
    return address.postcode, address.city, address.street, item[0].number
