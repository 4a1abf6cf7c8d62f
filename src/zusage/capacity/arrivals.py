"""Logged work, classes and a policy come in, the requests of the past go out: when, whose class, what, how long.

A call that came in and a call that was missed are one kind of request: somebody rang. Further missed calls before a
reaction are one matter, and the call that answered one within SAME_MATTER_DAYS is its handling. Mails that came in and
rows of the desk are requests too. All else customers caused (appointments, calls of our own accord) is work that can
move. Only whole weeks without holes count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from zusage import engine
from zusage.cost.periods import Periods, find_periods
from zusage.cost.work import activity_table, recognised_work, spent
from zusage.engine import Frame
from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Refused, mistake, warning
from zusage.ground.worktime import Calendar
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of
from zusage.promises.order import rank
from zusage.promises.replay import local_moments, log_gaps, reactions_of

LOGS = ("calls", "mails", "desk")
"""Logs that hold requests; the others hold work."""
SAME_MATTER_DAYS = 7
"""A call so many days after a missed one still answers it (an assumption)."""
LEAST_WEEKS = 4
"""From fewer whole weeks nothing is said."""
SEASON_WEEKS = 26
"""From fewer whole weeks nothing is known of the seasons."""

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Requests:
    """Requests of whole weeks, one row each, in order of time; and the other work customers caused in those weeks."""

    moment: NDArray[np.datetime64]  # UTC, seconds
    week: Whole  # number in `mondays`
    day: Whole  # 0 Monday … 6 Sunday
    second: Whole  # of the local day
    class_index: Whole  # in `classes`
    activity: Whole  # in the policy's activities; -1 none is recognised
    seconds: Whole  # to deal with it, with the work around it
    urgency: Whole  # rank: place in promises.order.URGENCIES
    role: Whole  # in `roles`
    phone: NDArray[np.bool_]  # a call: the customer has to be reached again
    mondays: tuple[date, ...]
    classes: tuple[str, ...]
    roles: tuple[str, ...]
    other: Whole  # seconds by week and role
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.second)


def past_requests(
    tables: Mapping[str, Frame], memberships: Frame, policy: Policy, *, as_of: date | None = None
) -> Requests:
    """The requests of a book (`book.tables.SCHEMAS`) of customers with a class (customer_id, class_key).

    Calls of duty are claims by urgency, all else is normal: no log says more. Raises Refused where there is no request,
    no time of day, or less than LEAST_WEEKS whole weeks; what else is wrong with the log stands in `findings`.
    """
    periods = find_periods(tables, policy, as_of)
    calendar = calendar_of(policy)
    rows = _rows(tables, memberships, policy, periods)
    asks = _asks(rows)
    if not asks.any():
        raise Refused([mistake("simulate_no_requests")])
    if not (rows["second"][asks] >= 0).any():
        raise Refused([mistake("simulate_no_times", rows_count=int(asks.sum()))])
    findings: list[Finding] = []
    _fill_times(rows, asks, findings)
    mondays = _whole_weeks(tables, rows, asks, calendar, findings)
    asks, repeats = _matters(rows, asks, calendar)
    week = _week_of(rows["day"], mondays)
    used = (week >= 0) & asks
    other = (week >= 0) & ~asks & ~repeats
    roles = tuple(role.key for role in policy.roles)
    sums = np.zeros((len(mondays), len(roles)), dtype=np.int64)
    np.add.at(sums, (week[other], rows["role"][other]), rows["seconds"][other])
    order = np.flatnonzero(used)[np.argsort(rows["moment"][used], kind="stable")]
    day = rows["day"][order]
    return Requests(
        moment=rows["moment"][order],
        week=week[order],
        day=(day.astype("datetime64[D]").astype(np.int64) + 3) % 7,
        second=rows["second"][order],
        class_index=rows["class"][order],
        activity=rows["activity"][order],
        seconds=rows["seconds"][order],
        urgency=rows["urgency"][order],
        role=rows["role"][order],
        phone=rows["log"][order] == "calls",
        mondays=mondays,
        classes=tuple(item.key for item in policy.classes),
        roles=roles,
        other=sums,
        findings=tuple(findings),
    )


def _rows(tables: Mapping[str, Frame], memberships: Frame, policy: Policy, periods: Periods) -> dict[str, NDArray[Any]]:
    """The work rows of customers with a class, in order of customer and moment, as columns."""
    numbers = {item.key: number for number, item in enumerate(policy.activities)}
    joined = (
        recognised_work(tables["work"], policy, periods)
        .join(memberships.select("customer_id", "class_key"), on="customer_id", how="inner")
        .join(activity_table(policy), on="activity", how="left")
        .with_columns(nw.when(nw.col("pair").is_null()).then(nw.col("seconds")).otherwise(spent(policy)).alias("spent"))
    )
    table = engine.collect(
        joined.select(
            *("customer_id", "class_key", "activity", "direction", "log", "done_on"),
            nw.col("start_second").fill_null(-1).alias("second"),
            nw.col("spent").fill_null(0),
        ).sort("customer_id", "done_on", "second", "log", "direction")
    )
    activity = np.array([numbers.get(key, -1) for key in table["activity"].to_list()], dtype=np.int64)
    keys = [item.key for item in policy.classes]
    unknown = sorted(set(table["class_key"].to_list()) - set(keys))
    if unknown:
        raise Refused([mistake("promise_unknown_class", **not_among(key, keys)) for key in unknown])
    role_of = _roles(policy)
    _, customer = np.unique(np.array(table["customer_id"].to_list(), dtype=object), return_inverse=True)
    return {
        "customer": customer.astype(np.int64),
        "class": np.array([keys.index(key) for key in table["class_key"].to_list()], dtype=np.int64),
        "activity": activity,
        "direction": np.array(table["direction"].fill_null("").to_list(), dtype=object),
        "log": np.array(table["log"].fill_null("times").to_list(), dtype=object),
        "day": np.array(table["done_on"].to_list(), dtype="datetime64[D]"),
        "second": table["second"].to_numpy().astype(np.int64),
        "seconds": table["spent"].to_numpy().astype(np.int64),
        "role": role_of[activity],
        "urgency": np.array([*(rank("claim" if item.cause == "duty" else "normal") for item in policy.activities),
                             rank("normal")], dtype=np.int64)[activity],
    }  # fmt: skip


def _roles(policy: Policy) -> Whole:
    """The number of the role by activity; last: of who calls back, for rows that no activity recognises."""
    keys = [role.key for role in policy.roles]
    answers = [policy.service(key).role for key in policy.measured.get("response", ())]
    fallback = next((keys.index(key) for key in answers if key in keys), 0)
    return np.array([*(keys.index(item.role) for item in policy.activities), fallback], dtype=np.int64)


def _asks(rows: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Which rows are requests: calls and mails that came in, and what the desk took in."""
    log, direction = rows["log"], rows["direction"]
    came = np.isin(direction, ("in", "missed", "rejected"))
    found: NDArray[np.bool_] = ((log == "calls") & came) | ((log == "mails") & (came | (direction == "")))
    found |= log == "desk"
    return found


