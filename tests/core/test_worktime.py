"""The rules of working time, one sentence and one example each."""

from __future__ import annotations

import doctest
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from zusage.ground.reasons import Refused
from zusage.ground.worktime import Calendar, PublicHolidays, Season

BERLIN = ZoneInfo("Europe/Berlin")
WORKWEEK = ("mon", "tue", "wed", "thu", "fri")
LUNCH = [("09:00", "12:00"), ("13:00", "17:00")]
ALL_DAY = [("00:00", "24:00")]
EVERY_DAY = (*WORKWEEK, "sat", "sun")
HOUR = 3600


def week(days: tuple[str, ...] = WORKWEEK, hours: list[tuple[str, str]] = LUNCH) -> dict[str, list[tuple[str, str]]]:
    return dict.fromkeys(days, hours)


DESK = Calendar.of("Europe/Berlin", week(), public=PublicHolidays("DE", "SN"))


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def clock(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.reason.code for finding in refused.value.findings]


def test_working_time_stops_for_lunch_and_for_the_night() -> None:
    assert clock(DESK.add(at("2026-11-23 11:00"), 2 * HOUR)) == "2026-11-23 14:00"
    assert clock(DESK.add(at("2026-11-23 16:00"), 2 * HOUR)) == "2026-11-24 10:00"


def test_time_that_ends_at_closing_is_due_at_closing() -> None:
    assert clock(DESK.add(at("2026-11-23 09:00"), 7 * HOUR)) == "2026-11-23 17:00"
    assert clock(DESK.add(at("2026-11-23 09:00"), 7 * HOUR + 1)) == "2026-11-24 09:00"


def test_a_request_in_closed_hours_starts_with_the_next_opening() -> None:
    assert clock(DESK.add(at("2026-11-21 11:00"), HOUR)) == "2026-11-23 10:00"
    assert clock(DESK.add(at("2026-11-23 17:00"), HOUR)) == "2026-11-24 10:00"


def test_adding_nothing_gives_the_next_open_moment() -> None:
    assert clock(DESK.add(at("2026-11-23 17:00"), 0)) == "2026-11-24 09:00"
    assert clock(DESK.add(at("2026-11-23 11:30"), 0)) == "2026-11-23 11:30"


def test_subtracting_gives_the_latest_start() -> None:
    assert clock(DESK.subtract(at("2026-11-24 10:00"), 2 * HOUR)) == "2026-11-23 16:00"
    assert clock(DESK.subtract(at("2026-11-24 10:00"), HOUR)) == "2026-11-24 09:00"
    assert clock(DESK.subtract(at("2026-11-24 08:00"), 0)) == "2026-11-23 17:00"


def test_a_block_is_open_at_its_first_moment_and_closed_at_its_last() -> None:
    assert DESK.is_open(at("2026-11-23 09:00"))
    assert not DESK.is_open(at("2026-11-23 12:00"))
    assert not DESK.is_open(at("2026-11-23 17:00"))


def test_next_open_is_at_or_after_and_next_close_is_after() -> None:
    assert clock(DESK.next_open(at("2026-11-23 09:00"))) == "2026-11-23 09:00"
    assert clock(DESK.next_close(at("2026-11-23 12:00"))) == "2026-11-23 17:00"
    assert clock(DESK.next_close(at("2026-11-23 11:59"))) == "2026-11-23 12:00"


def test_a_reversed_interval_is_zero() -> None:
    assert DESK.between(at("2026-11-24 10:00"), at("2026-11-23 10:00")) == 0
    assert DESK.days_between(at("2026-11-24 10:00"), at("2026-11-23 10:00")) == 0


def test_parts_of_a_second_are_dropped() -> None:
    assert DESK.add(at("2026-11-23 10:00:00.900000"), 1) == at("2026-11-23 10:00:01")


def test_a_request_over_new_year_skips_the_holidays_of_both_years() -> None:
    assert clock(DESK.add(at("2026-12-31 16:00"), 2 * HOUR)) == "2027-01-04 10:00"
    assert DESK.add_days(at("2026-12-24 10:00"), 1) == date(2026, 12, 28)


