"""Requests of the past and a year to come come in, drawn requests of that year with their due moments go out.

Whole weeks of the log are drawn with their weekdays, hours and classes together, where the log knows seasons from the
same time of year. A week with public holidays is drawn from weeks of that time with the same days closed; where there
are none, what was asked on a day that is closed now comes on the next working day. Or the number of requests is
Poisson with the log's weekly profile: then weeks differ by chance alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from zusage.capacity.arrivals import Requests
from zusage.capacity.kernel import in_order
from zusage.ground.worktime import Calendar
from zusage.ground.worktime.vector import Moments
from zusage.policy.document import Policy, Response
from zusage.promises.decide import urgent_responses
from zusage.promises.order import URGENCIES
from zusage.promises.replay import local_moments, response_of
from zusage.promises.vector import due_many

SEASON_REACH = 4
"""A week is drawn from log weeks at most so many weeks from the same time of year."""
LEAST_ALIKE = 3
"""From fewer weeks of the same season nothing is drawn: a single odd week would stand for all."""
YEAR_DAYS = 365

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Drawn:
    """Drawn requests in order of run and moment; `row` is the row of the past each one copies."""

    run: Whole
    week: Whole  # of the simulated ones
    source: Whole  # number of the log's week it came with
    row: Whole
    at: Moments
    due: Moments
    place: Whole  # in the order of the desk, within its run
    other: Whole  # seconds of other work of customers by run, week and role


@dataclass(frozen=True)
class Ahead:
    """The weeks to be simulated."""

    first: date  # a Monday
    weeks: int
    runs: int

    @property
    def mondays(self) -> tuple[date, ...]:
        """The Monday of each week."""
        return tuple(self.first + timedelta(weeks=step) for step in range(self.weeks))


def draw(
    requests: Requests,
    policy: Policy,
    calendar: Calendar,
    ahead: Ahead,
    responses: Mapping[str, Response],
    dice: np.random.Generator,
    *,
    poisson: bool,
) -> Drawn:
    """Draw all runs. `responses` replace what the policy promises a class."""
    sources = _sources(requests, calendar, ahead, dice)
    counts = np.bincount(requests.week, minlength=len(requests.mondays))
    if poisson:
        sizes = dice.poisson(counts.mean(), sources.size)
        row = dice.integers(0, len(requests), sizes.sum())
        other = np.broadcast_to(requests.other.mean(axis=0).astype(np.int64), (*sources.shape, len(requests.roles)))
    else:
        sizes = counts[sources.ravel()]
        firsts = (np.cumsum(counts) - counts)[sources.ravel()]
        row = np.repeat(firsts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
        row = np.argsort(requests.week, kind="stable")[row]
        other = requests.other[sources]
    slot = np.repeat(np.arange(sources.size), sizes)
    run, week = slot // ahead.weeks, slot % ahead.weeks
    at = _place(requests, calendar, ahead, week, row)
    order = np.lexsort((at, run))
    run, week, row, at, source = run[order], week[order], row[order], at[order], sources.ravel()[slot][order]
    due = due_moments(requests, row, at, policy, calendar, responses)
    return Drawn(run, week, source, row, at, due, _places(requests.urgency[row], run, due, at), other)


def _places(urgency: Whole, run: Whole, due: Moments, at: Moments) -> Whole:
    """The places of `promises.order.order` in each run: urgency, then the due moment, then who asked first."""
    places = in_order([run, urgency, due.astype(np.int64), at.astype(np.int64)])
    sizes = np.bincount(run)
    return places - (np.cumsum(sizes) - sizes)[run]


def _sources(requests: Requests, calendar: Calendar, ahead: Ahead, dice: np.random.Generator) -> Whole:
    """Which week of the log stands for each week of each run."""
    past = [_pattern(calendar, monday) for monday in requests.mondays]
    found = np.empty((ahead.runs, ahead.weeks), dtype=np.int64)
    for number, monday in enumerate(ahead.mondays):
        near = [place for place, known in enumerate(requests.mondays) if _apart(known, monday) <= 7 * SEASON_REACH]
        season = near if len(near) >= LEAST_ALIKE else list(range(len(past)))
        pattern = _pattern(calendar, monday)
        # a season comes before a holiday: how much is asked follows the season more than single days
        fullest = max(sum(past[place]) for place in season)
        alike = [place for place in season if past[place] == pattern]
        found[:, number] = dice.choice(alike or [place for place in season if sum(past[place]) == fullest], ahead.runs)
    return found


def _pattern(calendar: Calendar, monday: date) -> tuple[bool, ...]:
    """Which days of a week are open."""
    return tuple(bool(calendar.day_periods(monday + timedelta(days=step))) for step in range(7))


def _apart(one: date, other: date) -> int:
    """Days between two days of the year, whatever the year."""
    days = (one - other).days % YEAR_DAYS
    return min(days, YEAR_DAYS - days)


def _place(requests: Requests, calendar: Calendar, ahead: Ahead, week: Whole, row: Whole) -> Moments:
    """The moment of each drawn request; of one that fell on an open day, in an open day again."""
    usual = [any(_pattern(calendar, monday)[day] for monday in requests.mondays) for day in range(7)]
    table = np.empty((ahead.weeks, 7), dtype="datetime64[D]")
    for number, monday in enumerate(ahead.mondays):
        for day in range(7):
            own = monday + timedelta(days=day)
            table[number, day] = calendar.nth_day(own, 1) if usual[day] else own
    days = table[week, requests.day[row]]
    return local_moments(calendar, days, requests.second[row])


def due_moments(
    requests: Requests,
    row: Whole,
    at: Moments,
    policy: Policy,
    calendar: Calendar,
    responses: Mapping[str, Response],
) -> Moments:
    """When each request is due, as `decide` says it: the response of its class, or a faster one by urgency."""
    due = np.full(len(at), np.datetime64("NaT", "s"))
    for index, key in enumerate(requests.classes):
        for number, urgency in enumerate(URGENCIES):
            own = (requests.class_index[row] == index) & (requests.urgency[row] == number)
            if own.any():
                held = [responses.get(key) or response_of(policy, key), *urgent_responses(policy, key, urgency)]
                cut_off = policy.requests.cut_off_seconds
                due[own] = np.minimum.reduce([due_many(item, calendar, at[own], cut_off) for item in held])
    return due
