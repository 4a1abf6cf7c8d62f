"""A response, a calendar and a column of moments come in, a column of due moments goes out: `clock.due` for many rows.

The same answers to the second. Moments are `datetime64[s]` in UTC; a row without an answer is NaT.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np

from zusage.ground.worktime import Calendar
from zusage.ground.worktime.vector import Moments, add_days_many, add_many
from zusage.policy.document import Response
from zusage.promises.clock import DUE_DAYS, closing, first_thing, last_call, windows

DAY = np.timedelta64(1, "D")
EPOCH = date(1970, 1, 1)


def due_many(response: Response, calendar: Calendar, at: Moments, cut_off: int) -> Moments:
    """When each request asked at `at` is due under a response; see `clock.due`."""
    if response.mode == "within_hours":
        return add_many(calendar, at, np.full(len(at), response.number * 3600))
    if response.mode == "windows":
        return _windows(response, calendar, at)
    today = _Days(add_days_many(calendar, at, np.zeros(len(at), dtype=np.int64)))
    found = today.answer(lambda day: closing(calendar, DUE_DAYS[response.mode](response, calendar, day)))
    if response.mode != "same_day":
        return found
    late = at > today.answer(lambda day: last_call(calendar, day, cut_off))
    tomorrow = today.answer(lambda day: first_thing(calendar, calendar.nth_day(day + timedelta(1), 1), cut_off))
    return np.where(late, tomorrow, found)


class _Days:
    """A column of days, so that each different day is answered once: a million requests have a few hundred days."""

    def __init__(self, days: Moments) -> None:
        self.known = ~np.isnat(days)
        numbers = days.astype(np.int64)
        self.first = int(numbers[self.known].min(initial=2**31))
        self.place = np.where(self.known, numbers - self.first, 0)
        seen = np.zeros(int(self.place.max(initial=0)) + 1, dtype=bool)
        seen[self.place[self.known]] = True
        self.different = np.flatnonzero(seen)
        self.size = len(seen)

    def answer(self, answer: Callable[[date], datetime]) -> Moments:
        """The moment of each row's day; NaT where the day is not known."""
        table = np.full(self.size, np.datetime64("NaT", "s"))
        for number in self.different.tolist():
            table[number] = _second(answer(EPOCH + timedelta(self.first + number)))
        return np.where(self.known, table[self.place], np.datetime64("NaT", "s"))


def _windows(response: Response, calendar: Calendar, at: Moments) -> Moments:
    known = ~np.isnat(at)
    found = np.full(len(at), np.datetime64("NaT", "s"))
    if not known.any():
        return found
    last = at[known].max()
    day = (at[known].min() - DAY).astype("datetime64[D]").item()
    until: list[tuple[np.datetime64, np.datetime64]] = []
    for begin, end in windows(response, calendar, day):
        until.append((_second(begin), _second(end)))
        if until[-1][0] >= last:
            break
    begins, ends = (np.array(column, dtype="datetime64[s]") for column in zip(*until, strict=True))
    found[known] = ends[np.searchsorted(begins, at[known], side="left")]
    return found


def _second(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.replace(tzinfo=None), "s")
