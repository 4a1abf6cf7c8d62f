"""The policy as it runs, frozen and complete: comes from `written`, goes to cost, classes and promises.

Two policies with the same frozen form are the same policy, whatever their comments, order of keys or abbreviations:
`Policy.hash` is the identity, `version` only a label. Units: cents, seconds, thousandths (`milli`), permille.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeVar

Profile = Literal["insurance", "tax", "advice", "general"]
Cause = Literal["duty", "asked", "granted"]
ServiceKind = Literal["floor", "standard", "on_request", "exclusive"]
Measure = Literal[
    "response", "cadence", "venue", "publication", "invitation", "occasion", "allowance", "contact_person", "channel",
    "included",
]  # fmt: skip
LegalMark = Literal["duty", "extra", "to_check"]
Unit = Literal["cents", "count", "permille", "months", "milli"]
Urgency = Literal["emergency", "claim", "deadline", "normal"]
UsedUp = Literal["standard_channel", "appointment", "next_package", "charge", "ask_owner"]
Per = Literal["year", "quarter", "month"]

_Item = TypeVar("_Item", "ServiceClass", "Service", "Role")

CAUSES: tuple[Cause, ...] = ("duty", "asked", "granted")
URGENT: tuple[Urgency, ...] = ("emergency", "claim", "deadline")
"""What goes before normal requests, most urgent first."""

Blocks = tuple[tuple[str, str], ...]
"""Opening hours of a day as local clock times: from, to."""


@dataclass(frozen=True)
class Text:
    """A text in both languages; where only one was written, it stands for both."""

    de: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.de if language == "de" else self.en


@dataclass(frozen=True)
class Dated:
    """A figure that changes on given days: pairs of first day and value, oldest first; None means since ever."""

    steps: tuple[tuple[date | None, int], ...]

    def on(self, day: date) -> int:
        """The value in force on a day; the first one also before its first day, so that old books can be reckoned."""
        value = self.steps[0][1]
        for first_day, step in self.steps:
            if first_day is None or first_day <= day:
                value = step
        return value


@dataclass(frozen=True)
class Firm:
    """Who the firm is and where: decides holidays, time zone and the defaults of its trade."""

    name: str
    country: str  # ISO 3166
    state: str | None  # subdivision of the holiday calendar, e.g. SN
    holiday_categories: tuple[str, ...]  # e.g. catholic: 15 August in Bavaria
    time_zone: str  # IANA
    currency: str
    language: Literal["de", "en"]
    profile: Profile


@dataclass(frozen=True)
class OpeningSeason:
    first: date
    last: date  # included
    weekly: tuple[tuple[str, Blocks], ...]


@dataclass(frozen=True)
class Opening:
    """When the firm is there; public holidays are the firm's country and state."""

    weekly: tuple[tuple[str, Blocks], ...]  # weekday (mon … sun) → blocks; days that are not named are closed
    days: tuple[tuple[date, Blocks], ...]  # other hours of single dates; no blocks: closed
    seasons: tuple[OpeningSeason, ...]
    closures: tuple[tuple[date, date], ...]  # both days included


@dataclass(frozen=True)
class Role:
    """People who do the same kind of work at the same cost."""

    key: str
    name: Text
    owner: bool  # its yearly cost holds the imputed wage
    people_milli: int  # 1000 = one person
    yearly_cost: Dated  # cents for all people of the role together
    weekly_seconds: int  # of one person
    weeks_milli: int  # weeks at work in a year, leave and holidays taken off
    practical_permille: int  # share of the hours that is left for customers
    internal_seconds: int  # a week and person: internal work within the practical hours
    all_logged: bool  # everything this role does is in the logs: what is not there was unused

    def capacity_seconds(self) -> int:
        """Practical capacity of a year: hours for customers of all people of the role."""
        return self.people_milli * self.weekly_seconds * self.weeks_milli * self.practical_permille // 1000**3

    def internal_seconds_year(self) -> int:
        """Internal work of a year within the practical capacity."""
        return self.people_milli * self.internal_seconds * self.weeks_milli // 1000**2

    def rate(self, day: date) -> int:
        """Cost rate in thousandths of a cent per hour on a day: yearly cost ÷ practical capacity, rounded half up."""
        capacity = self.capacity_seconds()
        return (self.yearly_cost.on(day) * 1000 * 3600 * 2 + capacity) // (2 * capacity)