def test_a_leap_day_is_a_day() -> None:
    assert DESK.add_days(at("2028-02-28 10:00"), 1) == date(2028, 2, 29)
    assert DESK.between(at("2028-02-28 00:00"), at("2028-03-01 00:00")) == 14 * HOUR


@pytest.mark.parametrize("year", range(2024, 2031))
def test_a_night_in_march_has_an_hour_less_and_one_in_october_an_hour_more(year: int) -> None:
    night = Calendar.of("Europe/Berlin", week(EVERY_DAY, [("22:00", "06:00")]))
    for month, hours in ((3, 7), (10, 9)):
        sunday = max(day for day in range(25, 32) if date(year, month, day).weekday() == 6)
        begin, end = (
            datetime(year, month, sunday - 1, 22, tzinfo=BERLIN),
            datetime(year, month, sunday, 6, tzinfo=BERLIN),
        )
        assert night.between(begin, end) == hours * HOUR
        assert night.add(begin, hours * HOUR) == end


def test_an_hour_that_spring_skips_moves_forward() -> None:
    calendar = Calendar.of("Europe/Berlin", week(EVERY_DAY, [("01:00", "02:30")]))
    assert clock(calendar.next_close(at("2026-03-29 00:00"))) == "2026-03-29 03:30"
    hidden = Calendar.of("Europe/Berlin", {"sun": [("02:00", "03:00")]})
    assert hidden.periods(at("2026-03-28 00:00"), at("2026-03-31 00:00")) == []


def test_of_an_hour_that_autumn_repeats_the_first_counts() -> None:
    calendar = Calendar.of("Europe/Berlin", {"sun": [("02:15", "02:45")]})
    [(begin, end)] = calendar.periods(at("2026-10-25 00:00"), at("2026-10-26 00:00"))
    assert begin.astimezone(UTC) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2026, 10, 25, 0, 45, tzinfo=UTC)


def test_the_repeated_hour_is_worked_twice_where_a_block_spans_it() -> None:
    calendar = Calendar.of("Europe/Berlin", {"sun": [("02:00", "03:00")]})
    assert calendar.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 2 * HOUR


def test_lord_howe_island_moves_its_clocks_by_half_an_hour() -> None:
    calendar = Calendar.of("Australia/Lord_Howe", week(EVERY_DAY, [("01:00", "04:00")]))
    for day, hours in (("2026-04-05", 3.5), ("2026-10-04", 2.5)):
        begin = at(f"{day} 00:00", "Australia/Lord_Howe")
        assert calendar.between(begin, at(f"{day} 12:00", "Australia/Lord_Howe")) == hours * HOUR


def test_the_day_that_samoa_skipped_is_no_working_day() -> None:
    samoa = Calendar.of("Pacific/Apia", week())
    start = at("2011-12-29 16:00", "Pacific/Apia")
    assert samoa.add_days(start, 1) == date(2012, 1, 2)
    assert clock(samoa.add(start, 2 * HOUR)) == "2012-01-02 10:00"


def test_days_go_on_where_the_clock_fell_back_over_midnight() -> None:
    newfoundland = Calendar.of("America/St_Johns", week())
    first_midnight = datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)
    later = datetime(2010, 11, 7, 3, 0, tzinfo=UTC)
    assert newfoundland.day_of(first_midnight) == newfoundland.day_of(later) == date(2010, 11, 7)


def test_a_block_across_midnight_belongs_to_the_day_it_starts_on() -> None:
    night = Calendar.of("Europe/Berlin", {"fri": [("22:00", "06:00")]}, holidays=[date(2026, 11, 28)])
    assert clock(night.add(at("2026-11-27 23:00"), 7 * HOUR)) == "2026-11-28 06:00"
    assert night.day_of(at("2026-11-28 02:00")) == date(2026, 11, 27)
    assert night.day_of(at("2026-11-28 06:00")) == date(2026, 11, 27)
    assert night.day_of(at("2026-11-28 06:01")) == date(2026, 11, 28)