def _fill_times(rows: dict[str, NDArray[Any]], asks: NDArray[np.bool_], findings: list[Finding]) -> None:
    """Requests without a time of day get the times of the others, in turn: their number counts, their hour is lent."""
    for log in LOGS:
        own = asks & (rows["log"] == log)
        lacking, timed = np.flatnonzero(own & (rows["second"] < 0)), np.flatnonzero(own & (rows["second"] >= 0))
        if len(lacking):
            lenders = timed if len(timed) else np.flatnonzero(asks & (rows["second"] >= 0))
            rows["second"][lacking] = rows["second"][np.resize(lenders, len(lacking))]
            findings.append(warning("simulate_times_missing", log=log, rows_count=len(lacking)))


def _whole_weeks(
    tables: Mapping[str, Frame],
    rows: Mapping[str, NDArray[Any]],
    asks: NDArray[np.bool_],
    calendar: Calendar,
    findings: list[Finding],
) -> tuple[date, ...]:
    """The Mondays of weeks that every log of requests covers from Monday to Friday, without holes."""
    covered = {row["log"]: (row["first_on"], row["last_on"]) for row in engine.rows(tables["logs"])}
    weeks: set[date] | None = None
    for log in LOGS:
        days = rows["day"][asks & (rows["log"] == log)]
        if not len(days):
            continue
        first, last = covered.get(log, (days.min().item(), days.max().item()))
        holes = log_gaps(calendar, days)
        findings += [warning("simulate_hole", log=log, first_on=begin, last_on=end) for begin, end in holes]
        own = {monday for monday in _mondays(first, last) if not _touches(monday, holes)}
        if weeks is not None and len(own) < LEAST_WEEKS <= len(weeks):
            findings.append(warning("simulate_log_short", log=log, weeks_count=len(own)))
            continue
        weeks = own if weeks is None or len(weeks) < LEAST_WEEKS else weeks & own
    found = tuple(sorted(weeks or ()))
    if len(found) < LEAST_WEEKS:
        raise Refused([*findings, mistake("simulate_few_weeks", weeks_count=len(found), least_count=LEAST_WEEKS)])
    if len(found) < SEASON_WEEKS:
        findings.append(warning("simulate_no_seasons", weeks_count=len(found)))
    return found