@dataclass(frozen=True)
class Travel:
    """What a way to the customer costs in money and time."""

    per_km: Dated  # cents
    seconds_per_km: int
    default_m: int  # one way, where a customer's distance is not known


@dataclass(frozen=True)
class Match:
    """A rule that recognises a log row as an activity; None fits everything, `topic` is a part of the subject."""

    log: str | None
    direction: str | None
    place: str | None
    topic: str | None


@dataclass(frozen=True)
class Activity:
    """A kind of work with its time equation, and how a log row is recognised as one."""

    key: str
    name: Text
    cause: Cause
    role: str
    seconds: int  # standard time, the constant part of the time equation
    per_line_seconds: int
    if_new_seconds: int
    if_rush_seconds: int
    around_seconds: int  # preparation and follow-up of each, added to measured times too
    materials_cents: int
    travel: bool  # done at the customer's place
    expected_milli: int  # assumed contacts a year and customer, thousandths: the prior
    expected_per_contract_milli: int
    assumed: bool  # the standard time is an assumption, not the firm's own figure
    match: tuple[Match, ...]


@dataclass(frozen=True)
class YieldRule:
    """How a kind of money becomes yield of a year."""

    kind: str
    years: int  # spread over so many years (1: none)
    tax_permille: Dated | None  # taken out of the amount where the amount is gross
    counts: bool


@dataclass(frozen=True)
class YieldRules:
    """All kinds of money and the window they are looked at in."""

    rules: tuple[YieldRule, ...]
    cancel_original: bool  # a cancellation is set against its original and spread like it
    look_back_months: int
    buffer_months: int  # the last months are left out: their statements are not in yet
    min_history_months: int  # customers for a shorter time are provisional

    def rule(self, kind: str) -> YieldRule:
        """The rule of a kind of money."""
        return next(rule for rule in self.rules if rule.kind == kind)


@dataclass(frozen=True)
class Evidence:
    """How much is believed before anything was seen: work per year = (a + n) / (b + t)."""

    prior_milli: int  # b, in thousandths of a year
    confidence_permille: int  # of the interval
    coverage_permille: int  # least measured share for a yes of the hours check


@dataclass(frozen=True)
class Potential:
    """What could still grow, in cents a year: product lines a customer lacks, and the book's figure `potential`."""

    lines: tuple[tuple[str, int], ...]  # product line, yearly yield in cents
    from_contracts: int  # gaps count only from so many contracts on


@dataclass(frozen=True)
class Criterion:
    """A metric that must reach a cut; members of the class (or a better one) stay as long as it reaches `stay`."""

    metric: str
    cut: int
    stay: int


