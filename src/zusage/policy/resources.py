"""What a firm is, has and spends, as parts of the frozen policy: itself, its hours, its people, its work, its money.

Units: cents, seconds, thousandths (`milli`), permille. The whole policy stands in `document`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Profile = Literal["insurance", "tax", "advice", "general"]
Cause = Literal["duty", "asked", "granted"]
CAUSES: tuple[Cause, ...] = ("duty", "asked", "granted")

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


VAT = Dated(((None, 190),))
"""Permille of tax in a gross amount, where the policy names none."""


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
class EarnedTime:
    """How much of a yield is given back as service time."""

    margin_permille: int  # wanted margin on the yield
    minimum_contacts_milli: int  # contacts a year that even a small yield has
