"""Hours, holidays, closures and pauses come in; due moments, working seconds and working days go out, one at a time.

Moments are aware datetimes and come back in the calendar's zone; durations are seconds; parts of a second are dropped.
Pauses are closures: `calendar.minus(pauses)` is a calendar whose clock stands while they last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.ground.worktime.hours import (
    DAY,
    Hours,
    Season,
    WrittenBlocks,
    WrittenWeek,
    read_blocks,
    read_seasons,
    read_week,
    read_zone,
)
from zusage.ground.worktime.public import PublicHolidays
from zusage.ground.worktime.timeline import FIRST_YEAR, LAST_YEAR, Cut, Timeline, build, merged

Answer = TypeVar("Answer")
Period = tuple[datetime, datetime]

EPOCH = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
SECOND = timedelta(seconds=1)
HORIZON = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH) // SECOND
"""The first UTC second that is no longer reckoned with."""

MEAN_YEAR = 31_556_952
MARGIN = 5 * DAY
"""How far a mean year may miss the calendar's (two days), plus how far a night may reach into a new year (three)."""

_NO_DAYS: Mapping[date, WrittenBlocks] = MappingProxyType({})


@dataclass(frozen=True)
class Calendar:
    """When the clock of a promise runs. Made by `Calendar.of`; knows the years 1970 to 2100.

    Every method raises Refused with `worktime_naive_time` or `worktime_out_of_range` for moments without an offset or
    outside these years, and with `worktime_no_opening` where the answer would lie outside them.
    """

    hours: Hours
    cuts: tuple[Cut, ...] = ()
    """What is taken out of the hours, UTC seconds, in order and apart."""
    _held: list[Timeline] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        zone: str,
        weekly: WrittenWeek,
        *,
        holidays: Iterable[date] = (),
        public: PublicHolidays | None = None,
        seasons: Sequence[Season] = (),
        shifts: Mapping[date, WrittenBlocks] = _NO_DAYS,
        breaks: Mapping[date, WrittenBlocks] = _NO_DAYS,
        closures: Iterable[tuple[date, date]] = (),
    ) -> Calendar:
        """A calendar from what people write; raises Refused with all mistakes at once.

        `zone` is an IANA name. `weekly` names days `mon` … `sun` with blocks of local clock times such as
        ("09:00", "12:00"); a block that ends before it begins runs overnight and belongs to the day it starts on.
        `shifts` replace the hours of a date, also on a holiday; `breaks` are taken out of a date; `closures` as in
        `minus`.

        >>> desk = Calendar.of("Europe/Berlin", {"fri": [("09:00", "12:00")], "mon": [("09:00", "12:00")]})
        >>> desk.add(datetime.fromisoformat("2026-12-11T11:00+01:00"), 2 * 3600).isoformat()
        '2026-12-14T10:00:00+01:00'
        """
        mistakes: list[Finding] = public.mistakes(Place(path="holidays")) if public else []
        hours = Hours(
            read_zone(zone, Place(path="tz"), mistakes),
            read_week(weekly, "weekly", mistakes),
            read_seasons(seasons, "seasons", mistakes),
            frozenset(day.toordinal() for day in holidays),
            public,
            tuple((day.toordinal(), read_blocks(shifts[day], f"shifts.{day}", mistakes)) for day in sorted(shifts)),
        )
        pauses = [
            (hours.moment(_day_number(day), begin), hours.moment(_day_number(day), end))
            for day, written in breaks.items()
            for begin, end in read_blocks(written, f"breaks.{day}", mistakes, apart=False)
        ]
        cuts = [*pauses, *_read_spans(closures, hours, "closures", mistakes)]
        if mistakes:
            raise Refused(mistakes)
        return cls(hours, merged(cuts))

    def minus(self, spans: Iterable[tuple[date, date]]) -> Calendar:
        """This calendar without some spans: pauses of a request, absences of a person or role, closures of the firm.

        A span is a pair of aware moments, or a pair of dates with both days included. Spans may overlap.
        Raises Refused for reversed spans and moments without an offset, all at once.
        """
        mistakes: list[Finding] = []
        cuts = _read_spans(spans, self.hours, "pauses", mistakes)
        if mistakes:
            raise Refused(mistakes)
        return Calendar(self.hours, merged([*self.cuts, *cuts])) if cuts else self

    def is_open(self, moment: datetime) -> bool:
        """Whether the clock runs: open at the first moment of a block, closed at its last."""
        second = self._second(moment)
        return self.line(second, second).is_open(second)

    def next_open(self, moment: datetime) -> datetime:
        """The first open moment at or after this one."""
        return self.add(moment, 0)

    def next_close(self, moment: datetime) -> datetime:
        """The first moment after this one at which an opening ends; blocks that touch are one opening.

        Raises Refused with `worktime_no_closing` where there is none until the end of 2100.
        """
        second = self._second(moment)

        def find(line: Timeline) -> int | None:
            span = bisect_right(line.closes, second)
            while span + 1 < len(line.opens) and line.closes[span] == line.opens[span + 1]:
                span += 1
            # the very last span of a line may go on in the next year
            return line.closes[span] if span + 1 < len(line.opens) else None

        return self._moment(self._search(second, find, without="worktime_no_closing"))

    def add(self, start: datetime, seconds: int) -> datetime:
        """The due moment: the first moment by which that much working time has passed since `start`.

        Time that ends at closing is due at closing, not at the next opening. Adding nothing gives the next open moment.
        """
        second = self._second(start)
        _not_negative(seconds, "seconds")

        def find(line: Timeline) -> int | None:
            target = line.worked(second) + seconds
            span = bisect_right(line.before, target - (seconds > 0)) - 1
            return line.opens[span] + target - line.before[span] if span < len(line.opens) else None

        return self._moment(self._search(second, find))

    def subtract(self, due: datetime, seconds: int) -> datetime:
        """The latest start: the last moment from which that much working time passes until `due`.

        Subtracting nothing gives the last moment up to `due` that has working time just before it: in closed hours the
        closing before.
        """
        second = self._second(due)
        _not_negative(seconds, "seconds")

        def find(line: Timeline) -> int | None:
            target = line.worked(second) - seconds
            span = bisect_left(line.before, target + (seconds > 0)) - 1
            return line.opens[span] + target - line.before[span] if span >= 0 else None

        return self._moment(self._search(second, find, ahead=False))

    def between(self, start: datetime, end: datetime) -> int:
        """Working seconds from `start` to `end`; a reversed interval is zero."""
        first, last = self._second(start), self._second(end)
        if last <= first:
            return 0
        line = self.line(first, last)
        return line.worked(last) - line.worked(first)

    def day_of(self, moment: datetime) -> date:
        """The day a moment counts for: the day its block starts on, the closing moment included, else its date."""
        second = self._second(moment)
        return date.fromordinal(self.line(second, second).day_of(second))

    def day_periods(self, day: date) -> list[Period]:
        """The open spans that belong to a day; the end of the last one is when a promise for that day is due."""
        second = _noon(day)
        spans = self.line(second, second).spans_of(day.toordinal())
        return [(self._moment(opens), self._moment(closes)) for opens, closes in spans]

    def add_days(self, start: datetime, days: int) -> date:
        """The working day `days` after the day of `start`; a closed day first rolls forward to the next working day.

        A working day is a day with any open time. `day_periods` of the answer tells when it closes.
        """
        _not_negative(days, "days")
        return self._count_days(self._second(start), days)

    def subtract_days(self, start: datetime, days: int) -> date:
        """The working day `days` before the day of `start`; a closed day first rolls forward, as in `add_days`."""
        _not_negative(days, "days")
        return self._count_days(self._second(start), -days)

    def days_between(self, start: datetime, end: datetime) -> int:
        """Working days from `start` to `end`, both first rolled forward; a reversed interval is zero."""
        first, last = self._second(start), self._second(end)
        line = self.line(min(first, last), max(first, last))
        return max(0, line.rank(line.day_of(last)) - line.rank(line.day_of(first)))

    def nth_day(self, day: date, nth: int) -> date:
        """The nth working day counted from a date, the date itself included; -1 is the last one up to the date.

        Raises Refused with `worktime_day_zero` for 0.
        """
        if nth == 0:
            raise Refused([mistake("worktime_day_zero")])
        number = day.toordinal()

        def find(line: Timeline) -> int | None:
            if nth > 0:
                return _pick(line.workdays, line.rank(number) + nth - 1)
            return _pick(line.workdays, line.rank(number + 1) + nth)

        return date.fromordinal(self._search(_noon(day), find, ahead=nth > 0))

    def on_day(self, start: datetime, day: date) -> datetime:
        """The clock time of `start` on another working day, moved into that day's hours where it lies outside.

        A `start` on a closed day counts as the next open moment. Raises Refused with `worktime_closed_day`.
        """
        second = self._second(start)
        line = self.line(second, second)
        if not line.spans_of(line.day_of(second)):
            return self.on_day(self.next_open(start), day)
        spans = self.day_periods(day)
        if not spans:
            raise Refused([mistake("worktime_closed_day", day_on=day)])
        clock = self._moment(second).replace(fold=0, tzinfo=None) + timedelta(day.toordinal() - line.day_of(second))
        local = self._moment(self._second(clock.replace(tzinfo=self.hours.zone)))
        return min(max(local, spans[0][0], key=_utc), spans[-1][1], key=_utc)

    def periods(self, start: datetime, end: datetime | None = None, count: int | None = None) -> list[Period]:
        """Open periods from `start` on, up to `end` or the first `count` of them; at least one of the two is needed.

        Blocks that touch are one period; the first and the last are cut at `start` and `end`. What is still open at
        the end of 2100 ends there. Raises Refused with `worktime_no_end` where neither is given.
        """
        if end is None and count is None:
            raise Refused([mistake("worktime_no_end")])
        _not_negative(count or 0, "count")
        first = self._second(start)
        if end is not None:
            last = max(first, self._second(end))
            found, _ = _openings(self.line(first, last), first, last, count)
        else:
            found = self._search(first, lambda line: _enough(line, first, count or 0))
        return [(self._moment(opens), self._moment(closes)) for opens, closes in found]

    def line(self, first: int, last: int) -> Timeline:
        """The open time around two UTC seconds and between them."""
        return self.years(_year(first - MARGIN), _year(last + MARGIN))

    def years(self, first: int, last: int) -> Timeline:
        """The open time of at least these years; what was built once is kept and widened."""
        held = self._held[0] if self._held else None
        if held and held.first_year <= first and last <= held.last_year:
            return held
        if held:
            first, last = min(first, held.first_year), max(last, held.last_year)
        line = build(self.hours, self.cuts, max(first, FIRST_YEAR), min(last, LAST_YEAR))
        self._held[:] = [line]
        return line

    def further(self, line: Timeline, *, ahead: bool = True) -> Timeline | None:
        """A line twice as long, ahead or back; None where the years end."""
        if ahead and line.last_year < LAST_YEAR:
            return self.years(line.first_year, min(LAST_YEAR, 2 * line.last_year - line.first_year + 1))
        if not ahead and line.first_year > FIRST_YEAR:
            return self.years(max(FIRST_YEAR, 2 * line.first_year - line.last_year - 1), line.last_year)
        return None

    def _search(
        self,
        second: int,
        find: Callable[[Timeline], Answer | None],
        *,
        ahead: bool = True,
        without: str = "worktime_no_opening",
    ) -> Answer:
        """What `find` finds on the shortest line that has it; every step doubles the line, so it ends."""
        line: Timeline | None = self.line(second, second)
        while line is not None:
            found = find(line)
            if found is not None:
                return found
            line = self.further(line, ahead=ahead)
        raise Refused([mistake(without)])

    def _count_days(self, second: int, days: int) -> date:
        def find(line: Timeline) -> int | None:
            return _pick(line.workdays, line.rank(line.day_of(second)) + days)

        return date.fromordinal(self._search(second, find, ahead=days >= 0))

    def _second(self, moment: datetime) -> int:
        if moment.utcoffset() is None:
            raise Refused([mistake("worktime_naive_time", moment=moment.isoformat())])
        second = (moment - EPOCH) // SECOND
        if not 0 <= second < HORIZON:
            raise Refused([mistake("worktime_out_of_range", moment=moment.isoformat())])
        return second

    def _moment(self, second: int) -> datetime:
        return datetime.fromtimestamp(second, self.hours.zone)