@dataclass(frozen=True)
class AllOf:
    """Every one of these rules must be met; none at all is met by everyone."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class AnyOf:
    """One of these rules must be met."""

    rules: tuple[Rule, ...]


Rule = Criterion | AllOf | AnyOf
EVERYONE = AllOf(())
"""A class without criteria: whoever reaches no better one."""


@dataclass(frozen=True)
class Places:
    """A limited number of places in a class, given by declared metrics."""

    count: int
    order: tuple[str, ...]  # metrics, most important first, more comes first


@dataclass(frozen=True)
class ServiceClass:
    """A class: its key inside the firm, its name for customers, and who is in it."""

    key: str
    name: Text
    level: int  # higher: promised more; two classes may share one
    rule: Rule
    places: Places | None
    provisional: bool  # for customers with too short a history; never reached by criteria


@dataclass(frozen=True)
class Service:
    """An item of the catalogue: what it is, how it is measured, what a delivery takes."""

    key: str
    name: Text
    description: Text
    kind: ServiceKind
    measure: Measure
    seconds: int  # of one delivery
    around_seconds: int
    issue_seconds: int  # once per issue or event, however many receive it
    role: str | None
    travel: bool
    materials_cents: int
    legal: LegalMark
    avoid_months: tuple[int, ...]  # months (1 to 12) in which none is planned
    prefer_months: tuple[int, ...]  # months into which each is moved where it can be


@dataclass(frozen=True)
class Response:
    """How fast: a mode of the measure `response` with its figures."""

    mode: str
    number: int = 0  # N of "within N …"
    weekdays: tuple[str, ...] = ()
    from_minute: int | None = None  # window of a bundled call back, minutes of the day
    to_minute: int | None = None


@dataclass(frozen=True)
class Requests:
    """How fast what is asked for is answered, whatever the class promises."""

    standard: Response  # where no service of the measure `response` is promised
    cut_off_seconds: int  # working time before closing until which `same_day` still means today
    urgent: tuple[tuple[Urgency, tuple[tuple[str, Response], ...]], ...]  # urgency → class → response


@dataclass(frozen=True)
class AllowanceRules:
    """What an allowance counts, and what happens when it is used up."""

    roll_over: bool  # what is left of one period is added to the next, and only to that one
    weights: tuple[tuple[str, int], ...]  # channel → thousandths of a contact
    used_up: UsedUp
    channel: str  # the channel of `standard_channel`
    quarter_cents: Dated  # net price of a quarter of an hour
    tax_permille: Dated
    charge_consumers: bool


@dataclass(frozen=True)
class Promise:
    """A service as owed to a class. Which fields are filled depends on `mode`; see policy.terms for the modes."""

    service: str
    mode: str
    per_year_milli: int  # deliveries a year, thousandths
    number: int  # N of "within N …", contacts or seconds of an allowance
    weekdays: tuple[str, ...]
    from_minute: int | None  # window of a bundled call back, minutes of the day
    to_minute: int | None
    channels: tuple[str, ...]
    role: str | None
    seconds: int  # of one delivery, the service's unless the cell says otherwise
    wording: Text | None  # the firm's own sentence for the customer
    reply: Response | None = None  # to each later message of the customer
    completion: Response | None = None  # until the matter is done
    per: Per = "year"  # period of an allowance
    used_up: UsedUp | None = None  # of an allowance; None: as the policy says for all

    def response(self) -> Response:
        """The first reaction of a promise of the measure `response`."""
        return Response(self.mode, self.number, self.weekdays, self.from_minute, self.to_minute)


@dataclass(frozen=True)
class EarnedTime:
    """How much of a yield is given back as service time."""

    margin_permille: int  # wanted margin on the yield
    minimum_contacts_milli: int  # contacts a year that even a small yield has


@dataclass(frozen=True)
class Review:
    """How classes are put to question: notice before a customer is promised less, and how often one looks again."""

    notice_days: int  # between a signed reduction and its first day
    every_months: int  # so many months after a review the next one is due


@dataclass(frozen=True)
class ClassResponse:  # the part of a yearly yield that a class retains, more than the last class does; permille
    class_key: str
    low: int
    mid: int
    high: int


@dataclass(frozen=True)
class YieldResponse:
    """What the firm assumes about service and yield. Nothing else in Zusage says what service brings."""

    source: Text  # where the figures come from
    stay_cents: int  # a customer is moved only for more than this a year
    classes: tuple[ClassResponse, ...]  # all but the last class and the provisional one


@dataclass(frozen=True)
class Policy:
    """The whole service model, ready to run; made by `policy.read`, never by hand."""

    version: str
    valid_from: date | None
    firm: Firm
    opening: Opening
    roles: tuple[Role, ...]
    overhead: Dated  # cents a year that are no role's: rent, software
    base_cost: Dated  # cents a customer and year, before any work
    travel: Travel
    activities: tuple[Activity, ...]
    yields: YieldRules
    evidence: Evidence
    potential: Potential
    earned: EarnedTime
    household_together: bool
    classes: tuple[ServiceClass, ...]  # best first
    services: tuple[Service, ...]
    standard: tuple[Promise, ...]  # what a service promises by itself, to every class without a cell of its own
    promises: tuple[tuple[str, tuple[Promise, ...]], ...]  # class key → its promises, in the order of the catalogue
    requests: Requests
    allowance: AllowanceRules
    next_from_delivery: bool  # the next touchpoint counts from the last delivery, not from the day it was due
    review: Review
    utilisation_permille: int  # hours owed may fill at most this share of the hours there are
    kept_permille: int = 950  # so likely must a promised answer be kept before it may be promised
    response: YieldResponse | None = None  # None: nothing is assumed, so no mix of levels is proposed

    @cached_property
    def hash(self) -> str:
        """Identity: sha256 over the canonical JSON of the frozen form without its label, 64 hex digits.

        A field with a default came later than the first service models: while it has that value it is left out, so
        that what was published before stays the same policy.
        """
        later = {item.name: item.default for item in fields(self) if item.default is not MISSING}
        plain = {key: value for key, value in _plain(self).items() if key != "version"}
        plain = {key: value for key, value in plain.items() if key not in later or getattr(self, key) != later[key]}
        plain["roles"].sort(key=lambda role: role["key"])
        plain["potential"]["lines"].sort()
        return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def service_class(self, key: str) -> ServiceClass:
        """The class of a key; KeyError if there is none."""
        return _by_key(self.classes, key)

    def service(self, key: str) -> Service:
        """The service of a key; KeyError if there is none."""
        return _by_key(self.services, key)

    def role(self, key: str) -> Role:
        """The role of a key; KeyError if there is none."""
        return _by_key(self.roles, key)

    def promises_of(self, class_key: str) -> tuple[Promise, ...]:
        """What a class is promised, in the order of the catalogue."""
        return dict(self.promises)[class_key]

    @cached_property
    def measured(self) -> Mapping[str, tuple[str, ...]]:
        """The services of each measure, in the order of the catalogue."""
        found: dict[str, list[str]] = {}
        for service in self.services:
            found.setdefault(service.measure, []).append(service.key)
        return {measure: tuple(keys) for measure, keys in found.items()}

    @cached_property
    def responses(self) -> tuple[Response, ...]:
        """Every response that a class is promised, each once; the standard one where a class is promised none."""
        response = self.measured.get("response", ())
        found: dict[Response, None] = {}
        for _, promises in self.promises:
            own = [promise.response() for promise in promises if promise.service in response]
            found |= dict.fromkeys(own or [self.requests.standard])
        return tuple(found)

    def criteria(self) -> tuple[Criterion, ...]:
        """Every criterion of every class once, in the order written."""
        return tuple(dict.fromkeys(leaf for item in self.classes for leaf in leaves(item.rule)))


@dataclass(frozen=True)
class Metric:
    """A figure a class may ask for. All of them are "more is better", so that a rule can never punish growth."""

    key: str
    unit: Unit
    unsure: bool = False  # rests on an estimate of work and comes with an interval


METRICS: Mapping[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric("yield", "cents"),
        Metric("contribution", "cents", unsure=True),  # before granted cost
        Metric("euro_per_hour", "cents", unsure=True),  # on the hours before granted ones
        Metric("potential", "cents"), Metric("recurring_share", "permille"), Metric("contracts", "count"),
        Metric("referrals_won", "count"), Metric("referral_yield", "cents"), Metric("tenure", "months"),
    )
}  # fmt: skip
OWN = "own_"
"""Prefix of metrics that are the firm's own numeric columns, in thousandths."""


def metric(key: str) -> Metric:
    """The metric of a key; own columns are metrics too. KeyError if there is none."""
    return Metric(key, "milli") if key.startswith(OWN) else METRICS[key]


def leaves(rule: Rule) -> Iterator[Criterion]:
    """The criteria of a rule, left to right."""
    if isinstance(rule, Criterion):
        yield rule
    else:
        for part in rule.rules:
            yield from leaves(part)


def _by_key(items: tuple[_Item, ...], key: str) -> _Item:
    return {item.key: item for item in items}[key]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        body = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        if isinstance(value, AllOf | AnyOf):
            return {"is": type(value).__name__, "rules": sorted(body["rules"], key=repr)}
        return body
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