def _mondays(first: date, last: date) -> list[date]:
    monday = first + timedelta(days=-first.weekday() % 7)
    return [monday + timedelta(weeks=step) for step in range(((last - monday).days - 4) // 7 + 1)]


def _touches(monday: date, holes: Sequence[tuple[date, date]]) -> bool:
    return any(first <= monday + timedelta(days=6) and monday <= last for first, last in holes)


def _matters(
    rows: dict[str, NDArray[Any]], asks: NDArray[np.bool_], calendar: Calendar
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Adds `moment`; gives which rows stay requests, and which only repeat or answer one and count with it."""
    rows["moment"] = local_moments(calendar, rows["day"], rows["second"])
    missed = asks & np.isin(rows["direction"], ("missed", "rejected"))
    calls = np.flatnonzero(rows["log"] == "calls")
    customer, at = rows["customer"][calls], rows["moment"][calls]
    _, repeat = reactions_of(customer, at, missed[calls])
    merged = np.zeros(len(asks), dtype=bool)
    merged[calls] = repeat
    firsts = calls[missed[calls] & ~repeat]
    answers = _answers(rows, calls, missed, firsts)
    found = answers >= 0
    handled = rows["seconds"][answers[found]]
    merged[answers[found]] = True
    rows["role"][firsts[found]] = rows["role"][answers[found]]
    lent = int(handled.mean()) if len(handled) else 0  # of who was never called back no handling is known
    rows["seconds"][firsts] += np.where(found, rows["seconds"][answers], lent)
    return asks & ~merged, merged


def _answers(rows: Mapping[str, NDArray[Any]], calls: Whole, missed: NDArray[np.bool_], firsts: Whole) -> Whole:
    """The row of the call that answered each missed one, soon enough; -1 where there is none."""
    spoken = calls[~missed[calls]]
    at = np.searchsorted(spoken, firsts)
    found = np.append(spoken, -1)[np.minimum(at, len(spoken))]
    same = (found >= 0) & (rows["customer"][found] == rows["customer"][firsts])
    soon = rows["day"][found] - rows["day"][firsts] <= np.timedelta64(SAME_MATTER_DAYS, "D")
    return np.where(same & soon, found, -1)


def _week_of(days: NDArray[Any], mondays: Sequence[date]) -> Whole:
    """The number of the whole week of each day; -1: in none."""
    numbers = days.astype("datetime64[D]").astype(np.int64)
    first = np.array(mondays, dtype="datetime64[D]").astype(np.int64)
    place = np.searchsorted(first, numbers, side="right") - 1
    return np.where((place >= 0) & (numbers - first[place] < 7), place, -1)