def _utc(moment: datetime) -> datetime:
    # moments of one zone compare by their clock, which is wrong in the repeated hour of autumn
    return moment.astimezone(UTC)


def _year(second: int) -> int:
    return min(LAST_YEAR, max(FIRST_YEAR, FIRST_YEAR + second // MEAN_YEAR))


def _noon(day: date) -> int:
    second = (day.toordinal() - EPOCH_DAY) * DAY + DAY // 2
    if not 0 <= second < HORIZON:
        raise Refused([mistake("worktime_out_of_range", moment=day.isoformat())])
    return second


def _pick(days: list[int], index: int) -> int | None:
    return days[index] if 0 <= index < len(days) else None


def _not_negative(value: int, name: str) -> None:
    if value < 0:
        raise Refused([mistake("worktime_negative", name=name, value=str(value))])


def _openings(line: Timeline, first: int, last: int, count: int | None) -> tuple[list[Cut], bool]:
    """Open periods between two seconds, at most `count`, and whether something after them was seen."""
    found: list[Cut] = []
    for span in range(bisect_right(line.closes, first), len(line.opens)):
        opens, closes = max(first, line.opens[span]), min(last, line.closes[span])
        if opens >= last:
            return found, True
        if found and found[-1][1] == opens:
            found[-1] = (found[-1][0], closes)
        elif len(found) == count:
            return found, True
        else:
            found.append((opens, closes))
    return found, False


def _enough(line: Timeline, first: int, count: int) -> list[Cut] | None:
    found, ended = _openings(line, first, HORIZON + MARGIN, count)
    return found if ended or (line.last_year == LAST_YEAR and len(found) == count) else None


def _read_spans(spans: Iterable[tuple[date, date]], hours: Hours, path: str, mistakes: list[Finding]) -> list[Cut]:
    """Pairs of moments or of dates (both included) as UTC seconds."""
    found = []
    for index, (begin, end) in enumerate(spans):
        where = Place(path=f"{path}[{index}]")
        ends = [moment for moment in (begin, end) if isinstance(moment, datetime)]
        naive = [moment for moment in ends if moment.utcoffset() is None]
        mistakes += [mistake("worktime_naive_time", where, moment=moment.isoformat()) for moment in naive]
        if naive:
            continue
        cut = (_edge(begin, 0, hours), _edge(end, 1, hours))
        if cut[0] > cut[1]:
            mistakes.append(mistake("worktime_reversed_span", where, begin=begin.isoformat(), end=end.isoformat()))
        found.append(cut)
    return found


def _edge(moment: date, after: int, hours: Hours) -> int:
    if isinstance(moment, datetime):
        return (moment - EPOCH) // SECOND
    return hours.moment(_day_number(moment) + after, 0)


def _day_number(day: date) -> int:
    # "until 9999" means without end: days outside our years have no openings, so the nearest one says the same
    return min(max(day.toordinal(), EPOCH_DAY - 1), EPOCH_DAY + HORIZON // DAY)
