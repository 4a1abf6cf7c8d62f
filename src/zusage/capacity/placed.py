"""Units with their promises come in, the work of a year laid in the weeks in which it falls due goes out.

Deliveries to single units may move whole, within their windows. The rest is divisible: what is asked for lies fixed;
issues and invitations keep their day, but the work for them may be done in the weeks before; care on occasions may come
some weeks earlier or later.

The seconds of a delivery are its share of the year's hours of its class and service. Those are the hours of a mean
year: where the year ahead happens to hold more deliveries of a promise of every second year than the mean, each of them
counts for a little less, so that the weeks add up to the hours check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Literal

import narwhals as nw

from zusage import engine
from zusage.capacity.load import Load, promised, shared
from zusage.capacity.there import WEEK
from zusage.cost.periods import shift_months
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.policy.document import Policy, Promise, Service
from zusage.promises.cadence import EACH, due_days, wanted_month
from zusage.promises.clock import calendar_of
from zusage.promises.owed import travels
from zusage.promises.touchpoints import FOR_ALL, Deliveries, falling_due_each


@dataclass(frozen=True)
class Span:
    """The weeks of a plan: their Mondays, the working days of each, and the first and last week looked at."""

    mondays: tuple[date, ...]
    days: tuple[tuple[date, ...], ...]
    first: int = 0
    last: int = 51

    @property
    def year(self) -> tuple[date, date]:
        """First and last day of the year that begins with the first week; the day or two beyond the last week count to
        it."""
        return self.mondays[0], shift_months(self.mondays[0], 12) - timedelta(days=1)

    def week(self, day: date) -> int:
        """The number of the week a day is in."""
        return min((day - self.mondays[0]).days // WEEK.days, len(self.mondays) - 1)

    def has(self, week: int) -> bool:
        """Whether a week is looked at."""
        return self.first <= week <= self.last

    def workdays(self, months: Iterable[int] = range(1, 13)) -> list[int]:
        """Working days of each week in some months; all of them, and if need be all weeks alike, where there are
        none."""
        wanted = set(months)
        found = [sum(day.month in wanted for day in days) for days in self.days]
        return found if any(found) else [len(days) for days in self.days] if any(self.days) else [1] * len(self.days)


@dataclass(frozen=True)
class Laid:
    """A load with its seconds by weeks, and how those may move: not at all, before the week they are due in, or about
    it."""

    load: Load
    weeks: tuple[int, ...]
    moves: Literal["", "before", "about"] = ""


@dataclass(frozen=True)
class Movable:
    """The deliveries of one service to one unit within the year, in order: planned, due, and what each takes."""

    unit_id: str
    class_key: str
    service: Service
    promise: Promise
    follows: bool  # the next one counts from the last delivery, not from the day it was due
    planned: tuple[date, ...]  # before seasons and closed days moved it
    due: tuple[date, ...]
    weeks: tuple[int, ...]  # in which each is due
    seconds: tuple[int, ...]
    span: Span


@dataclass(frozen=True)
class Placed:
    """The work of some units: what is divisible, and deliveries to single units."""

    laid: tuple[Laid, ...]
    movable: tuple[Movable, ...]
    due_permille: tuple[tuple[Load, int], ...]  # deliveries due in this year against those of a mean year


def with_starts(units: Frame, policy: Policy, first: date) -> Frame:
    """Units with a day for each: whoever has none gets one from its number, so that they lie all over the year."""
    missing = engine.rows(units.filter(nw.col("since").is_null()).select("unit_id"))
    if not missing:
        return units
    keys = [row["unit_id"] for row in missing]
    starts = engine.table(
        {"unit_id": keys, "own_start": [_any_day(key, first) for key in keys]},
        {"unit_id": nw.String, "own_start": nw.Date},
    )
    joined = units.join(starts, on="unit_id", how="left")
    return joined.with_columns(nw.coalesce("since", "own_start").alias("since")).drop("own_start")


def _any_day(key: str, first: date) -> date:
    """A day of the year before, the same for the same number in each run and on each machine."""
    return first - timedelta(days=1 + int.from_bytes(sha256(key.encode()).digest()[:4]) % 365)


def place_promises(units: Frame, policy: Policy, span: Span, deliveries: Deliveries | None = None) -> Placed:
    """The promised work of a year of some units (unit_id, class_key, since, distance_m), in the weeks of a span."""
    loads = promised(units, policy)
    groups = _deliveries(units, policy, span, deliveries)
    laid: list[Laid] = []
    movable: list[Movable] = []
    due: list[tuple[Load, int]] = []
    for load in loads:
        promise = _promise(load, policy)
        found = groups.get((load.class_key, load.service), [])
        if found:
            planned = sum(sum(item.seconds) for item in found)
            due.append((load, half_up(planned * 1000, load.seconds)))
            movable += _weighed(found, load.seconds, span)
        else:
            laid.append(_divisible(load, promise, policy, span))
    return Placed(tuple(laid), tuple(movable), tuple(due))


def _promise(load: Load, policy: Policy) -> Promise:
    """The promise a load comes from; of an issue the one that is due most often."""
    keys = [load.class_key] if load.class_key else [key for key, _ in policy.promises]
    found = [item for key in keys for item in policy.promises_of(key) if item.service == load.service]
    return max(found, key=lambda promise: promise.per_year_milli)


def _divisible(load: Load, promise: Promise, policy: Policy, span: Span) -> Laid:
    """A load that is not planned unit by unit: on its days where it has any, care in the months the service wants."""
    if promise.mode == "active":
        service = policy.service(promise.service)
        weights = span.workdays(month for month in range(1, 13) if wanted_month(service, month))
    else:
        weights = _days_of(promise, policy, span)
    parts = shared(load.seconds, weights)
    weeks = tuple(part if span.has(week) else 0 for week, part in enumerate(parts))
    return Laid(load, weeks, "about" if promise.mode == "active" else "before" if promise.mode in FOR_ALL else "")


def lay(load: Load, weights: Sequence[int]) -> Laid:
    """A load by the weights of the weeks; where all are nought, all weeks alike."""
    return Laid(load, tuple(shared(load.seconds, weights if any(weights) else [1] * len(weights))))


def _days_of(promise: Promise, policy: Policy, span: Span) -> list[int]:
    """What weeks weigh for a promise that is not planned unit by unit: its days where it has any, else working days."""
    weights = [0] * len(span.mondays)
    if promise.mode in FOR_ALL and any(span.days):
        first, last = span.year
        for day in due_days(policy, calendar_of(policy), promise, date(first.year - 1, 1, 1), first, last):
            weights[span.week(day)] += 1
    return weights if any(weights) else span.workdays()


def _deliveries(
    units: Frame, policy: Policy, span: Span, deliveries: Deliveries | None
) -> dict[tuple[str | None, str | None], list[Movable]]:
    """The deliveries due in the year by class and service, each with its own time, the way there and back included."""
    promises = {
        (key, promise.service): promise for key, own in policy.promises for promise in own if promise.mode in EACH
    }
    if not any(span.days):  # closed all year: no day is a working day
        return {}
    way = {
        key: policy.travel.seconds_per_km if travels(policy, key[0], promise) else 0
        for key, promise in promises.items()
    }
    first, last = span.year
    found = falling_due_each(units, policy, calendar_of(policy), first, last, deliveries)
    rows = engine.rows(
        found.join(units.select("unit_id", "distance_m"), on="unit_id", how="left").sort(
            "class_key", "service", "unit_id", "due_on"
        )
    )
    groups: dict[tuple[str | None, str | None], list[Movable]] = {}
    for (class_key, service, unit_id), listed in groupby(
        rows, key=lambda row: (row["class_key"], row["service"], row["unit_id"])
    ):
        days = list(listed)
        on_road = half_up(2 * days[0]["distance_m"] * way[class_key, service], 1000)
        groups.setdefault((class_key, service), []).append(
            Movable(
                unit_id,
                class_key,
                policy.service(service),
                promises[class_key, service],
                policy.next_from_delivery,
                tuple(row["planned_on"] for row in days),
                tuple(row["due_on"] for row in days),
                tuple(span.week(row["due_on"]) for row in days),
                tuple(row["seconds"] + on_road for row in days),
                span,
            )
        )
    return groups


def _weighed(groups: Sequence[Movable], seconds: int, span: Span) -> Iterator[Movable]:
    """The deliveries with their shares of a year's seconds; those outside the span are left out."""
    parts = iter(shared(seconds, [part for item in groups for part in item.seconds]))
    for item in groups:
        own = tuple(next(parts) for _ in item.seconds)
        kept = [place for place, week in enumerate(item.weeks) if span.has(week)]
        if kept:
            yield replace(
                item,
                planned=tuple(item.planned[place] for place in kept),
                due=tuple(item.due[place] for place in kept),
                weeks=tuple(item.weeks[place] for place in kept),
                seconds=tuple(own[place] for place in kept),
            )


def join_placed(parts: Sequence[Placed]) -> Placed:
    """The work of several groups of units as one; an issue that several of them receive is written once a week."""
    issues: dict[tuple[str, str | None], Laid] = {}
    others: list[Laid] = []
    for item in (item for part in parts for item in part.laid):
        if item.load.source != "issue":
            others.append(item)
            continue
        key = item.load.role, item.load.service
        known = issues.get(key, item).weeks
        issues[key] = replace(item, weeks=tuple(map(max, item.weeks, known)))
    return Placed(
        laid=(*others, *issues.values()),
        movable=tuple(item for part in parts for item in part.movable),
        due_permille=parts[0].due_permille if len(parts) == 1 else (),
    )


def only(units: Frame, keys: Sequence[str], class_key: str | None = None) -> Frame:
    """Some of the units, perhaps in another class."""
    found = units.filter(nw.col("unit_id").is_in(list(keys)))
    return found if class_key is None else found.with_columns(nw.lit(class_key).alias("class_key"))
