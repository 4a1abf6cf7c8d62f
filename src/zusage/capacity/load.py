"""Classified units and the policy come in, hours owed per role, class and month go out, against the hours there are.

Owed are the promised deliveries of a year (annual checks, publications, invitations, occasions, with travel) and the
work that customers are expected to cause by the logs (duty and asked). Granted work of the logs is not added: the
promises take its place. Months share a year by their working days.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import narwhals as nw
from holidays import country_holidays

from zusage import engine
from zusage.cost.firm import RoleHours
from zusage.cost.periods import shift_months
from zusage.cost.work import pairs
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.policy.document import Policy, Promise, Service
from zusage.promises.owed import DELIVERED, travels

Answer = Literal["fits", "short", "unknown"]
MONTHS = 12


@dataclass(frozen=True)
class Load:
    """Seconds of a year owed by a role to a class for one thing.

    `source` is `promise` (service is its key), `asked`, `duty`, `unassigned` or `internal`; the latter two have no
    class.
    """

    role: str
    class_key: str | None
    source: str
    service: str | None
    seconds: int


@dataclass(frozen=True)
class Month:
    """A month's hours of one role: first day, seconds owed, seconds there."""

    role: str
    first_on: date
    owed_seconds: int
    there_seconds: int


@dataclass(frozen=True)
class HoursCheck:
    """Whether the promises fit into the hours there are.

    `answer` is `fits`, `short`, or `unknown` where the measured part of the work is below the policy's coverage: then
    a shortage may be shown, a fit never claimed.
    """

    loads: tuple[Load, ...]
    months: tuple[Month, ...]
    workdays: tuple[tuple[date, int], ...]  # first day of a month, its working days
    owed_seconds: int
    there_seconds: int
    coverage_permille: int
    answer: Answer
    short_roles: tuple[str, ...]

    def by_month(self) -> list[tuple[Load, date, int]]:
        """Each load split over the months by their working days: load, first day of the month, seconds."""
        firsts, days = zip(*self.workdays, strict=True)
        return [
            (load, first, seconds)
            for load in self.loads
            for first, seconds in zip(firsts, shared(load.seconds, days), strict=True)
        ]

    def by_class(self, class_key: str) -> int:
        """Seconds of a year owed to a class by all roles."""
        return sum(load.seconds for load in self.loads if load.class_key == class_key)


def check_hours(units: Frame, hours: Sequence[RoleHours], policy: Policy, as_of: date) -> HoursCheck:
    """Hours owed in the year after a day against the hours there are, per role, class, thing and month."""
    sums = {row["class_key"]: row for row in engine.rows(_class_sums(units, policy))}
    days = workdays_ahead(policy, as_of)
    loads = [*_promised(sums, policy), *_issues(sums, policy), *_caused(sums, policy), *_own(hours)]
    there = {item.role: half_up(item.capacity_seconds * policy.utilisation_permille, 1000) for item in hours}
    owed = {role: sum(load.seconds for load in loads if load.role == role) for role in there}
    short = tuple(role for role in there if owed[role] > there[role])
    total = sum(row["service_seconds"] for row in sums.values())
    seen = sum(row["observed_seconds"] for row in sums.values())
    coverage = seen * 1000 // total if total else 0
    known = coverage >= policy.evidence.coverage_permille
    answer: Answer = "short" if short else "fits"
    return HoursCheck(
        loads=tuple(loads),
        months=tuple(_months(owed, there, days)),
        workdays=days,
        owed_seconds=sum(owed.values()),
        there_seconds=sum(there.values()),
        coverage_permille=coverage,
        answer=answer if known else "unknown",
        short_roles=short,
    )


def promised(units: Frame, policy: Policy) -> tuple[Load, ...]:
    """What some units are owed in a year by the promises of their classes; issues, written once for all, last."""
    sums = {row["class_key"]: row for row in engine.rows(_class_sums(units, policy))}
    return (*_promised(sums, policy), *_issues(sums, policy))


def _class_sums(units: Frame, policy: Policy) -> Frame:
    seconds = [pair.seconds for pair in pairs(policy)]
    return units.group_by("class_key").agg(
        nw.len().cast(nw.Int64).alias("units"),
        nw.col("distance_m", "service_seconds", "observed_seconds", *seconds).sum(),
    )


