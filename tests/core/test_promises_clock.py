"""When a response is due: what people call it, what it means to the minute, and what always holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people import changed

from zusage.ground.reasons import Refused
from zusage.ground.worktime import Calendar, PublicHolidays
from zusage.policy.document import Response
from zusage.promises.clock import calendar_of, due
from zusage.promises.vector import due_many

HOURS = [("09:00", "12:00"), ("13:00", "17:00")]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), HOURS)
DESK = Calendar.of("Europe/Berlin", WEEK, public=PublicHolidays("DE", "SN"))
CUT_OFF = 2 * 3600

SAME_DAY, NEXT = Response("same_day"), Response("next_workday")
TUESDAYS = Response("windows", weekdays=("tue", "thu"), from_minute=16 * 60, to_minute=17 * 60)
RESPONSES = [
    *(SAME_DAY, NEXT, TUESDAYS),
    *(Response("within_workdays", number) for number in (1, 3, 10)),
    *(Response("within_hours", number) for number in (1, 4, 30)),
    *(Response("by_weekday", weekdays=days) for days in (("fri",), ("mon", "wed"))),
    Response("windows", weekdays=("mon",), from_minute=11 * 60, to_minute=14 * 60),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+01:00")


@pytest.mark.parametrize(
    ("response", "asked", "expected"),
    [
        (SAME_DAY, "11-20T10:00", "11-20T17:00"),
        (SAME_DAY, "11-20T15:00", "11-20T17:00"),  # two working hours before closing: just in time
        (SAME_DAY, "11-20T15:01", "11-23T11:00"),  # later: the next working day, first thing
        (SAME_DAY, "11-20T22:00", "11-23T11:00"),
        (SAME_DAY, "11-21T10:00", "11-23T17:00"),  # a Saturday counts as the Monday
        (SAME_DAY, "11-23T07:00", "11-23T17:00"),
        (SAME_DAY, "11-18T10:00", "11-19T17:00"),  # Buß- und Bettag in Saxony
        (NEXT, "11-20T10:00", "11-23T17:00"),
        (NEXT, "11-20T20:00", "11-23T17:00"),
        (NEXT, "11-21T10:00", "11-24T17:00"),
        (NEXT, "12-23T10:00", "12-24T17:00"),
        (Response("within_workdays", 3), "11-16T10:00", "11-20T17:00"),
        (Response("within_hours", 4), "11-20T10:00", "11-20T15:00"),  # lunch does not count
        (Response("within_hours", 4), "11-20T16:00", "11-23T12:00"),  # due at closing is due then
        (Response("by_weekday", weekdays=("fri",)), "11-19T10:00", "11-20T17:00"),
        (Response("by_weekday", weekdays=("fri",)), "11-20T10:00", "11-27T17:00"),
        (Response("by_weekday", weekdays=("fri",)), "12-21T10:00", "12-28T17:00"),  # Christmas Day: the Monday after it
        (TUESDAYS, "11-23T10:00", "11-24T17:00"),
        (TUESDAYS, "11-24T16:00", "11-24T17:00"),
        (TUESDAYS, "11-24T16:01", "11-26T17:00"),
        (TUESDAYS, "12-24T16:30", "12-29T17:00"),
    ],
)
def test_a_response_is_due_as_people_mean_it(response: Response, asked: str, expected: str) -> None:
    assert due(response, DESK, at(asked), CUT_OFF) == at(expected)


def test_a_window_is_only_open_as_far_as_the_firm_is() -> None:
    early = DESK.of("Europe/Berlin", WEEK, shifts={date(2026, 11, 24): [("09:00", "16:30")], date(2026, 11, 26): []})
    assert due(TUESDAYS, early, at("11-23T10:00"), CUT_OFF) == at("11-24T16:30")
    assert due(TUESDAYS, early, at("11-24T16:20"), CUT_OFF) == at("12-01T17:00")


def test_a_window_over_lunch_ends_when_it_was_said_to() -> None:
    assert due(RESPONSES[-1], DESK, at("11-23T10:00"), CUT_OFF) == at("11-23T14:00")


def test_on_a_day_shorter_than_the_cut_off_the_same_day_means_asked_before_opening() -> None:
    short = Calendar.of("Europe/Berlin", WEEK, shifts={date(2026, 12, 31): [("09:00", "10:00")]})
    assert due(SAME_DAY, short, at("12-31T08:00"), CUT_OFF) == at("12-31T10:00")
    assert due(SAME_DAY, short, at("12-31T09:01"), CUT_OFF).date() == date(2027, 1, 1)
    assert due(SAME_DAY, short, at("12-30T16:00"), CUT_OFF) == at("12-31T10:00")  # first thing ends when it closes


def test_a_firm_that_is_never_open_in_its_windows_is_refused() -> None:
    evenings = Response("windows", weekdays=("tue",), from_minute=20 * 60, to_minute=21 * 60)
    with pytest.raises(Refused) as caught:
        due(evenings, DESK, at("11-23T10:00"), CUT_OFF)
    assert [item.reason.code for item in caught.value.findings] == ["promise_no_window"]


@pytest.mark.parametrize("year", range(2024, 2031))
def test_the_nights_of_the_clock_changes_move_no_working_hour(year: int) -> None:
    for month, last in ((3, 31), (10, 31)):
        sunday = date(year, month, last) - timedelta((date(year, month, last).weekday() + 1) % 7)
        friday, monday = sunday - timedelta(2), sunday + timedelta(1)
        asked = datetime(friday.year, friday.month, friday.day, 16, tzinfo=DESK.hours.zone)
        found = due(Response("within_hours", 2), DESK, asked, CUT_OFF).astimezone(DESK.hours.zone)
        holiday = not DESK.day_periods(friday) or not DESK.day_periods(monday)
        assert holiday or found == datetime(monday.year, monday.month, monday.day, 10, tzinfo=DESK.hours.zone)


def test_a_leap_day_is_a_working_day_like_any_other() -> None:
    asked = datetime(2028, 2, 28, 10, tzinfo=DESK.hours.zone)
    assert due(NEXT, DESK, asked, CUT_OFF) == datetime(2028, 2, 29, 17, tzinfo=DESK.hours.zone)


def test_a_firm_without_hours_of_its_own_is_there_in_the_usual_ones() -> None:
    calendar = calendar_of(changed())
    assert calendar.periods(at("11-23T00:00"), at("11-24T00:00")) == [
        (at("11-23T09:00"), at("11-23T12:00")),
        (at("11-23T13:00"), at("11-23T17:00")),
    ]


def test_hours_single_days_seasons_and_closures_of_the_policy_make_the_calendar() -> None:
    written = """
