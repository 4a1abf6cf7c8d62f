"""Opening hours as people write them come in, in local time; the open spans of a year go out, in UTC seconds.

A span belongs to the day its block starts on. Local times follow one rule: in a spring gap a time shifts forward by
the length of the gap, in an autumn overlap the first of the two counts. Spans between them are real time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from zusage.ground.reasons import Finding, Place, mistake
from zusage.ground.worktime.public import PublicHolidays

DAY = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

WrittenBlocks = Sequence[tuple[str, str]]
WrittenWeek = Mapping[str, WrittenBlocks]
Block = tuple[int, int]
"""Seconds after the midnight a block's day begins with; an end beyond DAY runs overnight."""
Blocks = tuple[Block, ...]
Week = tuple[Blocks, ...]

_CLOCK = re.compile("([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?|(24):(00)(?::(00))?")


class Season(NamedTuple):
    """Other weekly hours from the first to the last day, both included."""

    first: date
    last: date
    weekly: WrittenWeek


class Year(NamedTuple):
    """The open spans of a local year by the day they belong to, and every midnight of it (UTC seconds)."""

    opens: list[int]
    closes: list[int]
    days: list[int]
    midnights: list[int]


@dataclass(frozen=True)
class Hours:
    """When a place is open by its own rules, before closures, absences and pauses are taken out."""

    zone: ZoneInfo
    weekly: Week
    seasons: tuple[tuple[int, int, Week], ...] = ()
    holidays: frozenset[int] = frozenset()
    public: PublicHolidays | None = None
    shifts: tuple[tuple[int, Blocks], ...] = ()
    _years: dict[int, Year] = field(default_factory=dict, repr=False, compare=False)

    def year(self, year: int) -> Year:
        """The open spans of a local year, built once. Overlaps across midnight count once, for the earlier day."""
        if year not in self._years:
            self._years[year] = self._build(year)
        return self._years[year]

    def _build(self, year: int) -> Year:
        first, end = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
        midnights = [self.moment(day, 0) for day in range(first, end + 1)]
        found = Year([], [], [], midnights[:-1])
        blocks = self._blocks(year)
        taken = max([self.moment(first - 1, closes) for _, closes in self._blocks(year - 1)(first - 1)], default=0)
        for day in range(first, end):
            if midnights[day - first] == midnights[day - first + 1]:
                continue  # the date was skipped when the zone crossed the date line (Apia, 30 December 2011)
            for opens, closes in blocks(day):
                start, stop = max(taken, self.moment(day, opens)), self.moment(day, closes)
                if start < stop:
                    found.opens.append(start)
                    found.closes.append(stop)
                    found.days.append(day)
                    taken = stop
        return found

    def _blocks(self, year: int) -> Callable[[int], Blocks]:
        """What says the blocks of a day of the year: a shift is explicit and wins even on a holiday."""
        public = self.public.days(year) if self.public else frozenset()
        closed, shifts = self.holidays | public, dict(self.shifts)

        def blocks(day: int) -> Blocks:
            if day in shifts:
                return shifts[day]
            if day in closed:
                return ()
            week = next((week for first, last, week in self.seasons if first <= day <= last), self.weekly)
            return week[(day - 1) % 7]

        return blocks

    def moment(self, day: int, second: int) -> int:
        """The UTC second of a local time, `second` counted on the clock from the midnight of the day."""
        local = datetime.fromordinal(day + second // DAY) + timedelta(seconds=second % DAY)
        return int(local.replace(tzinfo=self.zone).timestamp())


def read_zone(name: str, where: Place, mistakes: list[Finding]) -> ZoneInfo:
    """The IANA time zone of that name; UTC stands in where it is a mistake."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder such as "Europe", a name too long for a file
        mistakes.append(mistake("worktime_unknown_zone", where, zone=name))
        return ZoneInfo("UTC")


def read_week(written: WrittenWeek, path: str, mistakes: list[Finding]) -> Week:
    """The blocks of a week, Monday first; days that are not named are closed."""
    for key in written:
        if key not in WEEKDAYS:
            mistakes.append(mistake("worktime_unknown_weekday", Place(path=path), weekday=key))
    week = [read_blocks(written.get(key, ()), f"{path}.{key}", mistakes) for key in WEEKDAYS]
    for number, blocks in enumerate(week):
        tomorrow = week[(number + 1) % 7]
        if blocks and tomorrow and blocks[-1][1] - DAY > tomorrow[0][0]:
            mistakes.append(mistake("worktime_overlapping_blocks", Place(path=f"{path}.{WEEKDAYS[(number + 1) % 7]}")))
    return tuple(week)


def read_blocks(written: WrittenBlocks, path: str, mistakes: list[Finding], *, apart: bool = True) -> Blocks:
    """The blocks of one day in order; with `apart`, blocks that overlap are a mistake."""
    found = [_read_block(begin, end, Place(path=f"{path}[{n}]"), mistakes) for n, (begin, end) in enumerate(written)]
    blocks = sorted(block for block in found if block)
    if apart and any(earlier[1] > later[0] for earlier, later in pairwise(blocks)):
        mistakes.append(mistake("worktime_overlapping_blocks", Place(path=path)))
    return tuple(blocks)


def _read_block(begin: str, end: str, where: Place, mistakes: list[Finding]) -> Block | None:
    opens, closes = read_clock(begin), read_clock(end)
    for text, clock in ((begin, opens), (end, closes)):
        if clock is None:
            mistakes.append(mistake("worktime_bad_clock", where, clock=text))
    if opens is None or closes is None:
        return None
    if opens in (closes, DAY):
        mistakes.append(mistake("worktime_empty_block", where, begin=begin, end=end))
        return None
    return opens, closes if closes > opens else closes + DAY


def read_clock(text: str) -> int | None:
    """Seconds after midnight of `9:00`, `09:00:30` or `24:00`; None where the text is no clock time.

    >>> read_clock("09:30"), read_clock("24:00"), read_clock("24:01")
    (34200, 86400, None)
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in (match[1] or match[4], match[2] or match[5], match[3]))
    return hours * 3600 + minutes * 60 + seconds


def read_seasons(written: Sequence[Season], path: str, mistakes: list[Finding]) -> tuple[tuple[int, int, Week], ...]:
    """Seasons in order of time; reversed and overlapping ones are mistakes."""
    found = []
    for index, season in enumerate(written):
        where = f"{path}[{index}]"
        if season.last < season.first:
            mistakes.append(
                mistake("worktime_reversed_season", Place(path=where), first_on=season.first, last_on=season.last)
            )
        found.append(
            (season.first.toordinal(), season.last.toordinal(), read_week(season.weekly, f"{where}.weekly", mistakes))
        )
    found.sort()
    if any(earlier[1] >= later[0] for earlier, later in pairwise(found)):
        mistakes.append(mistake("worktime_overlapping_seasons", Place(path=path)))
    return tuple(found)
