"""A calendar and columns of moments come in, columns of due moments, working seconds or working days go out.

The same answers as `Calendar`, to the second, for a million rows at once: open seconds before a moment and back again
are two binary searches in the calendar's line. Moments are `datetime64[s]` in UTC. A row without an answer is NaT (or
-1 seconds): its input is NaT, lies outside the years 1970 to 2100, or its answer would.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zusage.ground.reasons import Refused, mistake
from zusage.ground.worktime.calendar import EPOCH_DAY, HORIZON, Calendar
from zusage.ground.worktime.timeline import Timeline

Moments = NDArray[np.datetime64]
Whole = NDArray[np.int64]

NONE = np.iinfo(np.int64).min
"""How numpy stores NaT."""
NEVER = 2**62
"""Later than any second, day or sum of them, with room to add one."""


class Pauses(NamedTuple):
    """Spans in which the clock of a row stands, in any order; they may overlap. `row` counts from 0."""

    row: Whole
    begin: Moments
    end: Moments


def add_many(calendar: Calendar, starts: Moments, seconds: Whole, pauses: Pauses | None = None) -> Moments:
    """`Calendar.add` for every row: the first moment by which that many seconds of working time have passed.

    With `pauses`, each row's clock stands during its own. Raises Refused with `worktime_negative` for seconds below 0.
    """
    start, known = _seconds(starts)
    wanted = np.minimum(np.asarray(seconds, dtype=np.int64), HORIZON)
    _not_negative(wanted, "seconds")
    line = _line(calendar, start)
    while True:
        due = _add(_Open(line), start, wanted, pauses)
        missing = known & (due == NONE)
        wider = calendar.further(line) if missing.any() else None
        if wider is None:
            return np.where(known, due, NONE).astype("datetime64[s]")
        line = wider


def between_many(calendar: Calendar, starts: Moments, ends: Moments, pauses: Pauses | None = None) -> Whole:
    """`Calendar.between` for every row: working seconds from start to end, 0 where reversed, -1 where unknown."""
    start, start_known = _seconds(starts)
    end, end_known = _seconds(ends)
    time = _Open(_line(calendar, start, end))
    first, last = time.worked(start), time.worked(end)
    worked = last - first
    for row, begin, resume in _rounds(pauses):
        low, high = first[row], last[row]
        worked[row] -= np.clip(time.worked(resume), low, high) - np.clip(time.worked(begin), low, high)
    return np.where(start_known & end_known, np.maximum(worked, 0), -1)


def add_days_many(calendar: Calendar, starts: Moments, days: Whole) -> Moments:
    """`Calendar.add_days` for every row, as `datetime64[D]`; raises Refused with `worktime_negative` below 0."""
    start, known = _seconds(starts)
    wanted = np.minimum(np.asarray(days, dtype=np.int64), HORIZON)
    _not_negative(wanted, "days")
    line = _line(calendar, start)
    while True:
        index = _ranks(line, start) + wanted
        missing = known & (index >= len(line.workdays))
        wider = calendar.further(line) if missing.any() else None
        if wider is None:
            break
        line = wider
    workdays = np.append(np.asarray(line.workdays, dtype=np.int64) - EPOCH_DAY, NONE)
    found = workdays[np.minimum(index, len(workdays) - 1)]
    return np.where(known, found, NONE).astype("datetime64[D]")


class _Open:
    """A line's spans as arrays: moment → open seconds before it, and back."""

    def __init__(self, line: Timeline) -> None:
        before = np.asarray(line.before, dtype=np.int64)
        self.opens = np.asarray(line.opens, dtype=np.int64)
        self.until = before[1:]
        # inside a span the open seconds grow with the moment, up to the span's own; before the first there are none
        self.shift = np.append(NEVER, before[:-1] - self.opens)
        self.limit = before

    def worked(self, second: Whole) -> Whole:
        span = np.searchsorted(self.opens, second, side="right")
        worked: Whole = np.minimum(second + self.shift[span], self.limit[span])
        return worked

    def due(self, target: Whole, moving: NDArray[np.bool_]) -> Whole:
        """The first moment with `target` open seconds before it; where nothing moves, one that is open as well."""
        span = np.searchsorted(self.until, target - moving, side="right")
        return np.where(span < len(self.opens), target - np.append(self.shift, 0)[span + 1], NONE)


def _add(time: _Open, start: Whole, seconds: Whole, pauses: Pauses | None) -> Whole:
    target = time.worked(start) + seconds
    moving = seconds > 0
    for row, begin, resume in _rounds(pauses):
        first, last = time.worked(np.maximum(begin, start[row])), time.worked(np.maximum(resume, start[row]))
        # a pause counts where it begins before the row is due; adding nothing is due only after it
        reached = np.where(moving[row], first < target[row], first <= target[row])
        target[row] += np.where(reached, last - first, 0)
    return time.due(target, moving)


def _rounds(pauses: Pauses | None) -> list[tuple[Whole, Whole, Whole]]:
    """The first pause of every row, then the second, and so on, cut so that those of one row do not overlap."""
    if pauses is None or not len(pauses.row):
        return []
    begin = np.clip(np.asarray(pauses.begin).astype("datetime64[s]").astype(np.int64), 0, HORIZON)
    end = np.clip(np.asarray(pauses.end).astype("datetime64[s]").astype(np.int64), 0, HORIZON)
    order = np.lexsort((begin, pauses.row))
    row, begin, end = np.asarray(pauses.row, dtype=np.int64)[order], begin[order], end[order]
    first = np.flatnonzero(np.append(True, row[1:] != row[:-1]))
    number = np.arange(len(row)) - np.repeat(first, np.diff(np.append(first, len(row))))
    taken = np.zeros(int(row.max()) + 1, dtype=np.int64)
    rounds = []
    for turn in range(int(number.max()) + 1):
        now = number == turn
        rows = row[now]
        opens = np.maximum(begin[now], taken[rows])
        taken[rows] = np.maximum(taken[rows], end[now])
        rounds.append((rows, opens, np.maximum(opens, end[now])))
    return rounds


def _ranks(line: Timeline, second: Whole) -> Whole:
    """`Timeline.rank` of `Timeline.day_of` for every row."""
    opens, closes = np.asarray(line.opens, dtype=np.int64), np.asarray(line.closes, dtype=np.int64)
    days = np.asarray(line.days, dtype=np.int64)
    following = np.searchsorted(opens, second, side="right")
    today = line.first_day + np.searchsorted(np.asarray(line.midnights), second, side="right") - 1
    inside = second <= np.append(NONE, closes)[following]
    day = np.where(inside, np.append(0, days)[following], np.minimum(today, np.append(days, NEVER)[following]))
    return np.searchsorted(np.asarray(line.workdays, dtype=np.int64), day)


def _seconds(moments: Moments) -> tuple[Whole, NDArray[np.bool_]]:
    """UTC seconds, and which rows lie in the years reckoned with; the others stand at the first known second."""
    second = np.asarray(moments).astype("datetime64[s]").astype(np.int64)
    known = (second >= 0) & (second < HORIZON)
    fallback = second[known].min(initial=HORIZON - 1)
    return np.where(known, second, fallback), known


def _line(calendar: Calendar, *columns: Whole) -> Timeline:
    rows = [column for column in columns if len(column)]
    if not rows:
        return calendar.line(0, 0)
    return calendar.line(int(min(column.min() for column in rows)), int(max(column.max() for column in rows)))


def _not_negative(values: Whole, name: str) -> None:
    if (values < 0).any():
        raise Refused([mistake("worktime_negative", name=name, value=str(values.min()))])
