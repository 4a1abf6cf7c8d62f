"""Working time against an oracle that knows no rule but stepping: it walks over UTC minute by minute and looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zusage.ground.worktime import Calendar

MINUTE = timedelta(minutes=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOW_DAYS = 12
Block = tuple[int, int]

# the Sunday nights on which clocks change, the turn of the year, leap days, and zones with odd steps
WINDOWS = [
    *(("Europe/Berlin", date(year, 3, 24)) for year in range(2024, 2031)),
    *(("Europe/Berlin", date(year, 10, 23)) for year in range(2024, 2031)),
    ("Europe/Berlin", date(2026, 12, 26)),
    ("Europe/Berlin", date(2028, 2, 24)),
    ("Australia/Lord_Howe", date(2026, 4, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 1)),
    ("Pacific/Apia", date(2011, 12, 26)),
    ("America/New_York", date(2026, 3, 5)),
    ("America/Havana", date(2026, 10, 29)),
    ("Africa/Cairo", date(2026, 4, 21)),
    ("America/Santiago", date(2026, 9, 2)),
    ("Asia/Kathmandu", date(2026, 5, 1)),
    ("Africa/Casablanca", date(2026, 2, 12)),
    ("UTC", date(2026, 5, 1)),
]


class Oracle:
    """Which UTC minutes are open, and the day each belongs to."""

    def __init__(self, zone: str, first: date, blocks: dict[date, list[Block]], pauses: list[Block]) -> None:
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - 2 * timedelta(days=1)
        self.moments = [begin + MINUTE * step for step in range((WINDOW_DAYS + 5) * 1440)]
        self.local = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in self.moments]
        self.first_pass: dict[datetime, int] = {}
        for step, local in enumerate(self.local):
            self.first_pass.setdefault(local, step)
        self.day: dict[int, date] = {}
        dates = {local.date() for local in self.local}
        for day in sorted(dates & blocks.keys()):
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a clock on the wall
            for opens, closes in sorted(blocks[day]):
                for step in range(self.step(midnight + MINUTE * opens), self.step(midnight + MINUTE * closes)):
                    self.day.setdefault(step, day)
        for opens, closes in pauses:
            for step in range(opens, closes):
                self.day.pop(step, None)
        self.workdays = sorted(set(self.day.values()))

    def step(self, wall: datetime) -> int:
        """The first minute a wall clock shows this time; one it skips is shown moved on by what it skipped."""
        if wall in self.first_pass:
            return self.first_pass[wall]
        after = next(step for step, local in enumerate(self.local) if local > wall)
        return self.first_pass[wall + (self.local[after] - self.local[after - 1] - MINUTE)]

    def add(self, start: int, minutes: int) -> int | None:
        for step in range(start, len(self.moments)):
            if step in self.day:
                if minutes <= 1:
                    return step + minutes
                minutes -= 1
        return None

    def subtract(self, due: int, minutes: int) -> int | None:
        for step in range(due - 1, -1, -1):
            if step in self.day:
                if minutes <= 1:
                    return step + 1 - minutes
                minutes -= 1
        return None

    def between(self, start: int, end: int) -> int:
        return sum(step in self.day for step in range(start, end))

    def next_close(self, start: int) -> int | None:
        later = range(start + 1, len(self.moments))
        return next((step for step in later if step - 1 in self.day and step not in self.day), None)

    def day_of(self, step: int) -> date:
        if step in self.day or step - 1 in self.day:
            return self.day.get(step) or self.day[step - 1]
        following = next((self.day[later] for later in range(step, len(self.moments)) if later in self.day), date.max)
        return min(self.local[step].date(), following)

    def workday(self, step: int, days: int) -> date | None:
        rolled = [day for day in self.workdays if day >= self.day_of(step)]
        index = self.workdays.index(rolled[0]) + days if rolled else -1
        return self.workdays[index] if 0 <= index < len(self.workdays) else None


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def days_of_blocks(draw: st.DrawFn) -> list[Block]:
    """Up to three blocks apart from each other, the last one perhaps overnight; quarter hours and odd minutes."""
    edge = st.one_of(st.integers(0, 96).map(lambda quarter: quarter * 15), st.integers(0, 1440))
    edges = sorted(draw(st.lists(edge, max_size=6, unique=True)))
    blocks = list(zip(edges[::2], edges[1::2], strict=False))
    if blocks and draw(st.booleans()):
        opens = blocks.pop()[0]
        closes = draw(st.integers(0, min(opens, 600) - 1)) if opens else 1440
        blocks.append((opens, closes if opens == 0 else closes + 1440))
    return blocks


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), window=st.sampled_from(WINDOWS))
def test_every_answer_is_what_walking_through_the_minutes_finds(data: st.DataObject, window: tuple[str, date]) -> None:
    zone, first = window
    dates = [first + timedelta(days=number) for number in range(WINDOW_DAYS)]
    blocks = {day: data.draw(days_of_blocks()) for day in dates}
    size = (WINDOW_DAYS + 4) * 1440
    spans = st.tuples(st.integers(0, size), st.integers(0, 3000)).map(lambda span: (span[0], sum(span)))
    pauses = data.draw(st.lists(spans, max_size=3))
    oracle = Oracle(zone, first, blocks, pauses)
    shifts = {
        day: [(clock(opens), clock(closes if closes <= 1440 else closes - 1440)) for opens, closes in held]
        for day, held in blocks.items()
    }
    begin = oracle.moments[0]
    calendar = Calendar.of(zone, {}, shifts=shifts).minus(
        [(begin + MINUTE * opens, begin + MINUTE * closes) for opens, closes in pauses]
    )

    def step_of(moment: datetime) -> int:
        return (moment - begin) // MINUTE

    for _ in range(6):
        at, until, minutes, days = (data.draw(st.integers(0, limit)) for limit in (size, size, 2000, 4))
        moment, later = oracle.moments[at], oracle.moments[until]
        assert calendar.is_open(moment) == (at in oracle.day)
        assert calendar.between(moment, later) == 60 * oracle.between(at, until)
        assert calendar.day_of(moment) == oracle.day_of(at)
        if (due := oracle.add(at, minutes)) is not None:
            assert step_of(calendar.add(moment, 60 * minutes)) == due
        if (opening := oracle.add(at, 0)) is not None:
            assert step_of(calendar.next_open(moment)) == opening
        if (start := oracle.subtract(at, minutes)) is not None:
            assert step_of(calendar.subtract(moment, 60 * minutes)) == start
        if (day := oracle.workday(at, days)) is not None:
            assert calendar.add_days(moment, days) == day
        if (day := oracle.workday(at, -days)) is not None:
            assert calendar.subtract_days(moment, days) == day


def test_the_oracle_finds_the_next_closing_and_the_periods_too() -> None:
    week = {"mon": [(540, 720), (720, 1020)], "tue": [(0, 1440)], "wed": [(0, 300), (1320, 1440)]}
    first = date(2026, 10, 20)
    dates = [first + timedelta(days=number) for number in range(WINDOW_DAYS)]
    blocks = {day: week.get(WEEKDAYS[day.weekday()], []) for day in dates}
    oracle = Oracle("Europe/Berlin", first, blocks, [])
    calendar = Calendar.of(
        "Europe/Berlin", {key: [(clock(opens), clock(closes)) for opens, closes in held] for key, held in week.items()}
    )
    for at in range(2880, 10 * 1440, 7):
        close = oracle.next_close(at)
        assert close is not None
        assert calendar.next_close(oracle.moments[at]) == oracle.moments[close]
    begin, end = 3 * 1440 + 360, 12 * 1440 + 360  # both closed
    edges = [step for step in range(begin + 1, end) if (step in oracle.day) != (step - 1 in oracle.day)]
    found = calendar.periods(oracle.moments[begin], oracle.moments[end])
    assert [edge.astimezone(UTC) for period in found for edge in period] == [oracle.moments[step] for step in edges]
