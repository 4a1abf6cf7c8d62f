"""Days, times, durations and words as files write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zusage.book import cells
from zusage.book.cells import Contradiction, Undecided, Unreadable


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("5.1.2026", date(2026, 1, 5)),
        ("05.01.26", date(2026, 1, 5)),
        ("5.1.98", date(1998, 1, 5)),
        ("31.12.49", date(2049, 12, 31)),
        ("2026-01-05", date(2026, 1, 5)),
        ("2026-01-05T10:30:00", date(2026, 1, 5)),
        ("2010-12-01 08:26:00", date(2010, 12, 1)),
        ("20260105", date(2026, 1, 5)),
        ("05/01/2026", date(2026, 1, 5)),
        ("01/2026", date(2026, 1, 1)),
        ("2026-01", date(2026, 1, 1)),
        (46027.0, date(2026, 1, 5)),
        ("46027", date(2026, 1, 5)),
        ("00.00.0000", None),
        ("", None),
        (0.0, None),
    ],
)
def test_a_day_is_read_however_it_is_written(written: str | float, day: date | None) -> None:
    assert cells.day("dmy")(written) == day


@pytest.mark.parametrize(
    "written", ["1.1.1899", "1.1.2101", "1.1.9999", "31.2.2026", "32.1.2026", "gestern", "-5", "1.1", 80_000.0]
)
def test_what_is_no_day_is_refused(written: str | float) -> None:
    with pytest.raises(Unreadable):
        cells.day("dmy")(written)


def test_the_last_day_of_all_days_means_no_end() -> None:
    assert cells.end_day("dmy")("31.12.9999") is None


def test_one_day_beyond_the_twelfth_tells_the_order_of_the_whole_column() -> None:
    assert [cells.date_order(["03/04/2026", "13/04/2026"]), cells.date_order(["03/04/2026", "04/13/2026"])] == [
        "dmy",
        "mdy",
    ]


def test_a_column_of_slashed_days_that_does_not_tell_is_asked_about() -> None:
    with pytest.raises(Undecided):
        cells.date_order(["03/04/2026", "05/05/2026"])


def test_a_column_with_both_orders_names_a_cell_of_each() -> None:
    with pytest.raises(Contradiction) as found:
        cells.date_order(["13/04/2026", "04/13/2026"])
    assert (found.value.one, found.value.other) == ("13/04/2026", "04/13/2026")


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_comes_back_from_each_way_of_writing(day: date) -> None:
    read = cells.day("dmy")
    written = [
        f"{day.day}.{day.month}.{day.year}",
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        float((day - date(1899, 12, 30)).days),
    ]
    assert [read(text) for text in written] == [day] * 4


@pytest.mark.parametrize(
    ("written", "unit", "seconds"),
    [
        ("0:05", None, 300),
        ("1:05:30", None, 3930),
        ("1:30", "mm:ss", 90),
        ("90", "minutes", 5400),
        ("1,5", "hours", 5400),
        ("1.5 Std.", None, 5400),
        ("45 Min.", None, 2700),
        (0.25, "hours", 900),
        ("30", "seconds", 30),
        ("0", None, 0),
        ("", None, None),
    ],
)
def test_a_duration_is_read_with_the_unit_of_its_column(
    written: str | float, unit: cells.Unit | None, seconds: int | None
) -> None:
    assert cells.duration(unit)(written) == seconds


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Dauer (Min.)", "minutes"),
        ("Stunden", "hours"),
        ("Dauer hh:mm", "h:mm"),
        ("Dauer (mm:ss)", "mm:ss"),
        ("Dauer", None),
    ],
)
def test_a_header_tells_the_unit(header: str, unit: str | None) -> None:
    assert cells.unit_of(header) == unit


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Abschlussprovision", "one_off"),
        ("AP", "one_off"),
        ("APStorno", "cancellation"),
        ("Storno AP", "cancellation"),
        ("Folgeprovision", "recurring"),
        ("BP", "recurring"),
        ("Bestandspflege", "recurring"),
        ("laufende Courtage", "recurring"),
        ("Servicegebühr Premium", "fee"),
        ("Sonderbonus", "bonus"),
        ("", None),
    ],
)
def test_the_text_tells_the_kind_of_a_yield(written: str, kind: str | None) -> None:
    assert cells.yield_kind(written) == kind


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("0341/123456", ("+49341123456",)),
        ("0341 123456 / 0171 2345678", ("+49341123456", "+491712345678")),
        ("+49 (0)341 123456; 0043 1 234567", ("+49341123456", "+431234567")),
        (4915112345678.0, ("+4915112345678",)),
        (15112345678.0, ("+4915112345678",)),
        ("'0341123456", ("+49341123456",)),
        ("03023125017 (03023125099)", ("+493023125017",)),
        ("", ()),
        ("anonym", ()),
    ],
)
def test_phone_numbers_become_international(written: str | float, numbers: tuple[str, ...]) -> None:
    assert cells.phones("DE")(written) == numbers


def test_a_phone_number_that_lost_its_digits_is_refused() -> None:
    with pytest.raises(Unreadable, match="book_digits_lost"):
        cells.phones("DE")("4,91512E+12")


@pytest.mark.parametrize(("written", "metres"), [("12,5", 12_500), ("12.5 km", 12_500), (3.0, 3000), ("", None)])
def test_distances_are_kilometres_unless_the_header_says_metres(written: str | float, metres: int | None) -> None:
    assert cells.distance("Entfernung")(written) == metres
    assert cells.distance("Entfernung (m)")("800") == 800


def test_yes_and_no_are_understood_in_both_languages() -> None:
    read = cells.word("flag")
    assert [read(text) for text in ("Ja", "x", "J", "1", "nein", "N", 0.0, "")] == [
        True,
        True,
        True,
        True,
        False,
        False,
        False,
        None,
    ]
