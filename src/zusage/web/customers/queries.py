"""Questions about customers: the published run, who may be seen by whom, the class and the promises in force.

`customers_for` is the one door to customers: whatever a page shows of one went through it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, F, OrderBy, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404

from zusage.ground.typed import typed
from zusage.ground.words import Language
from zusage.policy.document import Policy, Promise
from zusage.promises.allowance import NOT_REACHED
from zusage.promises.standing import Agreed
from zusage.promises.standing import Told as ToldPromises
from zusage.promises.terms import sentence
from zusage.promises.weaker import changed_promises
from zusage.report.explained import Explanation, explained
from zusage.report.tables import periods_of
from zusage.web.book.models import Choice, Phone, Referral, Sourced, Work, Yield
from zusage.web.bridge.matching import WORK_COLUMNS, merged_work
from zusage.web.bridge.names import phone_digits, ways
from zusage.web.customers.models import (
    Account,
    Agreement,
    Customer,
    Membership,
    Override,
    OwnChoice,
    OwnWork,
    Run,
    SavedView,
    Told,
    Unit,
)
from zusage.web.office.models import PolicyVersion, User
from zusage.web.office.queries import known_as, newest_version, policy_of, the_firm


def published_run() -> Run | None:
    """The run whose figures pages show; None before the first import."""
    return Run.objects.select_related("policy").filter(published=True).first()


def flips_seen() -> int:
    """How often runs were published so far, as `actions.count_flip` counts it; costs no question to the database."""
    try:
        return flips_file().stat().st_size
    except OSError:
        return 0


def flips_file() -> Path:
    """The file that grows with every flip: all processes of an office share its data folder."""
    return Path(settings.DATA) / "flips"


def sees_all(user: User) -> bool:
    """Whether somebody may see all customers, and with them those the book no longer holds."""
    return user.role not in ("adviser", "assistant") or not the_firm().advisers_see_own_only


def customers_for(user: User) -> QuerySet[Customer]:
    """The customers somebody may see: all, or, where the firm says so, an adviser's own and those of nobody."""
    # equal to one value, not joined: the order and the search then read the index of that run alone
    found = Customer.objects.filter(run_id=Run.objects.filter(published=True).values("pk")[:1])
    return found if sees_all(user) else found.filter(Q(adviser=user.adviser) | Q(adviser=""))


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
    """The accounts of the members of a customer's household, by number; Account.DoesNotExist once its run is gone."""
    found = Account.objects.filter(run_id=customer.run_id, unit_id=customer.unit_id).order_by("number")
    if not found:
        raise Account.DoesNotExist
    return [account.figures for account in found]


def membership_on(number: str, day: date) -> Membership | None:
    """The confirmed class in force on a day; of two of one day the later decision."""
    return Membership.objects.filter(number=number, effective_on__lte=day).order_by("effective_on", "pk").last()


def chosen_on(policy: Policy, number: str, day: date) -> Membership | None:
    """The decision behind the class of a day where the customer chose it; None where it rests on something else."""
    found = membership_on(number, day)
    if found is None or found.because != "chosen" or known_as(policy, found.class_key) != class_on(policy, number, day):
        return None
    return found


def class_on(policy: Policy, number: str, day: date) -> str:
    """The class whose promises hold on a day.

    A customer whom nobody has put into a class yet is promised what new customers are promised, where the service
    model has a class for them, else the standard of the last class: nothing better takes effect silently.
    """
    found = membership_on(number, day)
    keys = [item.key for item in policy.classes]
    if found is not None and (key := known_as(policy, found.class_key)) in keys:
        return key
    return next((item.key for item in policy.classes if item.provisional), keys[-1])


def class_keys(policy: Policy) -> list[str]:
    """The classes a person can be put into, the best first."""
    return [item.key for item in policy.classes if not item.provisional]


def told_of(number: str) -> tuple[ToldPromises, ...]:
    """What a customer was told, what was said first at the beginning, each with the promises it held then."""
    return tuple(_told(item) for item in told_rows().filter(number=number).select_related("policy"))


def told_rows() -> QuerySet[Told]:
    """What customers were told, in the order in which it was said: of what holds on a day the last one counts."""
    return Told.objects.order_by(Coalesce("said_on", "told_on"), "pk")


def _told(item: Told) -> ToldPromises:
    policy = policy_of(item.policy)
    known = item.class_key in {entry.key for entry in policy.classes}
    promises = policy.promises_of(item.class_key) if known else ()
    return ToldPromises(
        item.told_on, item.policy.hash, item.class_key, promises, assumed=item.assumed, said_on=item.said_on
    )


def agreements_with(number: str) -> QuerySet[Agreement]:
    """What was agreed with a customer by contract, the oldest first."""
    return Agreement.objects.filter(number=number).select_related("by").order_by("since", "pk")


