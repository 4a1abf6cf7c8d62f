"""Units, a policy and two days come in; what falls due between them, unasked, goes out as a table.

Visits and talks count from the day somebody became a customer; issues and events are the same day for everybody and
count from the turn of the year. Care on occasions has no date: it comes when the occasion does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.engine import Frame, Schema
from zusage.ground.worktime import Calendar
from zusage.policy.document import Policy, Promise
from zusage.promises.cadence import EACH, due_days, planned_days
from zusage.promises.standing import Agreed

DUE: Schema = {
    "due_on": nw.Date,
    "unit_id": nw.String,
    "class_key": nw.String,
    "service": nw.String,
    "role": nw.String,
    "seconds": nw.Int64,  # of one delivery with the work around it
}
_DATES: Schema = {"class_key": nw.String, "start": nw.Date, "planned_on": nw.Date} | {
    name: kind for name, kind in DUE.items() if name in ("due_on", "service", "role", "seconds")
}
_STARTS: Schema = {"unit_id": nw.String, "service": nw.String, "delivered_on": nw.Date}
FOR_ALL = ("print", "email", "invited")
"""Modes of deliveries that are planned for all on one day; those of EACH, one by one from each customer's day."""

_Row = tuple[str, date | None, Promise, date, date]
"""Class, day it counts from (None: the same for all), promise, day it was planned for, day it is due."""
Deliveries = Mapping[tuple[str, str], date]
"""Unit and service to the day of the last delivery."""


def falling_due(
    units: Frame, policy: Policy, calendar: Calendar, first: date, last: date, delivered: Deliveries | None = None
) -> Frame:
    """The deliveries due from `first` to `last`, both included (columns DUE), sorted by day and unit.

    `units` has unit_id, class_key and since; without since the policy's first day stands in, or the first of January.
    `delivered` counts only where the policy says that the next one follows the last delivery.
    """
    own = falling_due_each(units, policy, calendar, first, last, delivered).select(*DUE)
    common = _started(units, policy, first).join(
        _dates_for_all(policy, calendar, first, last), on="class_key", how="inner"
    )
    return engine.concat([own, common.select(*DUE)]).sort("due_on", "unit_id", "service")


def falling_due_each(
    units: Frame, policy: Policy, calendar: Calendar, first: date, last: date, delivered: Deliveries | None = None
) -> Frame:
    """Of what `falling_due` finds, the deliveries planned one by one (modes EACH), with the day planned before seasons.

    Columns DUE and planned_on, in no order.
    """
    each = _started(units, policy, first)
    last_ones = dict(delivered or {}) if policy.next_from_delivery else {}
    columns: dict[str, list[object]] = {
        "unit_id": [unit for unit, _ in last_ones],
        "service": [service for _, service in last_ones],
        "delivered_on": list(last_ones.values()),
    }
    promised = engine.table(
        {
            "class_key": [key for key, promise in _planned(policy, EACH)],
            "service": [promise.service for _, promise in _planned(policy, EACH)],
        },
        {"class_key": nw.String, "service": nw.String},
    )
    starts = (
        each.join(promised, on="class_key", how="inner")
        .join(engine.table(columns, _STARTS), on=["unit_id", "service"], how="left")
        .with_columns(nw.coalesce("delivered_on", "start").alias("start"))
        .select("unit_id", "class_key", "service", "start")
    )
    different = engine.rows(starts.select("class_key", "service", "start").unique())
    dates = _dates_of_each(different, policy, calendar, first, last)
    return starts.join(dates, on=["class_key", "service", "start"], how="inner").select(*DUE, "planned_on")


def _started(units: Frame, policy: Policy, first: date) -> Frame:
    usual = policy.valid_from or date(first.year, 1, 1)
    return units.select("unit_id", "class_key", nw.col("since").fill_null(usual).alias("start"))


def with_agreed(
    rows: Sequence[Mapping[str, Any]],
    unit: Mapping[str, Any],
    agreed: Sequence[Agreed],
    policy: Policy,
    calendar: Calendar,
    first: date,
    last: date,
    delivered: Deliveries,
) -> list[dict[str, Any]]:
    """The deliveries of one unit (rows of DUE) with what was agreed with it in the place of what its class promises:
    on each day and for each service the last agreement in the list that holds then."""
    usual = unit["since"] or policy.valid_from or date(first.year, 1, 1)
    around = {service.key: service.around_seconds for service in policy.services}
    found = [dict(row) for row in rows if _agreed(agreed, row["service"], row["due_on"]) is None]
    for item in agreed:
        promise = item.promise
        if promise.mode not in (*EACH, *FOR_ALL) or policy.service(promise.service).measure == "response":
            continue
        own = delivered.get((unit["unit_id"], promise.service)) if policy.next_from_delivery else None
        start = (own or usual) if promise.mode in EACH else date(first.year - 1, 1, 1)
        found += [
            {
                "due_on": day,
                "unit_id": unit["unit_id"],
                "class_key": unit["class_key"],
                "service": promise.service,
                "role": promise.role,
                "seconds": promise.seconds + around[promise.service],
            }
            for day in due_days(policy, calendar, promise, start, first, last)
            if _agreed(agreed, promise.service, day) is item
        ]
    return sorted(found, key=lambda row: (row["due_on"], row["service"]))


def _agreed(agreed: Sequence[Agreed], service: str, day: date) -> Agreed | None:
    """The agreement about a service that holds on a day."""
    return next((item for item in reversed(agreed) if item.promise.service == service and item.holds(day)), None)


def _planned(policy: Policy, modes: tuple[str, ...]) -> Iterator[tuple[str, Promise]]:
    for key, promises in policy.promises:
        for promise in promises:
            if promise.mode in modes and policy.service(promise.service).measure != "response":
                yield key, promise


def _dates_of_each(
    different: Sequence[Mapping[str, Any]], policy: Policy, calendar: Calendar, first: date, last: date
) -> Frame:
    """The due days for every different start: a book of a million has a few thousand of them."""
    promises = {(key, promise.service): promise for key, promise in _planned(policy, EACH)}
    rows: list[_Row] = []
    for row in different:
        promise = promises[row["class_key"], row["service"]]
        days = planned_days(policy, calendar, promise, row["start"], first, last)
        rows += [(row["class_key"], row["start"], promise, planned, day) for planned, day in days]
    return _table(rows, policy)


def _dates_for_all(policy: Policy, calendar: Calendar, first: date, last: date) -> Frame:
    rows: list[_Row] = [
        (key, None, promise, planned, day)
        for key, promise in _planned(policy, FOR_ALL)
        for planned, day in planned_days(policy, calendar, promise, date(first.year - 1, 1, 1), first, last)
    ]
    return _table(rows, policy).drop("start")


def _table(rows: Sequence[_Row], policy: Policy) -> Frame:
    around = {service.key: service.around_seconds for service in policy.services}
    return engine.table(
        {
            "class_key": [key for key, _, _, _, _ in rows],
            "start": [start for _, start, _, _, _ in rows],
            "planned_on": [planned for _, _, _, planned, _ in rows],
            "due_on": [day for _, _, _, _, day in rows],
            "service": [promise.service for _, _, promise, _, _ in rows],
            "role": [promise.role for _, _, promise, _, _ in rows],
            "seconds": [promise.seconds + around[promise.service] for _, _, promise, _, _ in rows],
        },
        _DATES,
    )
