"""Questions about choices: what a customer was offered, declined and chose last, and who was never asked at all.

Both stand beside the service received before: is somebody a customer of the standard class because the service was
worse, or because they did not want more?
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Avg, Q, QuerySet
from django.http import Http404

from zusage.policy.document import Policy
from zusage.web.book.models import Address, Choice, Phone, Work
from zusage.web.bridge.matching import WORK_COLUMNS, merged_work
from zusage.web.customers.choices.models import CONTACT, DeclinedService, Wish
from zusage.web.customers.consent.queries import to_approach
from zusage.web.customers.models import Customer, OwnChoice, OwnWork
from zusage.web.customers.queries import Chosen, Received, customers_for, received_of, searched, sees_all
from zusage.web.office.models import User

FEW = 500
"""So many numbers are asked for by name; of more, all rows are read."""
NEVER = "never"
"""The state of a customer who was never offered a package, never declined and never chose one."""
WHICH = ("all", "reached", "near", "sold")
"""Why somebody may be a candidate: their figures reach a better class, or nearly do; or they could buy one."""
SORTS = ("name", "least_time", "most_time", "since")
MONEY_SORTS = ("yield",)
_ORDER: dict[str, tuple[str, ...]] = {
    "name": ("sort_key", "number"),
    "least_time": ("used_seconds", "sort_key", "number"),
    "most_time": ("-used_seconds", "sort_key", "number"),
    "since": ("since", "sort_key", "number"),
    "yield": ("-yield_cents", "sort_key", "number"),
}


@dataclass(frozen=True)
class Record:
    """The choice record of a customer: how it stands, and the entry it rests on; no entry where nobody ever asked."""

    state: str  # never, offered, declined, chosen
    last: Chosen | None = None
    first_on: date | None = None  # the first day on which the customer was asked at all


def record_of(entries: Iterable[Chosen]) -> Record:
    """The choice record of a customer with these entries (as `choices_of` gives them): what was said last decides, of
    one day what was written down later."""
    listed = sorted(entries, key=lambda item: item.on or date.min, reverse=True)
    days = [item.on for item in listed if item.on]
    return Record(listed[0].state, listed[0], min(days, default=None)) if listed else Record(NEVER)


def records_of(numbers: Collection[str]) -> dict[str, Record]:
    """The choice records of customers, with two questions however many they are."""
    found: dict[str, list[Chosen]] = {number: [] for number in numbers}
    for row in OwnChoice.objects.filter(number__in=found).order_by("-chosen_on", "-pk"):
        found[row.number].append(Chosen(row.chosen_on, row.state, row.class_key, row.evidence))
    for item in Choice.objects.filter(book__published=True, customer_id__in=found):
        entry = Chosen(item.chosen_on, item.state, item.class_key or "", item.evidence or "")
        found[item.customer_id or ""].append(entry)
    return {number: record_of(entries) for number, entries in found.items()}


def received_by(numbers: Collection[str], first: date, last: date) -> dict[str, Received]:
    """What each of some customers received from one day to another; a call that was also noted here counts once."""
    days = {"done_on__gte": first, "done_on__lte": last}
    logged = Work.objects.filter(book__published=True, customer_id__in=numbers, **days)
    own = list(OwnWork.objects.filter(number__in=numbers, **days).values())
    found: dict[str, list[dict[str, Any]]] = {number: [] for number in numbers}
    for row in merged_work(logged.values(*WORK_COLUMNS), own):
        found[row["customer_id"]].append(row)
    return {number: received_of(rows) for number, rows in found.items()}


# --- candidates


@dataclass(frozen=True)
class Asked:
    """What the list of candidates is asked for."""

    q: str = ""
    adviser: str = ""
    which: str = "all"
    sort: str = "name"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return replace(self, sort="name") != Asked()


def candidates(found: QuerySet[Customer], policy: Policy, asked: Asked) -> QuerySet[Customer]:
    """Present customers who could be in a better class and whose household nobody ever asked, in order; none who are
    locked or erased."""
    wanted = {"reached": _reached(policy), "near": _near(policy) & ~_reached(policy), "sold": _sold(policy)}
    listed = to_approach(found.filter(wanted.get(asked.which, _reached(policy) | _near(policy)), former=False))
    if asked.adviser:
        listed = listed.filter(adviser=asked.adviser)
    return searched(_never_asked(listed), asked.q).order_by(*_ORDER[asked.sort])


def aim_of(customer: Customer, policy: Policy) -> str:
    """The better class a candidate could have: the one their figures reach, else the one they nearly reach, else the
    nearest that is for sale."""
    better = dict(_better(policy)).get(customer.class_key, [])
    near = [key for key in (customer.proposed_key, customer.near_key) if key in better]
    return next(iter([*near, *(key for key in reversed(better) if policy.service_class(key).price)]), "")


def time_given(found: QuerySet[Customer]) -> int | None:
    """The time in seconds that a customer of a list received in a year, on average; None for nobody."""
    average = found.order_by().aggregate(seconds=Avg("used_seconds"))["seconds"]
    return None if average is None else int(average)


def _never_asked(found: QuerySet[Customer]) -> QuerySet[Customer]:
    """Those of whose household nobody was ever asked: a class is a household's."""
    listed = Choice.objects.filter(book__published=True).exclude(customer_id=None).values("customer_id")
    asked = Q(number__in=listed) | Q(number__in=OwnChoice.objects.values("number"))
    return found.exclude(unit_id__in=Customer.objects.filter(asked, run__published=True).values("unit_id"))


