"""Numbers of customers and a day come in; what they may be contacted on and why goes out, with all that is on record.

What the office noted and what the published book says are one history. Each row keeps its days, and the gate decides by
them: a withdrawal noted here ends what a later list still calls granted, and a consent given later counts again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from zusage.ground.words import listed
from zusage.promises.consent import (
    CHANNELS,
    CONDITIONS,
    PURPOSES,
    STOP_ALL,
    Gate,
    Given,
    Locked,
    Objected,
    gate,
    standing,
)
from zusage.web.book.models import Book, Consent
from zusage.web.book.queries import aliases
from zusage.web.customers.consent.models import ConsentUse, Lock, Objection, OwnConsent
from zusage.web.customers.models import Customer, Run
from zusage.web.speech import language, said

FEW = 500
"""So many numbers are asked for by name; of more, all rows are read: a question has only so many places."""
KEPT_YEARS = 5
"""So long a consent is kept, from its grant and from each use (§ 7a UWG)."""
_Rows = TypeVar("_Rows", bound=Model)


def gates_for(numbers: Collection[str], channel: str, purpose: str, day: date) -> dict[str, Gate]:
    """For each number whether it may be contacted on a channel for a purpose on a day; six questions to the database,
    however many they are."""
    known = Known(numbers)
    return {number: known.gate(number, channel, purpose, day) for number in numbers}


def may_write(number: str, channel: str, purpose: str, day: date) -> Gate:
    """The same for one customer."""
    return Known([number]).gate(number, channel, purpose, day)


def consented(number: str, channel: str, purpose: str, day: date) -> Gate:
    """What the consents and objections of a customer say by themselves, whether they are locked or not."""
    return Known([number]).consented(number, channel, purpose, day)


class Known:
    """All that is on record about the consents of customers, read once; then any question about them is answered."""

    def __init__(self, numbers: Collection[str]) -> None:
        wanted = frozenset(numbers)
        used = _used(wanted)
        self.given: dict[str, list[Given]] = defaultdict(list)
        for own in _of(OwnConsent.objects.order_by("pk"), "number", wanted):
            self.given[own.number].append(own_given(own, used.get((own.number, own.channel, own.purpose))))
        for row in _of(listed_consents(), "customer_id", wanted).values_list(*_LISTED, named=True):
            number = row.customer_id
            self.given[number].append(listed_given(row, used.get((number, row.channel, row.purpose))))
        self.objected: dict[str, list[Objected]] = defaultdict(list)
        for item in _of(Objection.objects.filter(taken_back_at=None).order_by("pk"), "number", wanted):
            self.objected[item.number].append(Objected(item.channel or None, item.purpose, item.said_on))
        self.locked = {item.number: item for item in locks(wanted)}
        people = _of(_published_customers(), "number", wanted)
        self.consumer: dict[str, bool | None] = dict(people.values_list("number", "consumer"))

    def gate(self, number: str, channel: str, purpose: str, day: date) -> Gate:
        """Whether one of them may be contacted on a channel for a purpose on a day."""
        lock = self.locked.get(number)
        return self._gate(number, channel, purpose, day, Locked(lock.why, lock.since) if lock else None)

    def consented(self, number: str, channel: str, purpose: str, day: date) -> Gate:
        """The same by consents and objections alone: what a customer said counts while they are locked, and after."""
        return self._gate(number, channel, purpose, day, None)

    def _gate(self, number: str, channel: str, purpose: str, day: date, locked: Locked | None) -> Gate:
        given, objected = self.given.get(number, ()), self.objected.get(number, ())
        return gate(channel, purpose, given, objected, consumer=self.consumer.get(number), day=day, locked=locked)


def locks(numbers: Collection[str] | None = None) -> QuerySet[Lock]:
    """The locks that stand, of these customers or (None) of all."""
    found = Lock.objects.filter(lifted_at=None)
    return found if numbers is None else _of(found, "number", frozenset(numbers))


def stopped() -> QuerySet[Lock, Any]:
    """The numbers of those to whom nothing unasked may go at all now, for lists to leave out: no lock begins ahead."""
    return locks().filter(why__in=STOP_ALL).order_by().values("number")


def to_approach(rows: QuerySet[_Rows]) -> QuerySet[_Rows]:
    """Rows by the number of a customer, without those whom nobody approaches any more: the locked and the erased."""
    return rows.exclude(number__in=stopped()).exclude(number__in=aliases())


def deceased() -> QuerySet[Lock, Any]:
    """The numbers of the dead: whoever has their address or their mails now is somebody else."""
    return locks().filter(why="deceased").order_by().values("number")


def lock_of(number: str) -> Lock | None:
    """The lock that stands against a customer."""
    return locks([number]).select_related("by").first()


def lifted_locks(number: str) -> QuerySet[Lock]:
    """The locks of a customer that stand no more, the newest first."""
    return Lock.objects.filter(number=number).exclude(lifted_at=None).select_related("by", "lifted_by")


def locked_against(numbers: Collection[str], day: date) -> dict[str, Locked]:
    """Those among these customers to whom nothing unasked may go at all on a day."""
    wanted = frozenset(numbers)
    found = {item.number: Locked(item.why, item.since) for item in locks(wanted) if item.number in wanted}
    return {number: item for number, item in found.items() if item.stops_all(day)}


def _of(found: QuerySet[_Rows], name: str, wanted: frozenset[str]) -> QuerySet[_Rows]:
    """The rows of these customers; of many customers all rows, for the caller to look up."""
    return found.filter(**{f"{name}__in": wanted}) if len(wanted) <= FEW else found


def _used(wanted: frozenset[str]) -> dict[tuple[str, str, str], date]:
    """The last use by number, channel and purpose."""
    found = _of(ConsentUse.objects.order_by(), "number", wanted).values_list("number", "channel", "purpose")
    return {(number, channel, purpose): last for number, channel, purpose, last in found.annotate(last=Max("used_on"))}


def listed_consents() -> QuerySet[Consent]:
    """The consents of the published book, in the order in which they were read."""
    # equal to one value, not joined: a question about one customer then reads the index, not the whole table
    published = Book.objects.filter(published=True).values("pk")[:1]
    return Consent.objects.filter(book_id=published, customer_id__isnull=False).order_by("pk")


def _published_customers() -> QuerySet[Customer]:
    return Customer.objects.filter(run_id=Run.objects.filter(published=True).values("pk")[:1]).order_by()


def own_given(row: OwnConsent, used_on: date | None = None) -> Given:
    """A consent of the office as the gate needs it."""
    granted, withdrawn = timezone.localtime(row.granted_at).date(), row.withdrawn_at
    return Given(
        channel=row.channel,
        purpose=row.purpose,
        ground=row.ground,
        granted_on=granted,
        withdrawn_on=timezone.localtime(withdrawn).date() if withdrawn else None,
        confirmed=row.asked_at is None or row.confirmed_at is not None,
        conditions=frozenset(row.conditions),
        used_on=used_on if used_on and used_on >= granted else None,
        own=True,
    )


class _Listed(Protocol):
    """What the gate needs of a consent of a list."""

    channel: Any
    purpose: Any
    ground: Any
    granted_on: Any
    withdrawn_on: Any
    wording: Any
    proof: Any


_LISTED = ("customer_id", "channel", "purpose", "ground", "granted_on", "withdrawn_on", "wording", "proof")


def listed_given(row: _Listed, used_on: date | None = None) -> Given:
    """A consent of a list as the gate needs it. A list has no columns for the conditions of § 7 (3) UWG: they count as
    on record where it names both the wording of the notice and the proof."""
    return Given(
        channel=row.channel,
        purpose=row.purpose,
        ground=row.ground or "consent",
        granted_on=row.granted_on,
        withdrawn_on=row.withdrawn_on,
        conditions=frozenset(CONDITIONS if row.wording and row.proof else ()),
        used_on=used_on if used_on and row.granted_on and used_on >= row.granted_on else None,
    )


# --- one customer


@dataclass(frozen=True)
class Allowed:
    """A way of contact with the gate's answer for each purpose."""

    channel: str
    advertising: Gate
    service: Gate

    @property
    def gates(self) -> tuple[tuple[str, Gate], ...]:
        """Both answers, each with its purpose."""
        return ("advertising", self.advertising), ("service", self.service)


