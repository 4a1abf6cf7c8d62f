"""What always holds for working time, whatever the calendar; and the vector form gives what one call gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from zusage.ground.reasons import Refused
from zusage.ground.worktime import Calendar, PublicHolidays, Season
from zusage.ground.worktime.vector import Pauses, add_days_many, add_many, between_many

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2031))
ZONES = ("Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Africa/Casablanca", "UTC")
SOURCES = (
    None,
    PublicHolidays("DE", "SN"),
    PublicHolidays("DE", "BY", ("catholic",)),
    PublicHolidays("AT"),
    PublicHolidays("CH", "ZH"),
)

# a busy machine is no mistake: no deadline, and no complaint about slow examples
calm = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seconds = st.integers(FIRST, LAST)
moments = seconds.map(lambda second: datetime.fromtimestamp(second, UTC))
durations = st.one_of(st.integers(0, 3 * 86_400), st.integers(0, 200).map(lambda quarter: quarter * 900))
dates = seconds.map(lambda second: date.fromordinal(second // 86_400 + 719_163))


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def blocks(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Up to two blocks with a lunch break between them, the last one perhaps up to or over midnight."""
    edges = sorted(draw(st.lists(st.integers(0, 96).map(lambda quarter: quarter * 15), max_size=4, unique=True)))
    found = [(clock(begin), clock(end)) for begin, end in zip(edges[::2], edges[1::2], strict=False)]
    if found and draw(st.integers(0, 4)) == 0 and edges[0] > 0:
        found[-1] = (found[-1][0], "00:00")
    if found and draw(st.integers(0, 4)) == 0 and edges[0] >= 240:
        found[-1] = (found[-1][0], "04:00")
    return [(begin, end) for begin, end in found if begin != end]


early = st.just([("05:00", "11:00")])
spans = st.lists(
    st.tuples(moments, st.integers(0, 20 * 86_400)).map(lambda s: (s[0], s[0] + timedelta(seconds=s[1]))), max_size=4
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    weekly = {key: draw(blocks()) for key in WEEKDAYS}
    near = dates.filter(lambda day: day.year < 2031)
    summer = draw(near)
    try:
        calendar = Calendar.of(
            draw(st.sampled_from(ZONES)),
            weekly,
            public=draw(st.sampled_from(SOURCES)),
            holidays=draw(st.lists(near, max_size=3)),
            seasons=draw(
                st.sampled_from([[], [Season(summer, summer + timedelta(days=40), {"tue": [("08:00", "12:00")]})]])
            ),
            shifts=draw(st.dictionaries(near, blocks(), max_size=3)),
            breaks=draw(st.dictionaries(near, blocks(), max_size=3)),
        )
    except Refused:  # a night that runs into the next day's hours
        assume(False)
    assume(any(weekly.values()))
    return calendar


@calm
@given(calendars(), moments, durations)
def test_adding_gives_the_duration_back_between(calendar: Calendar, start: datetime, duration: int) -> None:
    assert calendar.between(start, calendar.add(start, duration)) == duration


@calm
@given(calendars(), moments, durations)
def test_subtracting_undoes_adding(calendar: Calendar, start: datetime, duration: int) -> None:
    start = calendar.next_open(start)
    if duration:
        assert calendar.subtract(calendar.add(start, duration), duration).astimezone(UTC) == start.astimezone(UTC)


@calm
@given(calendars(), moments, durations)
def test_adding_undoes_subtracting(calendar: Calendar, due: datetime, duration: int) -> None:
    due = calendar.subtract(due, 0)
    if duration:
        assert calendar.add(calendar.subtract(due, duration), duration).astimezone(UTC) == due.astimezone(UTC)


@calm
@given(calendars(), moments, moments, durations, st.integers(0, 9))
def test_who_asks_later_is_never_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, duration: int, days: int
) -> None:
    early, late = sorted((one, other))
    assert calendar.add(early, duration) - EPOCH <= calendar.add(late, duration) - EPOCH
    assert calendar.subtract(early, duration) - EPOCH <= calendar.subtract(late, duration) - EPOCH
    assert calendar.day_of(early) <= calendar.day_of(late)
    assert calendar.add_days(early, days) <= calendar.add_days(late, days)
    assert calendar.subtract_days(early, days) <= calendar.subtract_days(late, days)


@calm
@given(calendars(), st.lists(moments, min_size=3, max_size=3))
def test_the_parts_of_an_interval_add_up(calendar: Calendar, three: list[datetime]) -> None:
    first, middle, last = sorted(three)
    whole = calendar.between(first, last)
    assert calendar.between(first, middle) + calendar.between(middle, last) == whole
    assert calendar.days_between(first, middle) + calendar.days_between(middle, last) == calendar.days_between(
        first, last
    )
    clipped = calendar.periods(first, last)
    assert sum(int((end - EPOCH).total_seconds() - (begin - EPOCH).total_seconds()) for begin, end in clipped) == whole


@calm
@given(calendars(), moments, durations, st.integers(0, 9), spans)
def test_pauses_and_fewer_hours_never_make_anything_due_earlier(
    calendar: Calendar, start: datetime, duration: int, days: int, taken: list[tuple[datetime, datetime]]
) -> None:
    fewer = calendar.minus(taken)
    assert fewer.add(start, duration) - EPOCH >= calendar.add(start, duration) - EPOCH
    assert fewer.subtract(start, duration) - EPOCH <= calendar.subtract(start, duration) - EPOCH
    assert fewer.add_days(start, days) >= calendar.add_days(start, days)