def agreed_of(agreement: Agreement) -> Agreed:
    """An agreement as an answer needs it, with its own terms."""
    promise: Promise = typed(agreement.terms, Promise)
    return Agreed(promise, agreement.since, agreement.until)


def agreements_shown(number: str, policy: Policy, language: Language) -> list[tuple[Agreement, str]]:
    """The agreements with a customer, each with its sentence; the key alone for a service that is gone."""
    known = {item.key for item in policy.services}
    return [
        (item, sentence(agreed_of(item).promise, policy, language) if item.service in known else item.service)
        for item in agreements_with(number)
    ]


def agreed_with(number: str, policy: Policy) -> tuple[Agreed, ...]:
    """The promises agreed with a customer, as far as the service model still knows their service."""
    known = {item.key for item in policy.services}
    return tuple(agreed_of(item) for item in agreements_with(number) if item.service in known)


def agreed_with_units(run: Run, policy: Policy) -> dict[str, list[Agreed]]:
    """What was agreed with the customers of each unit of a run, the oldest first; units without agreements are not in
    it."""
    units = dict(Customer.objects.filter(run=run, former=False).values_list("number", "unit_id"))
    known = {item.key for item in policy.services}
    found: dict[str, list[Agreed]] = {}
    for item in Agreement.objects.filter(service__in=known).order_by("since", "pk"):
        if item.number in units:
            found.setdefault(units[item.number], []).append(agreed_of(item))
    return found


class Telling:
    """A service model that customers are told on a day: from when on it holds for each of them.

    At once, and never before it is valid; what is less than they know only after the notice, counted from this telling.
    """

    def __init__(self, version: PolicyVersion, said_on: date) -> None:
        self.version, self.policy, self.said_on = version, policy_of(version), said_on
        self.less = cache(self._less)

    def holds_from(self, class_key: str, known: Sequence[Told]) -> date:
        """The first day for a class of the service model; `known`: what the customer was told up to now, in the order
        of saying. What is announced already for a day within the notice is not announced anew."""
        begins = max(self.said_on, self.version.valid_from)
        notice = max(begins, self.said_on + timedelta(days=self.policy.review.notice_days))
        found = notice
        for day in sorted({begins, *(item.told_on for item in known if begins < item.told_on < notice)}, reverse=True):
            last = held_on(known, day)
            if last is not None and self.less(last.policy, last.class_key, class_key):
                break
            found = day
        return found

    def _less(self, before: PolicyVersion, known_key: str, class_key: str) -> bool:
        old = policy_of(before)
        if known_key not in dict(old.promises) or class_key not in dict(self.policy.promises):
            return False
        return any(item.weakened for item in changed_promises(old, self.policy, known_key, class_key))


def held_on(known: Sequence[Told], day: date) -> Told | None:
    """What holds on a day of all that a customer was told, in the order of saying."""
    return next((item for item in reversed(known) if item.told_on <= day), None)


def known_by(numbers: Collection[str], day: date) -> dict[str, list[Told]]:
    """What customers were told up to a day, in the order of saying; who was told nothing is missing."""
    wanted = set(numbers)
    found = told_rows().filter(Q(said_on__lte=day) | Q(said_on=None, told_on__lte=day))
    if len(wanted) == 1:
        found = found.filter(number__in=wanted)
    versions = {item.pk: item for item in PolicyVersion.objects.all()}
    known: dict[str, list[Told]] = {}
    for item in found:
        if item.number in wanted:
            item.policy = versions[item.policy_id]
            known.setdefault(item.number, []).append(item)
    return known


def news_for(customer: Customer) -> tuple[PolicyVersion, str, date]:
    """What is to be told to a customer: the newest service model, the class that was decided last, and from when on it
    was decided to hold; Http404 before there is a service model."""
    version = newest_version()
    if version is None:
        raise Http404
    policy, decided = policy_of(version), membership_on(customer.number, date.max)
    key = known_as(policy, decided.class_key) if decided else ""
    if decided is None or key not in dict(policy.promises):
        return version, class_on(policy, customer.number, version.valid_from), version.valid_from
    return version, key, decided.effective_on


# --- all about one customer

HOW_TOLD = ("letter", "email", "call", "meeting")
"""The ways a customer may have been told."""


def memberships_of(number: str) -> list[Membership]:
    """Every class that was decided for a customer, newest first."""
    found = Membership.objects.filter(number=number).select_related("decided_by")
    return list(found.order_by("-effective_on", "-pk"))


def last_told(number: str) -> Told | None:
    """What a customer was told last."""
    return told_rows().filter(number=number).select_related("by").last()


