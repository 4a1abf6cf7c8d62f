"""Who is promised what, as parts of the frozen policy: classes with their criteria, the catalogue, the promises.

Units: cents, seconds, thousandths (`milli`), permille. The whole policy stands in `document`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from zusage.ground.money import half_up
from zusage.policy.resources import Dated, Text

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
PricePer = Literal["year", "month"]

URGENT: tuple[Urgency, ...] = ("emergency", "claim", "deadline")
"""What goes before normal requests, most urgent first."""
LATER = {"later": True}
"""Metadata of a field that came later than the first service models: while it has its default it is not in the hash."""


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
class Price:
    """What a package costs whoever has not earned it: a net price per period, its tax, and the notice to end it."""

    net_cents: int
    tax_permille: int
    per: PricePer
    notice_days: int

    @property
    def tax_cents(self) -> int:
        """The tax of a period, rounded half up."""
        return half_up(self.net_cents * self.tax_permille, 1000)

    @property
    def gross_cents(self) -> int:
        """What is to be paid per period."""
        return self.net_cents + self.tax_cents


@dataclass(frozen=True)
class ServiceClass:
    """A class: its key inside the firm, its name for customers, and who is in it."""

    key: str
    name: Text
    level: int  # higher: promised more; two classes may share one
    rule: Rule
    places: Places | None
    provisional: bool  # for customers with too short a history; never reached by criteria
    price: Price | None = field(default=None, metadata=LATER)  # for which it may be bought; None: not for sale


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