def test_a_break_at_night_still_belongs_to_the_shift_around_it() -> None:
    night = Calendar.of(
        "Europe/Berlin", week(EVERY_DAY, [("22:00", "06:00")]), breaks={date(2026, 11, 28): [("02:00", "03:00")]}
    )
    assert night.day_of(at("2026-11-28 02:30")) == date(2026, 11, 27)


def test_twenty_four_hours_a_day_are_one_opening() -> None:
    always = Calendar.of("Europe/Berlin", week(WORKWEEK, ALL_DAY))
    assert clock(always.next_close(at("2026-11-23 10:00"))) == "2026-11-28 00:00"
    [(begin, end)] = always.periods(at("2026-11-21 10:00"), count=1)
    assert (clock(begin), clock(end)) == ("2026-11-23 00:00", "2026-11-28 00:00")


def test_closing_at_midnight_is_still_that_day() -> None:
    friday = Calendar.of("Europe/Berlin", {"fri": [("12:00", "24:00")]})
    assert friday.day_of(at("2026-11-28 00:00")) == date(2026, 11, 27)


def test_a_shift_replaces_the_hours_of_its_date_even_on_a_holiday() -> None:
    calendar = Calendar.of(
        "Europe/Berlin",
        week(),
        holidays=[date(2026, 12, 24)],
        shifts={
            date(2026, 12, 24): [("09:00", "11:00")],
            date(2026, 12, 23): [],
            date(2026, 12, 26): [("10:00", "11:00")],
        },
    )
    assert [calendar.between(at(f"2026-12-{day} 00:00"), at(f"2026-12-{day + 1} 00:00")) for day in (23, 24, 26)] == [
        0,
        2 * HOUR,
        HOUR,
    ]


def test_breaks_and_closures_are_taken_out() -> None:
    calendar = Calendar.of(
        "Europe/Berlin",
        week(),
        breaks={date(2026, 11, 23): [("11:00", "14:00"), ("13:30", "14:30")]},
        closures=[(at("2026-11-24 10:00"), at("2026-11-24 15:00")), (date(2026, 11, 25), date(2026, 11, 26))],
    )
    found = calendar.periods(at("2026-11-23 00:00"), at("2026-11-28 00:00"))
    assert [(clock(begin), clock(end)[11:]) for begin, end in found] == [
        ("2026-11-23 09:00", "11:00"),
        ("2026-11-23 14:30", "17:00"),
        ("2026-11-24 09:00", "10:00"),
        ("2026-11-24 15:00", "17:00"),
        ("2026-11-27 09:00", "12:00"),
        ("2026-11-27 13:00", "17:00"),
    ]


def test_a_closure_may_be_open_ended() -> None:
    calendar = Calendar.of("Europe/Berlin", week(), closures=[(date(2026, 11, 25), date.max)])
    assert clock(calendar.subtract(at("2030-01-01 00:00"), 0)) == "2026-11-24 17:00"


def test_a_season_has_its_own_hours_up_to_and_including_its_last_day() -> None:
    summer = Season(date(2026, 7, 1), date(2026, 7, 31), {"fri": [("08:00", "12:00")]})
    calendar = Calendar.of("Europe/Berlin", week(), seasons=[summer])
    assert clock(calendar.add(at("2026-06-30 16:00"), 2 * HOUR)) == "2026-07-03 09:00"
    assert clock(calendar.add(at("2026-07-31 11:00"), 2 * HOUR)) == "2026-08-03 10:00"


def test_absences_make_a_persons_calendar_out_of_the_firms() -> None:
    person = DESK.minus([(date(2026, 11, 23), date(2026, 11, 24)), (at("2026-11-25 09:00"), at("2026-11-25 10:00"))])
    assert clock(person.add(at("2026-11-23 10:00"), HOUR)) == "2026-11-25 11:00"
    assert clock(DESK.add(at("2026-11-23 10:00"), HOUR)) == "2026-11-23 11:00"


