"""Opening hours, a response and a moment of asking come in; the moment by which the firm must have reacted goes out.

Every due moment is UTC: Python calls two equal moments of different zones unequal in the hour that autumn repeats.
What each mode means, with an example: docs/developer/promises.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import count

from zusage.ground.reasons import Refused, mistake
from zusage.ground.worktime import Calendar, PublicHolidays, Season
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import Firm, Opening, Policy, Response

DAYS_AHEAD = 366 * 4
"""How far a named weekday or a window is looked for: a firm closed for so long promises nothing."""


def calendar_of(policy: Policy) -> Calendar:
    """The firm's calendar: opening hours, single days, closures, public holidays of its state. Kept per policy."""
    return _calendar(policy.firm, policy.opening)


@lru_cache(maxsize=16)
def _calendar(firm: Firm, opening: Opening) -> Calendar:
    return Calendar.of(
        firm.time_zone,
        dict(opening.weekly),
        public=PublicHolidays(firm.country, firm.state, firm.holiday_categories),
        seasons=[Season(item.first, item.last, dict(item.weekly)) for item in opening.seasons],
        shifts=dict(opening.days),
        closures=opening.closures,
    )


def due(response: Response, calendar: Calendar, at: datetime, cut_off: int) -> datetime:
    """The moment (UTC) by which a request asked at `at` is answered under a response.

    `cut_off` is in working seconds: the end of the day until which `same_day` no longer means today, and the time
    after opening that "first thing" means on the next one. Raises Refused as `Calendar` does.
    """
    at = at.astimezone(UTC)
    if response.mode == "within_hours":
        return calendar.add(at, response.number * 3600).astimezone(UTC)
    if response.mode == "windows":
        return _window_after(response, calendar, at)
    today = calendar.add_days(at, 0)
    if response.mode == "same_day" and at > last_call(calendar, today, cut_off):
        return first_thing(calendar, calendar.nth_day(today + timedelta(1), 1), cut_off)
    return closing(calendar, DUE_DAYS[response.mode](response, calendar, today))


def closing(calendar: Calendar, day: date) -> datetime:
    """When a working day closes (UTC): a promise for that day is due then."""
    return calendar.day_periods(day)[-1][1].astimezone(UTC)


def last_call(calendar: Calendar, day: date, cut_off: int) -> datetime:
    """The last moment (UTC) at which `same_day` means this working day: the cut-off before closing, or its opening."""
    periods = calendar.day_periods(day)
    opens, closes = periods[0][0].astimezone(UTC), periods[-1][1].astimezone(UTC)
    return max(opens, calendar.subtract(closes, cut_off).astimezone(UTC))


def first_thing(calendar: Calendar, day: date, cut_off: int) -> datetime:
    """By when something done first thing on a working day is done (UTC)."""
    periods = calendar.day_periods(day)
    opens, closes = periods[0][0], periods[-1][1].astimezone(UTC)
    return min(closes, calendar.add(opens, cut_off).astimezone(UTC))


def _days_on(days: int) -> Callable[[Response, Calendar, date], date]:
    return lambda _, calendar, today: _later(calendar, today, days)


def _later(calendar: Calendar, today: date, days: int) -> date:
    return calendar.nth_day(today, days + 1)


def _by_weekday(response: Response, calendar: Calendar, today: date) -> date:
    """The next of the named weekdays after today; where it is closed, the working day after it."""
    named = {WEEKDAYS.index(name) for name in response.weekdays}
    ahead = min((number - today.weekday() - 1) % 7 + 1 for number in named)
    return calendar.nth_day(today + timedelta(ahead), 1)


DUE_DAYS: Mapping[str, Callable[[Response, Calendar, date], date]] = {
    "same_day": _days_on(0),
    "next_workday": _days_on(1),
    "within_workdays": lambda response, calendar, today: _later(calendar, today, response.number),
    "by_weekday": _by_weekday,
}
"""On which day a response is due that was asked for on a working day; a closed day counts as the next working day."""


def windows(response: Response, calendar: Calendar, first: date) -> Iterator[tuple[datetime, datetime]]:
    """The windows of bundled answers from a date on, as far as the firm is open then: begin and end, UTC.

    Raises Refused with `promise_no_window` where there is none for years.
    """
    named = {WEEKDAYS.index(name) for name in response.weekdays}
    seen = first
    for ahead in count():
        day = first + timedelta(ahead)
        if (day - seen).days > DAYS_AHEAD or day.year > 2100:
            raise Refused([mistake("promise_no_window")])
        if day.weekday() in named and (window := _window(response, calendar, day)):
            seen = day
            yield window


def _window(response: Response, calendar: Calendar, day: date) -> tuple[datetime, datetime] | None:
    """The part of a day's window in which the firm is open; from its first to its last open moment."""
    hours = calendar.hours
    begin, end = (
        datetime.fromtimestamp(hours.moment(day.toordinal(), (minute or 0) * 60), UTC)
        for minute in (response.from_minute, response.to_minute)
    )
    inside = [
        (max(begin, opens), min(end, closes))
        for opens, closes in _in_utc(calendar, day)
        if opens < end and begin < closes
    ]
    return (inside[0][0], inside[-1][1]) if inside else None


def _in_utc(calendar: Calendar, day: date) -> list[tuple[datetime, datetime]]:
    return [(opens.astimezone(UTC), closes.astimezone(UTC)) for opens, closes in calendar.day_periods(day)]


def _window_after(response: Response, calendar: Calendar, at: datetime) -> datetime:
    """The end of the first window that has not begun yet when it is asked."""
    day = at.astimezone(calendar.hours.zone).date()
    return next(end for begin, end in windows(response, calendar, day) if at <= begin)