def _better(policy: Policy) -> list[tuple[str, list[str]]]:
    """Each class with those above it; new customers, and those in no class yet, have all but the last above them."""
    keys = [item.key for item in policy.classes if not item.provisional]
    without = ["", *(item.key for item in policy.classes if item.provisional)]
    return [*((key, keys[:rank]) for rank, key in enumerate(keys)), *((key, keys[:-1]) for key in without)]


def _reached(policy: Policy) -> Q:
    found = Q(pk__in=())
    for key, better in _better(policy):
        found |= Q(class_key=key, proposed_key__in=better)
    return found


def _near(policy: Policy) -> Q:
    found = Q(pk__in=())
    for key, better in _better(policy):
        found |= Q(class_key=key, near_key__in=better)
    return found


def _sold(policy: Policy) -> Q:
    """Those above whom a package is for sale."""
    below = [key for key, better in _better(policy) if any(policy.service_class(item).price for item in better)]
    return Q(class_key__in=below)


# --- what customers want


def wishes_for(user: User) -> QuerySet[Wish]:
    """The wishes somebody may see: those of the customers they may see, newest first."""
    found = Wish.objects.select_related("by", "answered_by")
    return found if sees_all(user) else found.filter(number__in=customers_for(user).values("number"))


def wish_for(user: User, pk: int) -> Wish:
    """A wish by its id; Http404 for one that is not there or not this reader's."""
    found = wishes_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def open_wish(number: str, kind: str) -> Wish | None:
    """What a customer asked for that nobody has accepted or refused yet."""
    return Wish.objects.filter(number=number, kind=kind, state="open").first()


def declined_by(number: str) -> QuerySet[DeclinedService]:
    """The services a customer does not want now."""
    return DeclinedService.objects.filter(number=number, wanted_again_at=None).select_related("by").order_by("said_at")


def declined_by_units() -> set[tuple[str, str]]:
    """Households and the services that one of them declined: what nobody there is visited or written for unasked."""
    found = DeclinedService.objects.filter(wanted_again_at=None)
    return set(found.values_list("unit_id", "service"))


# --- contact data


def contact_of(number: str) -> dict[str, str]:
    """The contact data of a customer as they hold now: as the list says, unless the customer told us otherwise."""
    row = Address.objects.filter(book__published=True, customer_id=number).order_by("pk").first()
    listed = {name: getattr(row, name, None) or "" for name in CONTACT if name != "phone"}
    phones = Phone.objects.filter(book__published=True, customer_id=number).order_by("number")
    listed["phone"] = phones.values_list("number", flat=True).first() or ""
    return {name: value for name, value in (listed | told_contact([number]).get(number, {})).items() if value}


def told_contact(numbers: Collection[str]) -> dict[str, dict[str, str]]:
    """What customers told us of their contact data and a person accepted, each line as told last; customers who told
    nothing are not in it.

    It goes before what the list says; where both say the same, nothing changes.
    """
    accepted, wanted = Wish.objects.filter(kind="contact", state="accepted"), frozenset(numbers)
    if len(wanted) <= FEW:
        accepted = accepted.filter(number__in=wanted)
    found: dict[str, dict[str, str]] = {}
    for wish in accepted.order_by("answered_at", "pk"):
        if wish.number in wanted:
            found.setdefault(wish.number, {}).update(wish.data)
    return found
