"""A year of random requests comes in; the time of a million due moments, beside numpy's own business days, goes out.

Run with `python -m benchmarks.worktime`. Both sides see the same days and the same public holidays of Saxony; they
take turns, and the medians of seven rounds are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median
from time import perf_counter

import numpy as np

from zusage.ground.worktime import Calendar, PublicHolidays
from zusage.ground.worktime.vector import add_days_many, add_many, between_many

ROWS, ROUNDS, CALLS = 1_000_000, 7, 10_000
SAXONY = PublicHolidays("DE", "SN")


def desk() -> Calendar:
    """Monday to Friday with a lunch break, in Saxony."""
    hours = [("09:00", "12:30"), ("13:30", "18:00")]
    return Calendar.of("Europe/Berlin", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), hours), public=SAXONY)


def seconds_of(work: Callable[[], object]) -> float:
    """How long one run takes."""
    begin = perf_counter()
    work()
    return perf_counter() - begin


def run() -> dict[str, float]:
    """Measure, print, and return the medians in seconds (scalar calls: seconds a call)."""
    seed = np.random.default_rng(1)
    year = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    starts = (year + seed.integers(0, 365 * 86_400, ROWS)).astype("datetime64[s]")
    seconds = seed.integers(0, 80 * 3600, ROWS)
    days = seed.integers(0, 10, ROWS)
    dates = starts.astype("datetime64[D]")
    holidays = np.array([date.fromordinal(day) for y in (2025, 2026, 2027) for day in SAXONY.days(y)], "datetime64[D]")
    calendar = desk()
    ends = add_many(calendar, starts, seconds)
    moments = [datetime.fromtimestamp(int(second), UTC) for second in starts[:CALLS].astype(np.int64)]
    work: dict[str, Callable[[], object]] = {
        "numpy.busday_offset, 1M": lambda: np.busday_offset(dates, days, roll="forward", holidays=holidays),
        "add_many, 1M": lambda: add_many(calendar, starts, seconds),
        "between_many, 1M": lambda: between_many(calendar, starts, ends),
        "add_days_many, 1M": lambda: add_days_many(calendar, starts, days),
        "Calendar.add, one call": lambda: [calendar.add(moment, 7200) for moment in moments],
        "new calendar and first add": lambda: desk().add(moments[0], 7200),
    }
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, job in work.items():
            taken[name].append(seconds_of(job) / (CALLS if name.endswith("one call") else 1))
    found = {name: median(times) for name, times in taken.items()}
    for name, value in found.items():
        print(f"{name:30} {value * 1000:10.4f} ms   {value / found['numpy.busday_offset, 1M']:8.4f} × busday_offset")
    return found


if __name__ == "__main__":
    run()