@calm
@given(calendars(), moments, st.integers(0, 20), spans)
def test_counting_days_undoes_adding_them(
    calendar: Calendar, start: datetime, days: int, taken: list[tuple[datetime, datetime]]
) -> None:
    paused = calendar.minus(taken)
    day = paused.add_days(start, days)
    opening = paused.day_periods(day)[0][0]
    assert paused.days_between(start, opening) == days
    assert paused.subtract_days(opening, days) == paused.add_days(start, 0)
    assert paused.nth_day(paused.add_days(start, 0), days + 1) == day
    assert paused.day_of(paused.on_day(start, day)) == day


@calm
@given(moments, durations, st.dictionaries(st.sampled_from(WEEKDAYS), early, min_size=1), st.integers(-50, 50))
def test_a_calendar_moved_by_weeks_moves_the_answer(
    start: datetime, duration: int, weekly: dict[str, list[tuple[str, str]]], weeks: int
) -> None:
    shift = timedelta(weeks=weeks)
    day = start.date()
    here = Calendar.of("UTC", weekly, holidays=[day], shifts={day + timedelta(days=3): [("12:00", "14:00")]})
    moved = {day + timedelta(days=3) + shift: [("12:00", "14:00")]}
    there = Calendar.of("UTC", weekly, holidays=[day + shift], shifts=moved)
    assert there.add(start + shift, duration) == here.add(start, duration) + shift
    assert there.add_days(start + shift, 3) == here.add_days(start, 3) + shift


def column(rows: list[datetime]) -> np.ndarray:
    return np.array([int(moment.timestamp()) for moment in rows], dtype="datetime64[s]")


@calm
@given(calendars(), st.lists(st.tuples(moments, moments, durations, st.integers(0, 9), spans), max_size=8))
def test_the_vector_form_gives_what_one_call_gives(
    calendar: Calendar, rows: list[tuple[datetime, datetime, int, int, list[tuple[datetime, datetime]]]]
) -> None:
    starts, ends = column([row[0] for row in rows]), column([row[1] for row in rows])
    wanted = np.array([row[2] for row in rows], dtype=np.int64)
    days = np.array([row[3] for row in rows], dtype=np.int64)
    flat = [(number, begin, end) for number, row in enumerate(rows) for begin, end in row[4]]
    pauses = Pauses(
        np.array([number for number, _, _ in flat], dtype=np.int64),
        column([begin for _, begin, _ in flat]),
        column([end for _, _, end in flat]),
    )
    own = [calendar.minus(row[4]) for row in rows]
    assert add_many(calendar, starts, wanted).tolist() == [
        calendar.add(start, seconds).astimezone(UTC).replace(tzinfo=None) for start, _, seconds, _, _ in rows
    ]
    assert add_many(calendar, starts, wanted, pauses).tolist() == [
        clock.add(row[0], row[2]).astimezone(UTC).replace(tzinfo=None) for clock, row in zip(own, rows, strict=True)
    ]
    assert between_many(calendar, starts, ends).tolist() == [calendar.between(row[0], row[1]) for row in rows]
    assert between_many(calendar, starts, ends, pauses).tolist() == [
        clock.between(row[0], row[1]) for clock, row in zip(own, rows, strict=True)
    ]
    assert add_days_many(calendar, starts, days).tolist() == [calendar.add_days(row[0], row[3]) for row in rows]


DESK = Calendar.of(
    "Europe/Berlin", {"mon": [("09:00", "12:00"), ("13:00", "17:00")]}, public=PublicHolidays("DE", "SN")
)


def test_a_row_without_an_answer_is_not_a_time() -> None:
    starts = np.array(
        ["2026-11-23T09:00", "NaT", "1969-01-01", "2101-01-01", "2100-12-31T20:00"], dtype="datetime64[s]"
    )
    one = np.ones(5, dtype=np.int64)
    assert add_many(DESK, starts, one).astype(str).tolist() == ["2026-11-23T09:00:01", "NaT", "NaT", "NaT", "NaT"]
    assert between_many(DESK, starts, starts[:1].repeat(5)).tolist() == [0, -1, -1, -1, 0]
    assert add_days_many(DESK, starts, one).astype(str).tolist() == ["2026-11-30", "NaT", "NaT", "NaT", "NaT"]


def test_a_calendar_that_never_opens_has_no_answers() -> None:
    never = Calendar.of("Europe/Berlin", {})
    starts = np.array(["2026-11-23T09:00"], dtype="datetime64[s]")
    far = np.array([2**62])
    for calendar in (never, DESK):
        assert add_many(calendar, starts, far).astype(str).tolist() == ["NaT"]
        assert add_days_many(calendar, starts, far).astype(str).tolist() == ["NaT"]
    assert between_many(never, starts, starts + 99_999_999).tolist() == [0]


def test_columns_below_zero_are_refused() -> None:
    starts = np.array(["2026-11-23T09:00"], dtype="datetime64[s]")
    for ask in (add_many, add_days_many):
        with pytest.raises(Refused) as refused:
            ask(DESK, starts, np.array([-1]))
        assert [finding.reason.code for finding in refused.value.findings] == ["worktime_negative"]


def test_a_pause_that_ends_years_later_is_waited_for() -> None:
    starts = np.array(["2026-11-23T09:00"], dtype="datetime64[s]")
    pauses = Pauses(np.array([0]), starts, np.array(["2043-06-01T00:00"], dtype="datetime64[s]"))
    assert add_many(DESK, starts, np.array([3600]), pauses).astype(str).tolist() == ["2043-06-01T08:00:00"]
    assert add_many(DESK, starts, np.array([0]), pauses).astype(str).tolist() == ["2043-06-01T07:00:00"]
