"""A reply as it stands on paper or in a list comes in, what it says goes out, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.policy.document import Policy
from zusage.web.bridge.lists import ListLine, list_lines, read_day
from zusage.web.charter.link.queries import CHANNELS, charter
from zusage.web.charter.queries import number_of
from zusage.web.customers.choices.models import CONTACT
from zusage.web.customers.models import Customer

MOST = 300
"""Replies of one list: so many are written while somebody waits for the page."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("Antwortcode", "Reply code", "Code"),
    "said_on": ("Datum", "Date", "Eingang", "Received"),
    "chosen": ("Paket", "Package", "Gewählt", "Chosen"),
    "declined": ("Abgelehnt", "Declined"),
    "signed": ("Unterschrift", "Signature", "Unterschrieben", "Signed"),
    "by_email": ("Werbung E-Mail", "Advertising email"),
    "by_phone": ("Werbung Telefon", "Advertising phone"),
    "by_message": ("Werbung Nachricht", "Advertising message"),
    "by_post": ("Werbung Brief", "Advertising letter"),
    "objection": ("Keine Werbung", "No advertising"),
    "email": ("E-Mail", "Email"),
    "phone": ("Telefon", "Phone"),
    "street": ("Straße", "Street"),
    "postcode": ("PLZ", "Postleitzahl", "Postcode"),
    "city": ("Ort", "City"),
    "why": ("Frage", "Question"),
    "text": ("Wunsch", "Wish", "Anmerkung", "Remark"),
}
"""The columns of a list of replies, each with the headers it may have."""
YES, NO = ("ja", "j", "yes", "y", "x", "1", "wahr", "true"), ("nein", "n", "no", "0", "falsch", "false")
LONGEST = {"email": 254, "phone": 32, "street": 120, "postcode": 12, "city": 80, "why": 2000, "text": 2000}


@dataclass(frozen=True)
class Reply:
    """What a customer ticked and wrote; places are those of the packages in the charter."""

    number: str
    said_on: date
    chosen: int | None = None
    declined: int | None = None
    signed: bool = False
    ways: Mapping[str, bool] = field(default_factory=dict)  # channel → allowed; what was not ticked is not there
    objection: bool = False
    contact: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    text: str = ""

    @property
    def empty(self) -> bool:
        """Whether it says nothing at all."""
        said = (self.chosen is not None, self.declined is not None, self.ways, self.objection)
        return not any((*said, self.contact, self.why, self.text))


def replies_of(path: Path, name: str, policy: Policy, today: date) -> list[tuple[int, Reply]]:
    """The replies of a list, each with its line. Raises Refused with all that is wrong in all of its lines."""
    lines = [item for item in list_lines(path, name, COLUMNS, "code") if any(item.cells.values())]
    if not lines:
        raise Refused([mistake("link_list_empty", Place(name))])
    if len(lines) > MOST:
        raise Refused([mistake("link_list_long", Place(name), most=MOST)])
    wrong: list[Finding] = []
    found: list[tuple[int, Reply]] = []
    for item in lines:
        reading = _Reading(item, name, policy, today)
        found.append((item.line, reading.reply()))
        wrong += reading.wrong
    wrong += _twice(found, name)
    if wrong:
        raise Refused(wrong)
    return found


def _twice(found: Iterable[tuple[int, Reply]], name: str) -> list[Finding]:
    """Two replies of one customer: nobody knows which of them was meant."""
    first: dict[str, int] = {}
    again = []
    for line, reply in found:
        if reply.number and reply.number in first:
            again.append(mistake("link_list_twice", Place(name, line), text=str(first[reply.number])))
        first.setdefault(reply.number, line)
    return again


class _Reading:
    """One line of a list, read cell by cell; what is wrong is gathered."""

    def __init__(self, item: ListLine, name: str, policy: Policy, today: date) -> None:
        self.item, self.name, self.policy, self.today = item, name, policy, today
        self.wrong: list[Finding] = []

    def reply(self) -> Reply:
        """What the line says; senseless where something is wrong with it."""
        found = Reply(
            number=self._number(),
            said_on=self._day(),
            chosen=self._package("chosen"),
            declined=self._package("declined"),
            signed=self._yes("signed") or False,
            ways={channel: said for channel in CHANNELS if (said := self._yes(f"by_{channel}")) is not None},
            objection=self._yes("objection") or False,
            contact={name: text for name in CONTACT if (text := self._text(name))},
            why=self._text("why"),
            text=self._text("text"),
        )
        if not self.wrong and found.empty:
            self._say("link_list_nothing", "code")
        return found

    def _cell(self, column: str) -> str:
        return self.item.cells.get(column, "")

    def _say(self, code: str, column: str) -> None:
        place = Place(self.name, self.item.line, COLUMNS[column][0])
        self.wrong.append(mistake(code, place, text=self._cell(column)))

    def _number(self) -> str:
        try:
            number = number_of(self._cell("code"))
        except Refused as refused:
            place = Place(self.name, self.item.line, COLUMNS["code"][0])
            self.wrong += [Finding(item.severity, item.reason, place) for item in refused.findings]
            return ""
        if not Customer.objects.filter(run__published=True, former=False, number=number).exists():
            self._say("link_list_gone", "code")
        return number

    def _day(self) -> date:
        text = self._cell("said_on")
        found = read_day(text) if text else self.today
        if found is None or found > self.today:
            self._say("link_list_day", "said_on")
            return self.today
        return found

    def _package(self, column: str) -> int | None:
        text = self._cell(column)
        if not text:
            return None
        place = place_of(text, self.policy)
        if place is None:
            self._say("link_list_package", column)
        return place

    def _yes(self, column: str) -> bool | None:
        text = self._cell(column).casefold()
        if text and text not in YES and text not in NO:
            self._say("link_list_yes_no", column)
        return text in YES if text in (*YES, *NO) else None

    def _text(self, column: str) -> str:
        text = self._cell(column)
        if len(text) > LONGEST[column]:
            self._say("link_list_too_long", column)
        if column == "email" and text:
            try:
                validate_email(text)
            except ValidationError:
                self._say("link_list_email", column)
        return text


def place_of(name: str, policy: Policy) -> int | None:
    """The place of a package by its name, in either language."""
    wanted = name.strip().casefold()
    packages = charter(policy).packages
    named = (
        place for place, item in enumerate(packages) if wanted in (item.name.de.casefold(), item.name.en.casefold())
    )
    return next(named, None)
