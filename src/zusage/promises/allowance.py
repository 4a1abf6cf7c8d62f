"""An allowance and a customer's contacts come in; what is given, used, left and to be expected goes out.

Contacts count in thousandths, time in seconds. Duty, what the firm caused and repeated contacts on one matter
consume nothing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from zusage.ground.money import half_up
from zusage.policy.document import Per, Policy, Promise, Service
from zusage.promises.standing import Contact, Request, Standing

CHANNEL_OF_PLACE = {"online": "video", "office": "visit", "on_site": "visit"}
NOT_REACHED = ("missed", "rejected")
"""Directions of calls in which nobody spoke to anybody."""
MONTHS: Mapping[Per, int] = {"year": 12, "quarter": 3, "month": 1}


@dataclass(frozen=True)
class State:
    """An allowance on a day: thousandths of a contact or seconds."""

    unit: Literal["contacts", "seconds"]
    first: date  # of the period
    last: date
    given: int
    used: int
    forecast: int  # used at the period's end, if it goes on like this
    least_contacts: int = 0  # contacts still free when the time is used up: earned time has a minimum

    @property
    def left(self) -> int:
        """What is left, never below zero."""
        return max(0, self.given - self.used)

    @property
    def within(self) -> bool:
        """Whether one more contact is free."""
        return self.left > 0 or self.least_contacts > 0


@dataclass(frozen=True)
class Charge:
    """What a quarter of an hour costs, in cents."""

    net_cents: int
    tax_cents: int
    gross_cents: int


def covers(promise: Promise, channel: str) -> bool:
    """Whether an allowance is about contacts on a channel: all channels, or those it names."""
    return not promise.channels or channel in promise.channels


def consumes(service: Service, request: Request, standing: Standing) -> bool:
    """Whether a request takes from an allowance at all."""
    again = request.matter is not None and any(item.matter == request.matter for item in standing.contacts)
    return request.urgency == "normal" and service.kind != "floor" and request.cause == "asked" and not again


def state(policy: Policy, promise: Promise, standing: Standing, day: date) -> State | None:
    """How an allowance stands on a day; None where it has no limit."""
    if promise.mode == "unlimited":
        return None
    first, last = period_of(day, promise.per)
    zone = ZoneInfo(policy.firm.time_zone)
    counted = [(item.at.astimezone(zone).date(), item) for item in _counting(standing.contacts)]
    counted = [(on, item) for on, item in counted if covers(promise, item.channel)]
    now = [item for on, item in counted if first <= on <= day]
    before = [item for on, item in counted if _earlier(first, promise.per) <= on < first]
    used = _sum(policy, promise, now) + (standing.used_seconds if promise.mode != "contacts" else 0)
    given = _given(promise, standing)
    if policy.allowance.roll_over and (standing.since is None or standing.since < first):
        given += max(0, _given(promise, standing) - _sum(policy, promise, before))
    minimum = policy.earned.minimum_contacts_milli - 1000 * len(now) if promise.mode == "earned" else 0
    return State(
        unit="contacts" if promise.mode == "contacts" else "seconds",
        first=first,
        last=last,
        given=given,
        used=used,
        forecast=half_up(used * ((last - first).days + 1), (day - first).days + 1),
        least_contacts=max(0, minimum),
    )


def _given(promise: Promise, standing: Standing) -> int:
    if promise.mode == "earned":
        return max(0, standing.earned_seconds)
    return promise.number * 1000 if promise.mode == "contacts" else promise.number


def _sum(policy: Policy, promise: Promise, contacts: Iterable[Contact]) -> int:
    if promise.mode == "contacts":
        weights = dict(policy.allowance.weights)
        return sum(weights.get(item.channel, 1000) for item in contacts)
    return sum(item.seconds for item in contacts)


def _counting(contacts: Iterable[Contact]) -> list[Contact]:
    """The contacts that consume anything: asked for, and the first of their matter."""
    matters: set[str] = set()
    found = []
    for item in sorted(contacts, key=lambda item: item.at):
        if item.cause == "asked" and (item.matter is None or item.matter not in matters):
            found.append(item)
        if item.matter is not None:
            matters.add(item.matter)
    return found


def period_of(day: date, per: Per) -> tuple[date, date]:
    """First and last day of the calendar year, quarter or month of a day.

    >>> period_of(date(2026, 5, 9), "quarter")
    (datetime.date(2026, 4, 1), datetime.date(2026, 6, 30))
    """
    months = MONTHS[per]
    month = (day.month - 1) // months * months + 1
    last = month + months - 1
    return date(day.year, month, 1), date(day.year, last, monthrange(day.year, last)[1])


def _earlier(first: date, per: Per) -> date:
    return period_of(first - timedelta(1), per)[0]


def charge(policy: Policy, day: date) -> Charge:
    """The price of a quarter of an hour on a day: net, VAT and gross."""
    net = policy.allowance.quarter_cents.on(day)
    tax = half_up(net * policy.allowance.tax_permille.on(day), 1000)
    return Charge(net, tax, net + tax)