def test_a_pause_is_counted_in_working_time() -> None:
    waiting = DESK.minus([(at("2026-11-23 11:00"), at("2026-11-24 10:00"))])
    assert clock(waiting.add(at("2026-11-23 10:00"), 2 * HOUR)) == "2026-11-24 11:00"
    assert waiting.between(at("2026-11-23 10:00"), at("2026-11-24 11:00")) == 2 * HOUR


def test_pauses_that_overlap_stop_the_clock_once() -> None:
    waiting = DESK.minus(
        [(at("2026-11-23 10:00"), at("2026-11-23 11:30")), (at("2026-11-23 11:00"), at("2026-11-23 14:00"))]
    )
    assert clock(waiting.add(at("2026-11-23 09:00"), 2 * HOUR)) == "2026-11-23 15:00"


def test_a_day_that_is_paused_from_opening_to_closing_does_not_count() -> None:
    paused = DESK.minus([(at("2026-11-23 15:00"), at("2026-11-25 10:00"))])
    assert paused.add_days(at("2026-11-23 10:00"), 1) == date(2026, 11, 25)


def test_days_from_a_closed_day_first_roll_forward_then_count() -> None:
    saturday = at("2026-11-21 11:00")
    assert DESK.add_days(saturday, 0) == date(2026, 11, 23)
    assert DESK.add_days(saturday, 1) == date(2026, 11, 24)
    assert DESK.subtract_days(saturday, 1) == date(2026, 11, 20)
    assert DESK.days_between(saturday, at("2026-11-25 08:00")) == 2


def test_a_request_after_closing_counts_for_that_day() -> None:
    assert DESK.add_days(at("2026-11-23 20:00"), 1) == date(2026, 11, 24)


def test_a_promise_in_days_is_due_when_the_day_closes() -> None:
    day = DESK.add_days(at("2026-11-23 20:00"), 2)
    assert clock(DESK.day_periods(day)[-1][1]) == "2026-11-25 17:00"


def test_the_third_working_day_of_a_month_and_its_last() -> None:
    assert DESK.nth_day(date(2027, 1, 1), 3) == date(2027, 1, 6)
    assert DESK.nth_day(date(2026, 12, 31), -1) == date(2026, 12, 31)
    assert DESK.nth_day(date(2027, 1, 3), -1) == date(2026, 12, 31)
    assert DESK.nth_day(date(2027, 1, 1), -2) == date(2026, 12, 30)


def test_the_same_clock_time_on_another_day_stays_within_its_hours() -> None:
    calendar = Calendar.of("Europe/Berlin", week(), shifts={date(2026, 11, 24): [("10:00", "11:00")]})
    tuesday = date(2026, 11, 24)
    assert clock(calendar.on_day(at("2026-11-23 10:30"), tuesday)) == "2026-11-24 10:30"
    assert clock(calendar.on_day(at("2026-11-23 09:30"), tuesday)) == "2026-11-24 10:00"
    assert clock(calendar.on_day(at("2026-11-23 19:30"), tuesday)) == "2026-11-24 11:00"
    assert clock(calendar.on_day(at("2026-11-22 19:30"), tuesday)) == "2026-11-24 10:00"


def test_periods_are_cut_at_start_and_end() -> None:
    found = DESK.periods(at("2026-11-23 11:00"), at("2026-11-23 14:00"))
    assert [(clock(begin)[11:], clock(end)[11:]) for begin, end in found] == [("11:00", "12:00"), ("13:00", "14:00")]
    assert DESK.periods(at("2026-11-23 11:00"), at("2026-11-23 14:00"), count=1) == found[:1]
    assert DESK.periods(at("2026-11-23 14:00"), at("2026-11-23 11:00")) == []


