"""The open spans of some years and the cuts in them come in; one flat, searchable line of open time goes out.

Everything is UTC seconds and day numbers (`date.toordinal`) in plain sorted lists, so that every question is a binary
search, here as in the vector form. A line is never changed once it stands: threads may share it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from operator import sub

from zusage.ground.worktime.hours import Hours

Cut = tuple[int, int]

FIRST_YEAR, LAST_YEAR = 1970, 2100


@dataclass(frozen=True)
class Timeline:
    """Open time of the local years `first_year` to `last_year`."""

    first_year: int
    last_year: int
    opens: list[int]
    closes: list[int]
    days: list[int]
    """The day each span belongs to."""
    before: list[int]
    """Open seconds before each span, since the start of the line; one entry more than spans: the total is the last."""
    workdays: list[int]
    """Days with any open time."""
    midnights: list[int]
    """The first moment of each date, the first date being `first_day`."""
    first_day: int

    def worked(self, second: int) -> int:
        """Open seconds of the line before a moment."""
        span = bisect_right(self.opens, second) - 1
        return self.before[span] + min(second, self.closes[span]) - self.opens[span] if span >= 0 else 0

    def is_open(self, second: int) -> bool:
        """Whether a moment is open: from the first moment of a span on, no longer at its last."""
        span = bisect_right(self.opens, second) - 1
        return span >= 0 and second < self.closes[span]

    def day_of(self, second: int) -> int:
        """The day a moment counts for.

        In a span, and at its closing moment, it is the span's day; else the calendar date, but never a later day than
        the next span's: a break at two in the morning still belongs to the night shift around it.
        """
        following = bisect_right(self.opens, second)
        if following and second <= self.closes[following - 1]:
            return self.days[following - 1]
        today = self.first_day + bisect_right(self.midnights, second) - 1
        return min(today, self.days[following]) if following < len(self.days) else today

    def rank(self, day: int) -> int:
        """How many working days of the line lie before a day: the index of the working day it rolls forward to."""
        return bisect_left(self.workdays, day)

    def spans_of(self, day: int) -> list[tuple[int, int]]:
        """The open spans that belong to a day."""
        first, end = bisect_left(self.days, day), bisect_right(self.days, day)
        return list(zip(self.opens[first:end], self.closes[first:end], strict=True))


def build(hours: Hours, cuts: Sequence[Cut], first_year: int, last_year: int) -> Timeline:
    """The open time of some years with the cuts taken out."""
    opens: list[int] = []
    closes: list[int] = []
    days: list[int] = []
    midnights: list[int] = []
    for year in map(hours.year, range(first_year, last_year + 1)):
        opens += year.opens
        closes += year.closes
        days += year.days
        midnights += year.midnights
    midnights.append(hours.moment(date(last_year + 1, 1, 1).toordinal(), 0))
    take_out(cuts, opens, closes, days)
    return Timeline(
        first_year,
        last_year,
        opens,
        closes,
        days,
        before=list(accumulate(map(sub, closes, opens), initial=0)),
        workdays=list(dict.fromkeys(days)),
        midnights=midnights,
        first_day=date(first_year, 1, 1).toordinal(),
    )


def take_out(cuts: Iterable[Cut], opens: list[int], closes: list[int], days: list[int]) -> None:
    """Remove cuts from the spans, in place."""
    for begin, end in cuts:
        first, after = bisect_right(closes, begin), bisect_left(opens, end)
        if first >= after:
            continue
        head = (opens[first], begin, days[first])
        tail = (end, closes[after - 1], days[after - 1])
        kept = [span for span in (head, tail) if span[0] < span[1]]
        opens[first:after] = [span[0] for span in kept]
        closes[first:after] = [span[1] for span in kept]
        days[first:after] = [span[2] for span in kept]


def merged(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """Cuts in order of time, overlapping and touching ones as one, empty ones left out."""
    found: list[Cut] = []
    for begin, end in sorted(cut for cut in cuts if cut[0] < cut[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)