@dataclass(frozen=True)
class Chosen:
    """A package offered, declined or chosen, and where that is written down."""

    on: date | None
    state: str
    class_key: str
    source: str


def choices_of(number: str) -> list[Chosen]:
    """What a customer was offered, declined and chose, from files and as noted here, newest first."""
    files = [
        Chosen(row.chosen_on, row.state, row.class_key or "", row.evidence or _place(row))
        for row in Choice.objects.filter(book__published=True, customer_id=number)
    ]
    own = [Chosen(row.chosen_on, row.state, row.class_key, row.evidence) for row in own_choices_of(number)]
    return sorted((*files, *own), key=lambda item: item.on or date.min, reverse=True)


def own_choices_of(number: str) -> QuerySet[OwnChoice]:
    """The choices noted in the office."""
    return OwnChoice.objects.filter(number=number).select_related("by").order_by("-chosen_on", "-pk")


def _place(row: Sourced) -> str:
    return f"{row.source}:{row.line}" if row.source else ""


@dataclass(frozen=True)
class Received:
    """The service somebody received in a span of days: contacts in all, meetings among them, time of both.

    The time is that of contacts whose duration is recorded; None where there are contacts and none of them has one.
    """

    contacts: int
    meetings: int
    seconds: int | None
    untimed: int = 0  # contacts without a recorded duration


def received(numbers: Collection[str], first: date, last: date) -> Received:
    """What customers received from one day to another; a call that was also noted here counts once."""
    days = {"done_on__gte": first, "done_on__lte": last}
    logged = Work.objects.filter(book__published=True, customer_id__in=numbers, **days)
    own = list(OwnWork.objects.filter(number__in=numbers, **days).values())
    return received_of(merged_work(logged.values(*WORK_COLUMNS), own))


def received_of(work: Iterable[Mapping[str, Any]]) -> Received:
    """What these rows of work gave to whoever they belong to; calls nobody answered gave nothing."""
    rows = [row for row in work if row["direction"] not in NOT_REACHED]
    timed = [row["seconds"] for row in rows if row["seconds"] is not None]
    return Received(
        contacts=len(rows),
        meetings=sum(row["log"] == "meetings" for row in rows),
        seconds=sum(timed) if timed or not rows else None,
        untimed=len(rows) - len(timed),
    )


def phones_of(number: str) -> list[str]:
    """The telephone numbers of a customer."""
    found = Phone.objects.filter(book__published=True, customer_id=number).order_by("number")
    return list(found.values_list("number", flat=True))


@dataclass(frozen=True)
class Recommended:
    """A referral as one side of it sees it; `other` is missing where the reader may not see them."""

    other: Customer | None
    on: date | None
    won: bool | None


def referrals_of(user: User, number: str) -> tuple[list[Recommended], list[Recommended]]:
    """The referrals a customer made, and those that led to the customer."""
    rows = list(
        Referral.objects.filter(Q(customer_id=number) | Q(referred_id=number), book__published=True).order_by("pk")
    )
    ids = {key for row in rows for key in (row.customer_id, row.referred_id) if key and key != number}
    known = {item.number: item for item in customers_for(user).filter(number__in=ids)}
    made = [
        Recommended(known.get(row.referred_id or ""), row.referred_on, row.won)
        for row in rows
        if row.customer_id == number
    ]
    led = [
        Recommended(known.get(row.customer_id or ""), row.referred_on, row.won)
        for row in rows
        if row.referred_id == number
    ]
    return made, led


def override_of(numbers: Collection[str], today: date) -> Override | None:
    """The class set by a person that holds for a household."""
    found = Override.objects.filter(number__in=numbers, ended_at=None, until__gte=today)
    return found.select_related("by").order_by("pk").last()


def explanation_of(run: Run, unit: Unit, accounts: Sequence[dict[str, Any]], language: Language) -> Explanation:
    """Why a household is in its class, from the rows the run kept."""
    figures = dict(unit.figures)
    for name in ("override_until", "choice_on"):
        figures[name] = date.fromisoformat(figures[name]) if figures[name] else None
    return explained(policy_of(run.policy), periods_of(run.summary), figures, accounts, unit.parts, language)


def rows_of(numbers: Collection[str], model: type[Yield] | type[Work], day: str) -> QuerySet[Any]:
    """The rows of files that the figures of customers rest on, newest first."""
    found = model.objects.filter(book__published=True, customer_id__in=numbers)
    return found.order_by(F(day).desc(nulls_last=True), "pk")


def gone(user: User, number: str) -> list[Membership]:
    """The classes of a customer whom the book no longer holds; nothing for those who see only their own."""
    if not sees_all(user) or Customer.objects.filter(run__published=True, number=number).exists():
        return []
    return memberships_of(number)
