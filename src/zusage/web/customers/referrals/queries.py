"""Questions about recommendations: who recommended whom, what came of it, who is to be thanked and who to be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from zusage.policy.document import Policy
from zusage.web.book.models import Referral
from zusage.web.bridge.claims import Claim, Fault, faults
from zusage.web.customers.consent.queries import to_approach
from zusage.web.customers.models import Customer, Run, Unit
from zusage.web.customers.queries import customers_for, sees_all
from zusage.web.customers.referrals.models import OwnReferral, ReferralAsk
from zusage.web.office.models import User
from zusage.web.office.queries import known_as

OPEN = ("named", "talking")
YEAR = timedelta(days=365)
DEEPEST = 5
"""So many steps a chain is shown, as many as count."""


def referrals_for(user: User) -> QuerySet[OwnReferral]:
    """The recommendations somebody may see: those by customers they may see."""
    found = OwnReferral.objects.select_related("by")
    return found if sees_all(user) else found.filter(number__in=customers_for(user).values("number"))


def referral_for(user: User, pk: int) -> OwnReferral:
    """A recommendation by its id; Http404 for one that is not there or not this reader's."""
    found = referrals_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def open_referrals(user: User) -> QuerySet[OwnReferral]:
    """The recommendations of which nothing has come yet, the oldest first."""
    return _named(referrals_for(user).filter(state__in=OPEN)).order_by("named_on", "pk")


def to_thank(user: User) -> QuerySet[OwnReferral]:
    """The recommendations nobody has said thanks for, whatever came of them, the oldest first; those by customers who
    are locked or erased are not called for it."""
    owed = to_approach(referrals_for(user).filter(thanked_on=None))
    return _named(owed).order_by("named_on", "pk")


def _named(found: QuerySet[OwnReferral]) -> QuerySet[OwnReferral]:
    """Each with the `referrer`, by name; by number where the list of customers does not have them any more."""
    name = Customer.objects.filter(run__published=True, number=OuterRef("number")).values("name")[:1]
    return found.annotate(referrer=Coalesce(Subquery(name), "number"))


def to_ask(user: User, policy: Policy, today: date) -> QuerySet[Customer]:
    """The customers of the best class of whom nobody of the household was asked, or named anybody, for a year; none
    who are locked."""
    best = policy.classes[0].key
    asked = ReferralAsk.objects.filter(asked_on__gt=today - YEAR).values("number")
    named = OwnReferral.objects.filter(named_on__gt=today - YEAR).values("number")
    done = Customer.objects.filter(
        Q(number__in=asked) | Q(number__in=named), run=OuterRef("run"), unit_id=OuterRef("unit_id")
    )
    found = to_approach(customers_for(user).filter(class_key=best, former=False))
    return found.exclude(Exists(done)).order_by("sort_key", "number")


def own_referrals() -> Iterator[dict[str, Any]]:
    """The office's recommendations as rows of the table `referrals`; of prospects nobody knows, nothing counts."""
    for item in OwnReferral.objects.exclude(other="").order_by("pk"):
        yield {
            "referrer_id": item.number,
            "referred_id": item.other,
            "referred_on": item.named_on,
            "won": {"won": True, "lost": False}.get(item.state),
        }


def fault_of(number: str, other: str, named_on: date, without: OwnReferral | None = None) -> Fault | None:
    """Why a customer cannot count as recommended by another, beside all that files and the office know."""
    claims = [*_claims(without), Claim(number, other, named_on)]
    return faults(claims).get(len(claims) - 1)


def _claims(without: OwnReferral | None = None) -> list[Claim]:
    """All recommendations of customers by customers, before any other however early that is said to have been: what is
    known already is not called in question by what somebody types."""
    listed = Referral.objects.filter(book__published=True).exclude(referred_id=None).order_by("pk")
    files = [
        Claim(by, other, date.min, lost=won is False)
        for by, other, won in listed.values_list("customer_id", "referred_id", "won")
        if by
    ]
    own = [item for item in OwnReferral.objects.exclude(other="").order_by("pk") if item != without]
    return [*files, *(Claim(item.number, item.other, date.min, lost=item.state == "lost") for item in own)]


# --- what came of it