def allowed_ways(number: str, day: date) -> list[Allowed]:
    """What is allowed on each way for each purpose, and why."""
    known = Known([number])
    return [
        Allowed(channel, known.gate(number, channel, "advertising", day), known.gate(number, channel, "service", day))
        for channel in CHANNELS
    ]


def advertising_by(ways: Sequence[Allowed]) -> str:
    """The ways that advertising is allowed on, in words; empty where it is on none."""
    return listed([said(f"consent_by_{item.channel}") for item in ways if item.advertising.allowed], language())


def refused_ways(ways: Sequence[Allowed]) -> str:
    """The ways on which a customer does not want to be reached at all, in words; empty where there is none."""
    return listed([said(f"consent_by_{item.channel}") for item in ways if not item.service.allowed], language())


def to_withdraw(number: str, day: date) -> list[str]:
    """The purposes and channels for which consents hold or wait for their confirmation, such as `advertising phone`."""
    given = Known([number]).given.get(number, [])
    found = {(item.purpose, item.channel) for item in given}
    return [
        f"{purpose} {channel}"
        for purpose in PURPOSES
        for channel in CHANNELS
        if (purpose, channel) in found
        and standing([item for item in given if (item.purpose, item.channel) == (purpose, channel)], day)
    ]


@dataclass(frozen=True)
class Record:
    """A consent on record, from the office or from a list, as pages and the sheet of proof show it."""

    number: str
    channel: str
    purpose: str
    ground: str
    granted_on: date | None
    withdrawn_on: date | None
    withdrawn_how: str
    wording: str
    source: str
    proof: str
    by: str  # who noted it; empty: from a list, or the customer themselves
    at: datetime | None = None  # the moment it was given; a list knows only the day
    conditions: tuple[str, ...] = ()  # of the ground existing_customer
    waiting: bool = False  # for a confirmation
    confirmed_at: datetime | None = None
    own: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """What its uses are found by."""
        return self.number, self.channel, self.purpose

    def holds(self, day: date) -> bool:
        """Whether it was given and not withdrawn itself on a day: a use of that day is one of it."""
        begun = self.granted_on is not None and self.granted_on <= day
        return begun and (self.withdrawn_on is None or day <= self.withdrawn_on)


