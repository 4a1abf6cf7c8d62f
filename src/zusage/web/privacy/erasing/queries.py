"""What an erasure would do: which rows go, stay without the person or are kept by a law, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from zusage.ground.reasons import Finding, mistake
from zusage.web.book.models import Address, Contract, ImportFile, Phone
from zusage.web.book.queries import active_files
from zusage.web.charter.letters.models import WaveLetter
from zusage.web.charter.outbox.models import AlsoFor, Message
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.models import ConsentUse, OwnConsent
from zusage.web.customers.models import Agreement, Customer
from zusage.web.desk.models import Request
from zusage.web.office.backup import KEPT, backups
from zusage.web.office.lists import Lists
from zusage.web.privacy.queries import HOLDINGS, Fate, Holding

WAITING = ("written", "failed", "stopped")
"""States of messages that surely never left."""
UNDER_WAY = ("handing", "unclear")
"""Of these nobody knows whether they leave: what left is kept, so a person finds out first."""
CLOSED = ("done", "dropped")
SHORTEST = 3
"""Pieces of contact data with fewer signs are no trace of anybody."""


@dataclass(frozen=True)
class Line:
    """A table: what becomes of how many rows, by which law, and until when the last of them is kept."""

    name: str
    fate: Fate
    rows: int
    law: str
    until: date | None


@dataclass(frozen=True)
class Preview:
    """What an erasure would do, and what stands in its way."""

    lines: tuple[Line, ...]
    hindrances: tuple[Finding, ...]
    files: tuple[ImportFile, ...]  # whose bytes were uploaded and may hold the customer
    backups: int
    backups_until: date | None  # when the last of today's backups is gone


def preview_of(customer: Customer, today: date) -> Preview:
    """What erasing a customer would do today."""
    kept = backups()
    return Preview(
        lines=tuple(_lines(customer.number, today)),
        hindrances=tuple(hindrances_of(customer, today)),
        files=tuple(active_files().filter(kind__in=("customers", "calls", "work", "contracts", "yields", "consents"))),
        backups=len(kept),
        backups_until=today + timedelta(days=KEPT) if kept else None,
    )


def hindrances_of(customer: Customer, today: date) -> Iterator[Finding]:
    """Why a customer cannot be erased: what runs has to be served, and what is open answered."""
    listed = Contract.objects.filter(customer_id=customer.number, book__published=True)
    running = listed.filter(Q(until=None) | Q(until__gt=today)).count()
    if running and not customer.former:
        yield mistake("erasing_contracts_run", contracts_count=running)
    if agreed := Agreement.objects.filter(Q(until=None) | Q(until__gte=today), number=customer.number).count():
        yield mistake("erasing_agreed", agreements_count=agreed)
    if open_ones := Request.objects.filter(number=customer.number).exclude(state__in=CLOSED).count():
        yield mistake("erasing_requests_open", requests_count=open_ones)
    if leaving := Message.objects.filter(number=customer.number, state__in=UNDER_WAY).count():
        yield mistake("erasing_leaving", mails_count=leaving)


def _lines(number: str, today: date) -> Iterator[Line]:
    for item in HOLDINGS:
        by_fate: dict[Fate, list[Any]] = {}
        if item.name == "WaveLetter" and (besides := list(letters_besides(number))):
            by_fate["anonymised"] = besides
        for row in item.rows([number]):
            by_fate.setdefault(fate_of(item, row, today), []).append(row)
        kept = by_fate.pop("kept", [])
        for fate, rows in by_fate.items():
            yield Line(item.name, fate, len(rows), "", None)
        if kept:
            days = [day for row in kept if (day := kept_until(item, row))]
            yield Line(item.name, "kept", len(kept), item.law, max(days) if days else None)


def fate_of(holding: Holding, row: Any, today: date) -> Fate:
    """What an erasure does with a row."""
    if is_kept(holding, row, today):
        return "kept"
    if isinstance(row, AlsoFor) and row.message.state not in WAITING:
        return "anonymised"  # it is another's letter still
    return "anonymised" if holding.fate == "anonymised" else "deleted"


def letters_besides(number: str) -> QuerySet[WaveLetter]:
    """Letters to others of the household for a customer as well, of which the firm's rules let go the message: no law
    keeps them any more (it keeps both as long), and with their words or papers they say the name still."""
    found = WaveLetter.objects.filter(Lists("numbers", [number]), message=None)
    return found.exclude(number=number).exclude(said=None, paper="")


def is_kept(holding: Holding, row: Any, today: date) -> bool:
    """Whether a law keeps a row: its time is not over, and what was never sent is no letter.

    A letter to another of the household is kept as it left, with the name of whom it was for besides (Art. 17 (3) (b)
    GDPR, § 257 (1) no. 3 HGB): with another name it would not be the letter that was sent, and what the addressee was
    told could not be proven. So it is named here, as what is kept of this customer.
    """
    if isinstance(row, AlsoFor) and row.message.state in WAITING:
        return False
    if isinstance(row, Wish) and (row.kind, row.state) != ("package", "accepted"):
        return False  # only what was ordered and accepted proves an agreement
    if holding.fate != "kept" or (isinstance(row, Message) and row.handed_over_at is None):
        return False
    if (holding.name == "WaveLetter" and row.message_id is None) or (holding.name == "Consent" and not row.granted_on):
        return False
    until = kept_until(holding, row)
    return until is None or until >= today


def kept_until(holding: Holding, row: Any) -> date | None:
    """The last day on which a law keeps a row: so many years from the end of its year on; None for ever."""
    value = getattr(row, holding.since) if holding.since else None
    if value is None:
        return None
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    if holding.law == "consent":
        day = _last_use(row, day)
    elif isinstance(row, Wish):  # it proves the agreement for as long as claims rest on that
        ends = Agreement.objects.filter(number=row.number).aggregate(last=Max("until"))["last"]
        day = max(day, ends or day)
    return date(day.year + holding.years, 12, 31)


def _last_use(row: Any, since: date) -> date:
    """The day a consent was given or last relied on: its proof is kept from each use on (§ 7a UWG)."""
    if isinstance(row, ConsentUse):
        return since
    number = row.number if isinstance(row, OwnConsent) else row.customer_id
    same = ConsentUse.objects.filter(number=number, channel=row.channel, purpose=row.purpose, used_on__gte=since)
    return same.aggregate(last=Max("used_on"))["last"] or since


def traces_of(customer: Customer) -> list[str]:
    """The texts that name a customer: name, mail address, telephones, street; what is too short to be theirs is not
    looked for."""
    phones = Phone.objects.filter(book__published=True, customer_id=customer.number)
    found: list[str | None] = [customer.name, *phones.values_list("number", flat=True)]
    for row in Address.objects.filter(book__published=True, customer_id=customer.number):
        found += [row.email, row.street, f"{row.first_name} {row.last_name}"]
    return sorted({text for text in found if text and len(text) > SHORTEST}, key=len, reverse=True)