@dataclass(frozen=True)
class Won:
    """A customer who came by a recommendation, and by whom."""

    by: str
    number: str
    on: date | None


@dataclass
class Branch:
    """Somebody in the tree of recommendations, and those who came by them."""

    customer: Customer
    on: date | None = None
    led: list[Branch] = field(default_factory=list)


def won_customers(user: User) -> list[Won]:
    """Every customer somebody may see who was won by a recommendation, each once, from files and from the office."""
    listed = Referral.objects.filter(book__published=True, won=True).exclude(referred_id=None).order_by("pk")
    rows = [
        (by or "", other or "", on) for by, other, on in listed.values_list("customer_id", "referred_id", "referred_on")
    ]
    own = OwnReferral.objects.filter(state="won").order_by("pk")
    rows += [(item.number, item.other, item.named_on) for item in own]
    out = faults([Claim(by, other, on) for by, other, on in rows])
    found = [Won(*row) for place, row in enumerate(rows) if place not in out]
    if sees_all(user):
        return found
    known = set(customers_for(user).values_list("number", flat=True))
    return [item for item in found if item.number in known]


def won_since(won: Iterable[Won], first: date) -> int:
    """How many of them were recommended from a day on."""
    return sum(item.on is not None and item.on >= first for item in won)


@dataclass(frozen=True)
class Recommender:
    """A household as a line of the list of those who recommend: how many came, and what these bring in a year."""

    customer: Customer
    won: int
    brings_cents: int


def recommenders(user: User, run: Run, most: int) -> list[Recommender]:
    """The households whose recommendations bring the most, as the published run reckoned it."""
    wanted = {"run": run, "figures__referrals_won__gt": 0}
    units = Unit.objects.filter(**wanted).order_by("-figures__referral_yield_cents", "unit_id")
    members = customers_for(user).filter(unit_id__in=units.order_by().values("unit_id")).order_by("-number")
    names = {item.unit_id: item for item in members}
    names |= {item.unit_id: item for item in members if item.number == item.unit_id}
    found = [
        Recommender(names[unit.unit_id], unit.figures["referrals_won"], unit.figures["referral_yield_cents"])
        for unit in units
        if unit.unit_id in names
    ]
    return found[:most]


def tree_of(user: User, won: Iterable[Won], most: int) -> list[Branch]:
    """Those who began a chain and all who came by them, step by step; the longest come first."""
    known = {item.number: item for item in customers_for(user)}
    led: dict[str, list[Won]] = {}
    for item in won:
        led.setdefault(item.by, []).append(item)
    came = {item.number for listed in led.values() for item in listed}

    def branch(number: str, on: date | None, depth: int) -> Branch:
        below = led.get(number, []) if depth < DEEPEST else []
        return Branch(
            known[number], on, [branch(item.number, item.on, depth + 1) for item in below if item.number in known]
        )

    found = [branch(number, None, 0) for number in led if number in known and number not in came]
    grown = [item for item in found if item.led]
    return sorted(grown, key=lambda item: (-_size(item), item.customer.sort_key))[:most]


def _size(branch: Branch) -> int:
    return len(branch.led) + sum(_size(item) for item in branch.led)


def by_class(user: User, policy: Policy, won: Iterable[Won]) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Who recommends whom: classes in force now, and for each class of those who recommended how many of each class
    they brought. A class without any line or column is left out."""
    held: Mapping[str, str] = dict(customers_for(user).values_list("number", "class_key"))
    pairs = Counter(
        (known_as(policy, held[item.by]), known_as(policy, held[item.number]))
        for item in won
        if held.get(item.by) and held.get(item.number)
    )
    keys = [item.key for item in policy.classes]
    columns = [key for key in keys if any(other == key for _, other in pairs)]
    lines = [(key, [pairs[key, other] for other in columns]) for key in keys if any(by == key for by, _ in pairs)]
    return columns, lines


def own_referrals_of(user: User, number: str) -> QuerySet[OwnReferral]:
    """The recommendations a customer gave, the newest first."""
    return referrals_for(user).filter(number=number)


def asks_of(number: str) -> QuerySet[ReferralAsk]:
    """When a customer was asked for a recommendation, and what they said."""
    return ReferralAsk.objects.filter(number=number).select_related("by")
