"""Working time beside three independent tools, where they can say the case: numpy, pandas, businesstimedelta."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import businesstimedelta
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from zusage.ground.worktime import Calendar, PublicHolidays

WORKWEEK = ("mon", "tue", "wed", "thu", "fri")
SAXONY = PublicHolidays("DE", "SN")
HOLIDAYS = sorted(date.fromordinal(day) for year in range(2023, 2032) for day in SAXONY.days(year))
LUNCH = [("09:00", "12:00"), ("13:00", "17:00")]
DESK = Calendar.of("UTC", dict.fromkeys(WORKWEEK, LUNCH), public=SAXONY)
BUSINESS_HOURS = pd.offsets.CustomBusinessHour(start=["09:00", "13:00"], end=["12:00", "17:00"], holidays=HOLIDAYS)
BUSINESS_RULES = businesstimedelta.Rules(
    [
        *(
            businesstimedelta.WorkDayRule(
                start_time=time.fromisoformat(begin), end_time=time.fromisoformat(end), working_days=[0, 1, 2, 3, 4]
            )
            for begin, end in LUNCH
        ),
        businesstimedelta.HolidayRule(dict.fromkeys(HOLIDAYS, "")),
    ]
)

dates = st.dates(date(2024, 1, 1), date(2030, 12, 1))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1)).map(lambda m: m.replace(microsecond=0))  # noqa: DTZ001


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@settings(deadline=None)
@given(dates, st.integers(0, 60))
def test_days_are_added_as_numpy_adds_business_days(day: date, days: int) -> None:
    holidays = np.array(HOLIDAYS, dtype="datetime64[D]")
    for sign, count in ((1, DESK.add_days), (-1, DESK.subtract_days)):
        assert count(noon(day), days) == np.busday_offset(day, sign * days, roll="forward", holidays=holidays).item()


@settings(deadline=None)
@given(dates, dates)
def test_days_are_counted_as_numpy_counts_business_days(one: date, other: date) -> None:
    first, last = sorted((one, other))
    holidays = np.array(HOLIDAYS, dtype="datetime64[D]")
    assert DESK.days_between(noon(first), noon(last)) == int(np.busday_count(first, last, holidays=holidays))


@settings(max_examples=50, deadline=None)
@given(moments, st.integers(1, 60))
def test_hours_are_added_as_pandas_adds_business_hours(start: datetime, hours: int) -> None:
    # pandas moves what ends at closing to the next opening, which is what adding nothing does here
    due = DESK.next_open(DESK.add(start.replace(tzinfo=UTC), hours * 3600))
    assert pd.Timestamp(start) + hours * BUSINESS_HOURS == pd.Timestamp(due.replace(tzinfo=None))


@settings(max_examples=50, deadline=None)
@given(moments, st.integers(1, 60))
def test_hours_are_subtracted_as_pandas_subtracts_business_hours(due: datetime, hours: int) -> None:
    # of what begins at an opening, pandas gives the opening or the closing before: the same point of working time
    start = DESK.subtract(due.replace(tzinfo=UTC), hours * 3600)
    theirs = (pd.Timestamp(due) - hours * BUSINESS_HOURS).to_pydatetime().replace(tzinfo=UTC)
    assert DESK.next_open(theirs) == DESK.next_open(start)


@settings(max_examples=50, deadline=None)
@given(moments, moments)
def test_the_time_between_is_what_businesstimedelta_counts(one: datetime, other: datetime) -> None:
    first, last = sorted((one, other))
    last = min(last, first + timedelta(days=40))  # it walks from rule to rule and needs milliseconds a day
    counted = BUSINESS_RULES.difference(first, last)
    ours = DESK.between(first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))
    assert ours == counted.timedelta.total_seconds()
