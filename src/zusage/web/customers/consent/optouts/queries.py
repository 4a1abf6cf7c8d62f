"""A list of people who want no advertising comes in, the objections it holds go out, or all that is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.web.book.models import Address
from zusage.web.bridge.lists import ListLine, list_lines, read_channel, read_day
from zusage.web.customers.consent.actions import Said
from zusage.web.customers.queries import customers_for
from zusage.web.office.models import User

MOST = 2000
"""Lines of one list: they are written down together or not at all, and nobody else writes meanwhile."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("Kundennummer", "Customer number", "Kundennr", "KdNr", "Kunden-ID", "Customer", "Customer ID"),
    "email": ("E-Mail", "Email", "E-Mail-Adresse", "Mail", "Mailadresse", "Email address"),
    "channel": ("Weg", "Way", "Kanal", "Werbekanal", "Channel"),
    "said_on": ("Datum", "Date", "Tag", "Abgemeldet am", "Widerspruch am", "Widerrufen am", "Day", "Unsubscribed on"),
    "name": ("Name", "Kunde", "Vorname", "Nachname", "Firma", "First name", "Last name", "Company"),
}
"""The columns of such a list, each with the headers it may have; nobody is looked for by a name."""
EVERY = ("alle", "alles", "jeder", "all", "any", "every")
"""Words for all ways at once."""


@dataclass(frozen=True)
class OptOuts:
    """What a list says, and how many of its lines are about nobody the reader looks after."""

    said: tuple[Said, ...]
    strangers: int


def opt_outs_of(path: Path, name: str, *, user: User, today: date, leave_out: bool) -> OptOuts:
    """The objections of a list. A line names a customer by number or mail address; without a way it means e-mail where
    it holds an address alone, else all ways; without a day today.

    `leave_out`: lines about nobody the reader looks after are passed over and counted, instead of being a mistake.
    Raises Refused with all that is wrong in all of its lines.
    """
    lines = [item for item in _lines(path, name) if any(item.cells.values())]
    if not lines:
        raise Refused([mistake("consent_list_empty", Place(name))])
    if len(lines) > MOST:
        raise Refused([mistake("consent_list_long", Place(name), most=MOST)])
    known = _Known(user)
    found: dict[Said, None] = {}
    wrong: list[Finding] = []
    strangers = 0
    for item in lines:
        numbers = known.numbers(item)
        problems = _wrong(item, name, today)
        if _who(item) and not numbers and leave_out:
            strangers += 1
        elif _who(item) and not numbers:
            problems.append(mistake("consent_list_stranger", Place(name, item.line), text=_who(item)))
        wrong += problems
        if not problems:
            day = read_day(item.cells.get("said_on", "")) or today
            found.update(dict.fromkeys(Said(number, channel_of(item) or "", day) for number in numbers))
    if wrong:
        raise Refused(wrong)
    return OptOuts(tuple(found), strangers)


def _lines(path: Path, name: str) -> Sequence[ListLine]:
    """The lines of the list, whichever of the two columns that name people it has."""
    try:
        return list_lines(path, name, COLUMNS, "number")
    except Refused as refused:
        if [item.reason.code for item in refused.findings] != ["imports_list_column"]:
            raise
    return list_lines(path, name, COLUMNS, "email")


class _Known:
    """The customers somebody looks after, by number and by mail address; an address may be that of several."""

    def __init__(self, user: User) -> None:
        self.by_number = dict.fromkeys(customers_for(user).order_by().values_list("number", flat=True))
        self.by_email: dict[str, list[str]] = defaultdict(list)
        listed = Address.objects.filter(book__published=True).exclude(email=None).values_list("customer_id", "email")
        for number, email in listed:
            if number in self.by_number:
                self.by_email[str(email).strip().casefold()].append(number)

    def numbers(self, item: ListLine) -> list[str]:
        """The customers a line is about."""
        number, email = item.cells.get("number", ""), item.cells.get("email", "")
        if number:
            return [number] if number in self.by_number else []
        return self.by_email.get(email.casefold(), [])


def _who(item: ListLine) -> str:
    return item.cells.get("number") or item.cells.get("email") or ""


def channel_of(item: ListLine) -> str | None:
    """The way a line is about, empty for all; None for a word nobody knows."""
    text = item.cells.get("channel", "")
    if not text:
        return "" if item.cells.get("number") else "email"
    return "" if text.casefold() in EVERY else read_channel(text)


def _wrong(item: ListLine, name: str, today: date) -> list[Finding]:
    found = []
    if not _who(item):
        found.append(mistake("consent_list_nobody", Place(name, item.line)))
    if channel_of(item) is None:
        place = Place(name, item.line, COLUMNS["channel"][0])
        found.append(mistake("consent_list_way", place, text=item.cells["channel"]))
    if text := item.cells.get("said_on", ""):
        day = read_day(text)
        if day is None or day > today:
            found.append(mistake("consent_list_day", Place(name, item.line, COLUMNS["said_on"][0]), text=text))
    return found