def _promised(sums: Mapping[str, Mapping[str, Any]], policy: Policy) -> list[Load]:
    found = []
    for item in policy.classes:
        row = sums.get(item.key, {"units": 0, "distance_m": 0})
        for promise in policy.promises_of(item.key):
            service = policy.service(promise.service)
            if service.measure in DELIVERED and promise.role and promise.per_year_milli and row["units"]:
                seconds = _delivered(promise, service, row, travels(policy, item.key, promise), policy)
                found.append(Load(promise.role, item.key, "promise", service.key, seconds))
    return [load for load in found if load.seconds]


def _delivered(
    promise: Promise,
    service: Service,
    row: Mapping[str, Any],
    on_road: bool,
    policy: Policy,
) -> int:
    """Seconds of a year for all units of a class: each delivery, the work around it, and the way there and back."""
    once = row["units"] * (promise.seconds + service.around_seconds)
    way = half_up(2 * row["distance_m"] * policy.travel.seconds_per_km, 1000) if on_road else 0
    return half_up((once + way) * promise.per_year_milli, 1000)


def _issues(sums: Mapping[str, Any], policy: Policy) -> list[Load]:
    """Work done once per issue or event, however many receive it: counted once over all classes that get it."""
    found = []
    for service in policy.services:
        receiving = {
            (promise.mode, promise.per_year_milli): promise
            for item in policy.classes
            if item.key in sums
            for promise in policy.promises_of(item.key)
            if promise.service == service.key and promise.role
        }
        if service.issue_seconds and receiving:
            most = max(receiving.values(), key=lambda promise: promise.per_year_milli)
            seconds = half_up(service.issue_seconds * most.per_year_milli, 1000)
            found.append(Load(str(most.role), None, "issue", service.key, seconds))
    return found


def _caused(sums: Mapping[str, Mapping[str, Any]], policy: Policy) -> list[Load]:
    return [
        Load(pair.role, item.key, pair.cause, None, sums[item.key][pair.seconds])
        for item in policy.classes
        if item.key in sums
        for pair in pairs(policy)
        if pair.cause != "granted" and sums[item.key][pair.seconds]
    ]


def _own(hours: Sequence[RoleHours]) -> list[Load]:
    lost = [Load(item.role, None, "unassigned", None, item.unassigned_seconds) for item in hours]
    own = [Load(item.role, None, "internal", None, item.internal_seconds) for item in hours]
    return [load for load in lost + own if load.seconds]


def workdays_ahead(policy: Policy, as_of: date) -> tuple[tuple[date, int], ...]:
    """The twelve months from a day on, each with its working days; a month that has begun is left to the past."""
    first = as_of if as_of.day == 1 else shift_months(as_of.replace(day=1), 1)
    return tuple((month, workdays(month, policy)) for month in (shift_months(first, step) for step in range(MONTHS)))


def _months(owed: Mapping[str, int], there: Mapping[str, int], ahead: Sequence[tuple[date, int]]) -> list[Month]:
    firsts, days = zip(*ahead, strict=True)
    found = []
    for role, seconds in owed.items():
        for month, owed_part, there_part in zip(firsts, shared(seconds, days), shared(there[role], days), strict=True):
            found.append(Month(role, month, owed_part, there_part))
    return found


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """A total split by weights into whole seconds that add up to it again."""
    whole, ends = sum(weights) or 1, list(itertools.accumulate(weights, initial=0))
    return [total * end // whole - total * start // whole for start, end in itertools.pairwise(ends)]


def workdays(month: date, policy: Policy) -> int:
    """Working days of a month: Monday to Friday without the firm's public holidays."""
    firm = policy.firm
    free = country_holidays(
        firm.country, subdiv=firm.state, years=month.year, categories=("public", *firm.holiday_categories)
    )
    last = calendar.monthrange(month.year, month.month)[1]
    days = (month + timedelta(days=step) for step in range(last))
    return sum(1 for day in days if day.weekday() < 5 and day not in free)