@pytest.mark.parametrize(
    ("country", "state", "categories", "day"),
    [
        ("DE", "BY", ("catholic",), date(2026, 8, 15)),
        ("DE", "SL", (), date(2026, 8, 15)),
        ("DE", "MV", (), date(2027, 3, 8)),
        ("DE", "TH", (), date(2027, 9, 20)),
        ("DE", "BE", (), date(2028, 6, 17)),
        ("DE", "SN", (), date(2026, 11, 18)),
        ("DE", "BB", (), date(2026, 5, 24)),
        ("AT", None, (), date(2026, 12, 8)),
        ("CH", "ZH", (), date(2026, 5, 1)),
        ("CH", "TI", (), date(2026, 3, 19)),
        ("FR", None, (), date(2026, 7, 14)),
        ("US", None, (), date(2027, 12, 31)),
    ],
)
def test_a_public_holiday_is_closed(country: str, state: str | None, categories: tuple[str, ...], day: date) -> None:
    calendar = Calendar.of("Europe/Berlin", week(EVERY_DAY), public=PublicHolidays(country, state, categories))
    assert calendar.day_periods(day) == []


def test_assumption_day_is_open_in_bavaria_without_the_category() -> None:
    bavaria = Calendar.of("Europe/Berlin", week(EVERY_DAY), public=PublicHolidays("DE", "BY"))
    assert len(bavaria.day_periods(date(2026, 8, 15))) == 2


@pytest.mark.parametrize(
    "state", ["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"]
)
def test_every_german_state_is_closed_on_unity_day(state: str) -> None:
    calendar = Calendar.of("Europe/Berlin", week(EVERY_DAY), public=PublicHolidays("DE", state))
    assert calendar.day_periods(date(2026, 10, 3)) == []


def test_a_country_whose_feasts_are_known_for_some_years_only_gives_no_warning() -> None:
    calendar = Calendar.of("Asia/Kolkata", week(), public=PublicHolidays("IN"))
    assert len(calendar.day_periods(date(2099, 12, 1))) == 2


