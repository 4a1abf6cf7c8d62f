"""Questions about customers: the published run, who may be seen by whom, the class and the promises in force.

`customers_for` is the one door to customers: whatever a page shows of one went through it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, OrderBy, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404

from zusage.policy.document import Policy
from zusage.promises.standing import Told as ToldPromises
from zusage.web.book.models import Phone
from zusage.web.bridge.names import phone_digits, ways
from zusage.web.customers.models import Account, Customer, Membership, Run, SavedView, Told, Unit
from zusage.web.office.models import User
from zusage.web.office.queries import policy_of, the_firm


def published_run() -> Run | None:
    """The run whose figures pages show; None before the first import."""
    return Run.objects.select_related("policy").filter(published=True).first()


def customers_for(user: User) -> QuerySet[Customer]:
    """The customers somebody may see: all, or, where the firm says so, an adviser's own and those of nobody."""
    found = Customer.objects.filter(run__published=True)
    if user.role in ("adviser", "assistant") and the_firm().advisers_see_own_only:
        found = found.filter(Q(adviser=user.adviser) | Q(adviser=""))
    return found


def customer_for(user: User, number: str) -> Customer:
    """A customer by number; Http404 for one that is not there or not this reader's."""
    found = customers_for(user).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def searched(found: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Those whose name, number or telephone number holds what was typed: each word, in any way of writing it."""
    hit = Q()
    for word in text.split():
        hit &= reduce(or_, (Q(search_key__contains=way) for way in ways(word)))
    digits = phone_digits(text.strip())
    return found.filter(hit | Q(search_key__contains=digits) if digits else hit)


@dataclass(frozen=True)
class Filters:
    """What somebody asks the list for; the defaults show every present customer by name."""

    q: str = ""
    class_key: str = ""
    adviser: str = ""
    promise: str = ""  # state of an open request
    least: int | None = None  # euro of contribution a year
    negative: bool = False  # contribution
    differs: bool = False
    undecided: bool = False
    former: bool = False
    sort: str = "name"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return replace(self, sort="name") != Filters()


_ORDER: dict[str, tuple[str | OrderBy, ...]] = {
    "name": ("sort_key", "number"),
    "since": (F("since").asc(nulls_last=True), "sort_key", "number"),
    "yield": ("-yield_cents", "sort_key", "number"),
    "most": ("-contribution_cents", "sort_key", "number"),
    "least": ("contribution_cents", "sort_key", "number"),
}
SORTS, MONEY_SORTS = ("name", "since"), ("yield", "most", "least")


def filtered(found: QuerySet[Customer], filters: Filters) -> QuerySet[Customer]:
    """The customers that pass all filters but the one for promises, which stand above this room, in order."""
    wanted = Q() if filters.former else Q(former=False)
    if filters.class_key:
        wanted &= Q(class_key=filters.class_key)
    if filters.adviser:
        wanted &= Q(adviser=filters.adviser)
    if filters.negative:
        wanted &= Q(contribution_cents__lt=0)
    if filters.least is not None:
        wanted &= Q(contribution_cents__gte=filters.least * 100)
    if filters.differs:
        wanted &= ~Q(proposed_key=F("class_key"))
    if filters.undecided:
        wanted &= Q(undecided=True)
    return searched(found.filter(wanted), filters.q).order_by(*_ORDER[filters.sort])


def totals(found: QuerySet[Customer]) -> dict[str, int]:
    """How many customers and households these are, and what they bring in a year."""
    return found.order_by().aggregate(
        customers=Count("pk"), households=Count("unit_id", distinct=True), cents=Coalesce(Sum("yield_cents"), 0)
    )


def advisers(user: User) -> list[str]:
    """The advisers that the book names."""
    named = customers_for(user).exclude(adviser="").order_by("adviser")
    return list(named.values_list("adviser", flat=True).distinct())


def household_sizes(customers: Sequence[Customer]) -> dict[str, int]:
    """How many present customers the households of these have."""
    units = Customer.objects.filter(
        run__published=True, former=False, unit_id__in={item.unit_id for item in customers}
    ).values_list("unit_id")
    return dict(units.annotate(members=Count("pk")))


def views_for(user: User) -> QuerySet[SavedView]:
    """The saved views of somebody; nobody else's."""
    return SavedView.objects.filter(user=user)


def by_phone(user: User, number: str) -> QuerySet[Customer]:
    """The customers a telephone number (E.164) belongs to."""
    owners = Phone.objects.filter(book__published=True, number=number).values("customer_id")
    return customers_for(user).filter(number__in=owners)


def members_of(customer: Customer) -> QuerySet[Customer]:
    """The household of a customer, the customer included, by number."""
    return Customer.objects.filter(run_id=customer.run_id, unit_id=customer.unit_id).order_by("number")


def unit_of(customer: Customer) -> Unit:
    """The figures and parts of a customer's household."""
    return Unit.objects.get(run_id=customer.run_id, unit_id=customer.unit_id)


def accounts_of(customer: Customer) -> list[dict[str, Any]]:
    """The accounts of the members of a customer's household, by number."""
    found = Account.objects.filter(run_id=customer.run_id, unit_id=customer.unit_id).order_by("number")
    return [account.figures for account in found]


def membership_on(number: str, day: date) -> Membership | None:
    """The confirmed class in force on a day; of two of one day the later decision."""
    return Membership.objects.filter(number=number, effective_on__lte=day).order_by("effective_on", "pk").last()


def class_on(policy: Policy, number: str, day: date) -> str:
    """The class whose promises hold on a day.

    A customer whom nobody has put into a class yet is promised what new customers are promised, where the service
    model has a class for them, else the standard of the last class: nothing better takes effect silently.
    """
    found = membership_on(number, day)
    keys = [item.key for item in policy.classes]
    if found is not None and found.class_key in keys:
        return found.class_key
    return next((item.key for item in policy.classes if item.provisional), keys[-1])


def told_of(number: str) -> tuple[ToldPromises, ...]:
    """What a customer was told, oldest first, each with the promises it held then."""
    found = Told.objects.filter(number=number).select_related("policy").order_by("told_on", "pk")
    return tuple(_told(item) for item in found)


def _told(item: Told) -> ToldPromises:
    policy = policy_of(item.policy)
    known = item.class_key in {entry.key for entry in policy.classes}
    promises = policy.promises_of(item.class_key) if known else ()
    return ToldPromises(item.told_on, item.policy.hash, item.class_key, promises, assumed=item.assumed)


def classes_on(numbers: Collection[str], day: date) -> dict[str, str]:
    """The confirmed classes of many customers on a day; who has none is missing."""
    found = Membership.objects.filter(number__in=numbers, effective_on__lte=day).order_by("effective_on", "pk")
    return dict(found.values_list("number", "class_key"))
