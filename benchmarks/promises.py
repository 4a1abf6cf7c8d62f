"""A year of random calls comes in; the time of one answer, of a million due moments and of a replay goes out.

Run with `python -m benchmarks.promises`. Due moments stand beside `numpy.busday_offset` with the same holidays, and
beside businesstimedelta on a sample where that is installed. All take turns; the medians of the rounds are printed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.util import find_spec
from statistics import median

import numpy as np
from benchmarks.worktime import seconds_of

from zusage import engine
from zusage.book.tables import WORK
from zusage.engine import Frame
from zusage.ground.worktime import PublicHolidays
from zusage.policy.document import Policy, Response
from zusage.policy.read import read_policy_text
from zusage.policy.templates import template
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.replay import MEMBERS, replay
from zusage.promises.standing import Contact, Request, Standing
from zusage.promises.vector import due_many

ROWS, CUSTOMERS, ROUNDS, CALLS, SAMPLE = 1_000_000, 100_000, 5, 2_000, 2_000
CUT_OFF = 2 * 3600
MODES = {
    "due_many, same_day": Response("same_day"),
    "due_many, within_workdays": Response("within_workdays", 3),
    "due_many, within_hours": Response("within_hours", 6),
}


def calls(seed: np.random.Generator) -> tuple[Frame, Frame]:
    """A million calls of a year, a third of them missed, and the class of every customer."""
    names = np.array([f"{number:07d}" for number in range(CUSTOMERS)])
    work = {
        "customer_id": names[seed.integers(0, CUSTOMERS, ROWS)].tolist(),
        "log": ["calls"] * ROWS,
        "done_on": (np.datetime64("2026-01-01") + seed.integers(0, 365, ROWS)).tolist(),
        "start_second": seed.integers(8 * 3600, 19 * 3600, ROWS).tolist(),
        "direction": np.array(["in", "out", "missed"])[seed.integers(0, 3, ROWS)].tolist(),
    }
    members = {"customer_id": names.tolist(), "class_key": np.array(list("ABC"))[np.arange(CUSTOMERS) % 3].tolist()}
    return engine.table(work, WORK), engine.table(members, MEMBERS)


def one_answer(policy: Policy, urgency: str) -> Callable[[], object]:
    """Many single answers to a customer with ten contacts this year."""
    calendar = calendar_of(policy)
    moments = [datetime(2026, 2, 1 + number % 28, 6 + number % 12, tzinfo=UTC) for number in range(CALLS)]
    standing = Standing("4711", "C", contacts=tuple(Contact(moment) for moment in moments[:10]))
    return lambda: [decide(policy, calendar, standing, Request(at, "callback", urgency=urgency)) for at in moments]


def businesstimedelta_hours(starts: np.ndarray, holidays: list[date]) -> Callable[[], object]:
    """Six business hours from each of a sample of moments, by its own rules; in UTC, for it knows no zoneinfo."""

    import businesstimedelta

    clock = datetime.min.time().replace
    blocks = [
        businesstimedelta.WorkDayRule(start_time=clock(hour=begin), end_time=clock(hour=end), working_days=range(5))
        for begin, end in ((9, 12), (13, 17))
    ]
    rules = businesstimedelta.Rules([*blocks, businesstimedelta.HolidayRule(dict.fromkeys(holidays, ""))])
    six = businesstimedelta.BusinessTimeDelta(rules, hours=6)
    moments = [datetime.fromtimestamp(int(second), UTC) for second in starts[:SAMPLE].astype(np.int64)]
    return lambda: [moment + six for moment in moments]


def run() -> dict[str, float]:
    """Measure, print, and return the medians in seconds; single answers and the sample: seconds for each."""
    seed = np.random.default_rng(1)
    policy = read_policy_text(template("abc", "de")).policy
    slower = read_policy_text(template("abc", "de").replace("A: same_day", "A: within 4 hours")).policy
    calendar = calendar_of(policy)
    starts = (int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) + seed.integers(0, 365 * 86_400, ROWS)).astype(
        "datetime64[s]"
    )
    dates, three = starts.astype("datetime64[D]"), np.full(ROWS, 3)
    holidays = [date.fromordinal(day) for year in (2025, 2026, 2027) for day in PublicHolidays("DE", "SN").days(year)]
    closed = np.array(holidays, dtype="datetime64[D]")
    work, members = calls(seed)
    jobs: dict[str, Callable[[], object]] = {
        "numpy.busday_offset": lambda: np.busday_offset(dates, three, roll="forward", holidays=closed),
        **{name: (lambda mode=mode: due_many(mode, calendar, starts, CUT_OFF)) for name, mode in MODES.items()},
        "replay": lambda: replay(work, members, slower, policy),
        "decide, normal": one_answer(policy, "normal"),
        "decide, emergency": one_answer(policy, "emergency"),
    }
    each = {"decide, normal": CALLS, "decide, emergency": CALLS}
    if find_spec("businesstimedelta"):
        jobs["businesstimedelta"] = businesstimedelta_hours(starts, holidays)
        each["businesstimedelta"] = SAMPLE
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            taken[name].append(seconds_of(job) / each.get(name, 1))
    found = {name: median(times) for name, times in taken.items()}
    for name, value in found.items():
        print(f"{name:28} {value * 1e6:14.1f} µs   for {'one' if name in each else f'{ROWS:,}'}")
    return found


if __name__ == "__main__":
    run()