@pytest.mark.parametrize("weekly", [{}, week((), [])])
def test_a_calendar_that_never_opens_says_so(weekly: dict[str, list[tuple[str, str]]]) -> None:
    never = Calendar.of("Europe/Berlin", weekly)
    moment = at("2026-11-23 10:00")
    for ask in (
        lambda: never.add(moment, HOUR),
        lambda: never.subtract(moment, HOUR),
        lambda: never.next_open(moment),
        lambda: never.add_days(moment, 1),
        lambda: never.subtract_days(moment, 1),
        lambda: never.nth_day(date(2026, 11, 23), 1),
        lambda: never.periods(moment, count=1),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert codes(refused) == ["worktime_no_opening"]
    assert never.between(moment, at("2030-01-01 00:00")) == 0
    assert not never.is_open(moment)


def test_a_calendar_with_a_holiday_every_day_says_so() -> None:
    days = [date.fromordinal(day) for day in range(date(1970, 1, 1).toordinal(), date(2101, 1, 1).toordinal())]
    with pytest.raises(Refused) as refused:
        Calendar.of("Europe/Berlin", week(), holidays=days).next_open(at("2026-11-23 10:00"))
    assert codes(refused) == ["worktime_no_opening"]


def test_a_calendar_that_never_closes_says_so() -> None:
    always = Calendar.of("Europe/Berlin", week(EVERY_DAY, ALL_DAY))
    with pytest.raises(Refused) as refused:
        always.next_close(at("2026-11-23 10:00"))
    assert codes(refused) == ["worktime_no_closing"]
    assert clock(always.periods(at("2026-11-23 10:00"), count=1)[0][1]) == "2101-01-01 00:00"


def test_a_calendar_that_opens_once_finds_that_day_from_afar() -> None:
    once = Calendar.of("Europe/Berlin", {}, shifts={date(2098, 6, 1): [("10:00", "11:00")]})
    assert clock(once.add(at("1971-06-01 10:00"), HOUR)) == "2098-06-01 11:00"
    assert clock(once.subtract(at("2100-06-01 10:00"), HOUR)) == "2098-06-01 10:00"


def test_the_first_and_the_last_days_of_the_years_have_answers() -> None:
    calendar = Calendar.of("Pacific/Kiritimati", week(EVERY_DAY))
    assert clock(calendar.next_open(datetime(1970, 1, 1, tzinfo=UTC))) == "1970-01-01 09:00"
    assert calendar.day_of(datetime(2100, 12, 31, 23, tzinfo=UTC)) == date(2101, 1, 1)


@pytest.mark.parametrize("moment", [datetime(1969, 12, 31, 23, 59, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)])
def test_a_moment_outside_the_years_is_refused(moment: datetime) -> None:
    with pytest.raises(Refused) as refused:
        DESK.is_open(moment)
    assert codes(refused) == ["worktime_out_of_range"]


def test_a_duration_beyond_all_years_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        DESK.add(at("2026-11-23 10:00"), 10**30)
    assert codes(refused) == ["worktime_no_opening"]


def test_what_makes_no_sense_is_refused() -> None:
    moment = at("2026-11-23 10:00")
    for ask, code in (
        (lambda: DESK.add(moment, -1), "worktime_negative"),
        (lambda: DESK.subtract_days(moment, -1), "worktime_negative"),
        (lambda: DESK.nth_day(moment.date(), 0), "worktime_day_zero"),
        (lambda: DESK.nth_day(date(2200, 1, 1), 1), "worktime_out_of_range"),
        (lambda: DESK.on_day(moment, date(2026, 11, 22)), "worktime_closed_day"),
        (lambda: DESK.periods(moment), "worktime_no_end"),
        (lambda: DESK.add(moment.replace(tzinfo=None), 1), "worktime_naive_time"),
        (lambda: DESK.minus([(moment.replace(tzinfo=None), moment)]), "worktime_naive_time"),
        (lambda: DESK.minus([(moment, at("2026-11-22 10:00"))]), "worktime_reversed_span"),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert codes(refused) == [code]


def test_all_mistakes_of_a_calendar_are_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        Calendar.of(
            "Europe/Leipzig",
            {
                "mon": [("09:00", "9")],
                "mo": [],
                "tue": [("10:00", "10:00")],
                "wed": [("09:00", "12:00"), ("11:00", "13:00")],
            },
            public=PublicHolidays("DE", "XX", ("jedi",)),
            seasons=[
                Season(date(2026, 7, 31), date(2026, 7, 1), {}),
                Season(date(2026, 6, 1), date(2026, 8, 1), {"sun": [("22:00", "04:00")], "mon": [("03:00", "08:00")]}),
            ],
            breaks={date(2026, 11, 23): [("24:01", "24:02")]},
            closures=[(date(2026, 11, 24), date(2026, 11, 22))],
        )
    assert sorted(codes(refused)) == [
        "worktime_bad_clock",
        "worktime_bad_clock",
        "worktime_bad_clock",
        "worktime_empty_block",
        "worktime_overlapping_blocks",
        "worktime_overlapping_blocks",
        "worktime_overlapping_seasons",
        "worktime_reversed_season",
        "worktime_reversed_span",
        "worktime_unknown_category",
        "worktime_unknown_subdivision",
        "worktime_unknown_weekday",
        "worktime_unknown_zone",
    ]


@pytest.mark.parametrize("zone", ["", "Europe", "../etc/passwd", "Europe/Berl\0in", "x" * 5000])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Refused) as refused:
        Calendar.of(zone, week())
    assert codes(refused) == ["worktime_unknown_zone"]


@pytest.mark.parametrize("country", ["XX", "de", "HolidayBase", ""])
def test_an_unknown_country_is_refused(country: str) -> None:
    with pytest.raises(Refused) as refused:
        Calendar.of("Europe/Berlin", week(), public=PublicHolidays(country))
    assert codes(refused) == ["worktime_unknown_country"]


def test_equal_calendars_are_equal_and_can_be_keys() -> None:
    again = Calendar.of("Europe/Berlin", week(), public=PublicHolidays("DE", "SN"))
    again.next_open(at("2026-11-23 10:00"))
    assert {DESK: 1}[again] == 1


def test_the_page_about_working_time_tells_the_truth() -> None:
    page = Path(__file__).parents[2] / "docs" / "developer" / "worktime.md"
    examples, failed = doctest.testfile(str(page), module_relative=False, encoding="utf-8")[::-1]
    assert examples > 20
    assert failed == 0
