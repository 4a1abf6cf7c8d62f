"""Numbers of customers and a day come in; what they may be contacted on and why goes out, with all that is on record.

What the office noted and what the published book says are one history. Each row keeps its days, and the gate decides by
them: a withdrawal noted here ends what a later list still calls granted, and a consent given later counts again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from zusage.promises.consent import CHANNELS, CONDITIONS, PURPOSES, Gate, Given, Objected, gate
from zusage.web.book.models import Consent
from zusage.web.customers.consent.models import ConsentUse, Objection, OwnConsent
from zusage.web.customers.models import Customer

FEW = 500
"""So many numbers are asked for by name; of more, all rows are read: a question has only so many places."""
KEPT_YEARS = 5
"""So long a consent is kept, from its grant and from each use (§ 7a UWG)."""
_Rows = TypeVar("_Rows", bound=Model)


def gates_for(numbers: Collection[str], channel: str, purpose: str, day: date) -> dict[str, Gate]:
    """For each number whether it may be contacted on a channel for a purpose on a day; five questions to the database,
    however many they are."""
    known = Known(numbers)
    return {number: known.gate(number, channel, purpose, day) for number in numbers}


def may_write(number: str, channel: str, purpose: str, day: date) -> Gate:
    """The same for one customer."""
    return Known([number]).gate(number, channel, purpose, day)


class Known:
    """All that is on record about the consents of customers, read once; then any question about them is answered."""

    def __init__(self, numbers: Collection[str]) -> None:
        wanted = frozenset(numbers)
        used = _used(wanted)
        self.given: dict[str, list[Given]] = defaultdict(list)
        for own in _of(OwnConsent.objects.order_by("pk"), "number", wanted):
            self.given[own.number].append(own_given(own, used.get((own.number, own.channel, own.purpose))))
        for listed in _of(listed_consents(), "customer_id", wanted):
            number = str(listed.customer_id)
            last = used.get((number, listed.channel, listed.purpose))
            self.given[number].append(listed_given(listed, last))
        self.objected: dict[str, list[Objected]] = defaultdict(list)
        for said in _of(Objection.objects.filter(taken_back_at=None).order_by("pk"), "number", wanted):
            self.objected[said.number].append(Objected(said.channel or None, said.purpose, said.said_on))
        people = _of(Customer.objects.filter(run__published=True).order_by(), "number", wanted)
        self.consumer: dict[str, bool | None] = dict(people.values_list("number", "consumer"))

    def gate(self, number: str, channel: str, purpose: str, day: date) -> Gate:
        """Whether one of them may be contacted on a channel for a purpose on a day."""
        given, objected = self.given.get(number, ()), self.objected.get(number, ())
        return gate(channel, purpose, given, objected, consumer=self.consumer.get(number), day=day)


def _of(found: QuerySet[_Rows], name: str, wanted: frozenset[str]) -> QuerySet[_Rows]:
    """The rows of these customers; of many customers all rows, for the caller to look up."""
    return found.filter(**{f"{name}__in": wanted}) if len(wanted) <= FEW else found


def _used(wanted: frozenset[str]) -> dict[tuple[str, str, str], date]:
    """The last use by number, channel and purpose."""
    found = _of(ConsentUse.objects.order_by(), "number", wanted).values_list("number", "channel", "purpose")
    return {(number, channel, purpose): last for number, channel, purpose, last in found.annotate(last=Max("used_on"))}


def listed_consents() -> QuerySet[Consent]:
    """The consents of the published book, in the order in which they were read."""
    return Consent.objects.filter(book__published=True, customer_id__isnull=False).order_by("pk")


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


def listed_given(row: Consent, used_on: date | None = None) -> Given:
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
    gates: tuple[tuple[str, Gate], ...]  # purpose, answer


def allowed_ways(number: str, day: date) -> list[Allowed]:
    """What is allowed on each way for each purpose, and why."""
    known = Known([number])
    return [
        Allowed(channel, tuple((purpose, known.gate(number, channel, purpose, day)) for purpose in PURPOSES))
        for channel in CHANNELS
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
    waiting: bool = False  # for a confirmation
    own: bool = True


def records_of(number: str) -> list[Record]:
    """The consents of a customer that are on record, the newest first, those without a day last."""
    own = OwnConsent.objects.filter(number=number).select_related("by")
    return in_order(own, listed_consents().filter(customer_id=number))


def in_order(own: QuerySet[OwnConsent], listed: QuerySet[Consent]) -> list[Record]:
    """Consents of the office and of lists as one history, the newest first."""
    found = [*(_own_record(row) for row in own), *(_listed_record(row) for row in listed)]
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
        waiting=not given.confirmed,
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