def records_of(number: str) -> list[Record]:
    """The consents of a customer that are on record, the newest first, those without a day last."""
    own = OwnConsent.objects.filter(number=number).select_related("by")
    return in_order(own, listed_consents().filter(customer_id=number))


def in_order(own: QuerySet[OwnConsent], listed: QuerySet[Consent]) -> list[Record]:
    """Consents of the office and of lists as one history, the newest first; what was copied from a list stands once."""
    noted = [_own_record(row) for row in own]
    known = {(*item.key, item.granted_on) for item in noted}
    read = (_listed_record(row) for row in listed)
    found = [*noted, *(item for item in read if (*item.key, item.granted_on) not in known)]
    return sorted(found, key=lambda item: item.granted_on or item.withdrawn_on or date.min, reverse=True)


def _own_record(row: OwnConsent) -> Record:
    given = own_given(row)
    return Record(
        number=row.number,
        channel=row.channel,
        purpose=row.purpose,
        ground=row.ground,
        granted_on=given.granted_on,
        withdrawn_on=given.withdrawn_on,
        withdrawn_how=row.withdrawn_how,
        wording=row.wording,
        source=row.source,
        proof=row.proof,
        by=row.by.name if row.by else "",
        at=row.granted_at,
        conditions=tuple(row.conditions),
        waiting=not given.confirmed,
        confirmed_at=row.confirmed_at,
    )


def _listed_record(row: Consent) -> Record:
    return Record(
        number=str(row.customer_id),
        channel=row.channel,
        purpose=row.purpose,
        ground=row.ground or "consent",
        granted_on=row.granted_on,
        withdrawn_on=row.withdrawn_on,
        withdrawn_how="",
        wording=row.wording or "",
        source=f"{row.source}:{row.line}" if row.source else "",
        proof=row.proof or "",
        by="",
        conditions=tuple(name for name in CONDITIONS if name in listed_given(row).conditions),
        own=False,
    )


def objections_of(number: str) -> QuerySet[Objection]:
    """The objections of a customer, the newest first."""
    return Objection.objects.filter(number=number).select_related("by")


def standing_objections(number: str, channel: str, purpose: str) -> QuerySet[Objection]:
    """The objections that stand against a channel and a purpose."""
    found = Objection.objects.filter(number=number, purpose=purpose, taken_back_at=None)
    return found.filter(Q(channel=channel) | Q(channel=""))


def uses_of(number: str) -> QuerySet[ConsentUse]:
    """When consents of a customer were relied on, the last first."""
    return ConsentUse.objects.filter(number=number)


# --- the sheet of proof


def records_between(first: date, last: date) -> list[Record]:
    """The consents of all customers that were given from one day to another, by customer and day."""
    given = OwnConsent.objects.select_related("by").annotate(granted_on=TruncDate("granted_at"))
    own = given.filter(granted_on__gte=first, granted_on__lte=last)
    listed = listed_consents().filter(granted_on__gte=first, granted_on__lte=last)
    return sorted(in_order(own, listed), key=lambda item: item.key)


def uses_since(first: date) -> list[ConsentUse]:
    """The uses of consents of all customers from a day on, the first first."""
    return list(ConsentUse.objects.filter(used_on__gte=first).order_by("number", "used_on", "pk"))


def names_of(numbers: Collection[str]) -> dict[str, str]:
    """The names of customers that the published run still knows."""
    found = _of(_published_customers(), "number", frozenset(numbers))
    return dict(found.values_list("number", "name"))


# --- how long they are kept


def consents_to_keep(day: date) -> QuerySet[OwnConsent]:
    """The consents that must not be deleted on a day: five years have not passed since they were given, or since one
    of their uses. Objections are kept for good; what a list holds, `actions.keep_listed` copies first."""
    first = _first_kept(day)
    same = {name: OuterRef(name) for name in ("number", "channel", "purpose")}
    used = uses_to_keep(day).filter(**same, used_on__gte=OuterRef("granted_on"))
    found = OwnConsent.objects.annotate(granted_on=TruncDate("granted_at"))
    return found.filter(Q(granted_on__gte=first) | Exists(used))


def uses_to_keep(day: date) -> QuerySet[ConsentUse]:
    """The uses that must not be deleted on a day: each is the beginning of five years."""
    return ConsentUse.objects.filter(used_on__gte=_first_kept(day))


def _first_kept(day: date) -> date:
    """The first day of the span that is still kept; of the 29 February the day before."""
    year = day.year - KEPT_YEARS
    return day.replace(year=year, day=28 if (day.month, day.day) == (2, 29) else day.day)