opening:
  hours: {mon-thu: "8:30-12, 13-17:30", fri: 9-12}
  days: {2026-12-31: 9-11, 2026-12-30: closed}
  seasons: [{first: 2026-07-01, last: 2026-08-31, hours: {mon-fri: 8-13}}]
  closures: [{first: 2026-12-24, last: 2026-12-28}]
activities:"""
    calendar = calendar_of(changed(("\nactivities:", written)))
    assert [
        sum((closes - opens).seconds for opens, closes in calendar.day_periods(day)) / 3600
        for day in (
            *(date(2026, 11, 19), date(2026, 11, 20), date(2026, 12, 31), date(2026, 12, 30)),
            *(date(2026, 7, 6), date(2026, 12, 28), date(2026, 11, 18)),
        )
    ] == [8.0, 3.0, 2.0, 0.0, 5.0, 0.0, 0.0]


# --- beside independent tools, where they can say the case

HOLIDAYS = [date.fromordinal(day) for year in range(2023, 2032) for day in PublicHolidays("DE", "SN").days(year)]
PLAIN_DESK = Calendar.of("UTC", WEEK, public=PublicHolidays("DE", "SN"))
naive = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1)).map(lambda m: m.replace(microsecond=0))  # noqa: DTZ001


@settings(max_examples=60, deadline=None)
@given(naive, st.integers(1, 20))
def test_promises_in_days_fall_on_the_days_of_numpy(asked: datetime, days: int) -> None:
    closed = np.array(HOLIDAYS, dtype="datetime64[D]")
    expected = np.busday_offset(asked.date(), days, roll="forward", holidays=closed).item()
    found = due(Response("within_workdays", days), PLAIN_DESK, asked.replace(tzinfo=UTC), CUT_OFF)
    assert (found.date(), found.hour) == (expected, 17)


@settings(max_examples=40, deadline=None)
@given(naive, st.integers(1, 40))
def test_promises_in_hours_are_the_business_hours_of_pandas(asked: datetime, hours: int) -> None:
    theirs = pd.offsets.CustomBusinessHour(start=["09:00", "13:00"], end=["12:00", "17:00"], holidays=HOLIDAYS)
    # pandas moves what ends at closing to the next opening
    found = PLAIN_DESK.next_open(due(Response("within_hours", hours), PLAIN_DESK, asked.replace(tzinfo=UTC), CUT_OFF))
    assert pd.Timestamp(asked) + hours * theirs == pd.Timestamp(found.replace(tzinfo=None))


# --- what always holds

calm = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seconds = st.integers(
    int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2030, 12, 1, tzinfo=UTC).timestamp())
)
moments = seconds.map(lambda second: datetime.fromtimestamp(second, UTC))
responses = st.sampled_from(RESPONSES)
days_off = st.sets(st.integers(0, 40), max_size=12)


@calm
@given(responses, moments)
def test_an_answer_is_never_due_before_it_is_asked_for(response: Response, asked: datetime) -> None:
    assert due(response, DESK, asked, CUT_OFF) >= asked


@calm
@given(responses, moments, st.integers(0, 14 * 86_400))
def test_who_asks_earlier_is_answered_no_later(response: Response, asked: datetime, wait: int) -> None:
    assert due(response, DESK, asked, CUT_OFF) <= due(response, DESK, asked + timedelta(seconds=wait), CUT_OFF)


@calm
@given(responses, moments, st.integers(-52, 52))
def test_a_calendar_shifted_by_weeks_shifts_the_answer(response: Response, asked: datetime, weeks: int) -> None:
    plain, shift = Calendar.of("UTC", WEEK), timedelta(weeks=weeks)
    assert due(response, plain, asked + shift, CUT_OFF) == due(response, plain, asked, CUT_OFF) + shift


@calm
@given(responses, moments, days_off, st.booleans())
def test_fewer_opening_hours_make_nothing_due_on_an_earlier_day(
    response: Response, asked: datetime, closed: set[int], afternoons: bool
) -> None:
    shut = [asked.date() + timedelta(number) for number in closed]
    shifts = {day: HOURS[:1] if afternoons and DESK.day_periods(day) else [] for day in shut}
    fewer = Calendar.of("Europe/Berlin", WEEK, public=PublicHolidays("DE", "SN"), shifts=shifts)
    before, after = (due(response, calendar, asked, CUT_OFF) for calendar in (DESK, fewer))
    if response.mode == "within_hours":
        assert before <= after
    assert before.astimezone(DESK.hours.zone).date() <= after.astimezone(DESK.hours.zone).date()


@settings(max_examples=40, deadline=None)
@given(responses, st.lists(moments, min_size=1, max_size=20))
def test_the_column_of_due_moments_equals_one_call_after_another(response: Response, asked: list[datetime]) -> None:
    column = np.array([moment.replace(tzinfo=None) for moment in asked], dtype="datetime64[s]")
    expected = [due(response, DESK, moment, CUT_OFF).replace(tzinfo=None) for moment in asked]
    assert due_many(response, DESK, column, CUT_OFF).tolist() == expected


def test_a_column_asked_exactly_when_a_window_begins_is_answered_in_it() -> None:
    column = np.array(["2026-11-24T15:00:00", "2026-11-24T15:00:01"], dtype="datetime64[s]")
    assert due_many(TUESDAYS, DESK, column, CUT_OFF).astype(str).tolist() == [
        "2026-11-24T16:00:00",
        "2026-11-26T16:00:00",
    ]


def test_a_column_keeps_rows_that_are_not_known() -> None:
    column = np.array(["NaT", "2026-11-20T09:00"], dtype="datetime64[s]")
    for response in RESPONSES:
        assert np.isnat(due_many(response, DESK, column, CUT_OFF)).tolist() == [True, False]
