"""A log and what came after it come in; what the simulation said beforehand beside what happened goes out.

Run with `python -m benchmarks.capacity.calibrate [--write-docs]`. *An office of other assumptions* works through all
weeks of a year: patience is lognormal instead of exponential, people turn to customers at random moments for random
stretches instead of regular turns, other calls back reach nobody, and handling has nothing to do with who called. The
simulation reads every second stretch of four weeks as its log; what happened is counted in the others. Where moments
and lengths are real, they are those of two public data sets:

- moments: each order of an online shop, to the minute, 53 weeks (Online Retail, UCI): real bursts, weekdays, seasons;
- lengths: 45,211 telephone calls of a bank in seconds (Bank Marketing, UCI).

Without `../shared/data` beside the repository these cases are left out, and that is printed. The others are drawn
with a season, with lognormal handling, and with bursts: a storm multiplies the requests of a few days.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zusage import engine
from zusage.book.tables import SCHEMAS
from zusage.capacity import kernel
from zusage.capacity.arrivals import Requests, past_requests
from zusage.capacity.draw import due_moments
from zusage.capacity.intervals import student
from zusage.capacity.kernel import NEVER, Rules, Spans, Work, in_order
from zusage.capacity.simulate import Habits, simulate
from zusage.capacity.staffing import Blocks, Person, blocks_of
from zusage.ground.worktime.vector import add_many
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.promises.clock import calendar_of
from zusage.promises.replay import MEMBERS

DATA = Path(__file__).parents[2].parent / "shared" / "data"
PAGE = Path(__file__).parents[2] / "docs" / "developer" / "simulation.md"
BEGIN, END = "<!-- calibration -->", "<!-- /calibration -->"
CUSTOMERS = 300
SHARES = {"A": 0.2, "B": 0.3, "C": 0.5}
POLICY = """
zusage: 1
version: calibration
firm: {name: Calibration, state: SN, profile: general, language: en}
resources:
  roles:
    inside: {people: 2, yearly_cost: 80000, weekly_hours: 35, weeks: 52, practical_share: 60 %}
activities:
  call: {cause: asked, role: inside, minutes: 6, around: 6, match: [{log: calls}]}
classes:
  best_first:
    A: {name: A, when: {yield: {from: 600}}}
    B: {name: B, when: {yield: {from: 150}}}
    C: {name: C}
services:
  callback: {name: Call back, kind: standard, measure: response}
matrix:
  callback: {A: {mode: within_hours, number: 2}, B: same_day, C: next_workday}
"""


@dataclass(frozen=True)
class Case:
    """Moments (local day and second) and lengths of calls."""

    name: str
    day: NDArray[np.datetime64]
    second: NDArray[np.int64]
    seconds: NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    """What was said of a class and what happened; permille."""

    case: str
    use: str
    class_key: str
    said: int
    low: int
    high: int
    ahead_low: int  # where so few weeks may lie by chance
    ahead_high: int
    happened: int


def drawn_case(name: str, seed: int, *, burst: float = 1.0, spread: float = 0.8) -> Case:
    """A year of calls: a season of a third, two peaks a day; in storms `burst` times as many."""
    dice = np.random.default_rng(seed)
    first = date(2025, 1, 6)
    days, seconds = [], []
    storms = {int(day) + step for day in dice.integers(0, 364, 8) for step in range(2)} if burst > 1 else set()
    for number in range(52 * 7):
        day = first + timedelta(number)
        if day.weekday() < 5:
            mean = 32 * (1 + np.sin(number / 58) / 3) * (burst if number in storms else 1)
            count = dice.poisson(mean)
            peak = dice.choice([10.0, 14.5], count)
            clock = np.clip(dice.normal(peak, 1.2, count), 8.5, 17.4)
            days += [day] * count
            seconds += (clock * 3600).astype(int).tolist()
    length = dice.lognormal(5.3, spread, len(days)).astype(np.int64)
    return Case(name, np.array(days, dtype="datetime64[D]"), np.array(seconds), length)


def real_cases() -> Iterator[Case]:
    """The orders of the shop as calls, thinned to what two people can do; each as long as a call of the bank."""
    shop, bank = DATA / "online_retail" / "online_retail.csv.gz", DATA / "bank_marketing" / "bank_full.csv.gz"
    if not (shop.exists() and bank.exists()):
        print(f"left out: no {shop} or {bank}")
        return
    with gzip.open(shop, "rt", encoding="utf-8") as lines:
        moments = {row["InvoiceNo"]: row["InvoiceDate"] for row in csv.DictReader(lines)}
    with gzip.open(bank, "rt", encoding="utf-8") as lines:
        calls = np.array([int(row["duration"]) for row in csv.DictReader(lines)])
    for seed, keep in ((11, 0.40), (12, 0.50)):
        dice = np.random.default_rng(seed)
        found = [datetime.fromisoformat(moment) for moment in moments.values() if dice.random() < keep]
        day = np.array([moment.date() for moment in found], dtype="datetime64[D]")
        second = np.array([moment.hour * 3600 + moment.minute * 60 for moment in found])
        yield Case(f"real moments and lengths, {keep:.0%} of them", day, second, dice.choice(calls, len(found)))


def requests_of(case: Case, policy: Policy, customers: NDArray[np.int64], rows: NDArray[np.bool_]) -> Requests:
    """The calls of some rows as a book and back."""
    count = int(rows.sum())
    keys = [f"{number:04d}" for number in range(CUSTOMERS)]
    work = {
        "customer_id": [keys[number] for number in customers[rows]],
        "log": ["calls"] * count,
        "done_on": case.day[rows].tolist(),
        "start_second": case.second[rows].tolist(),
        "direction": ["in"] * count,
        "seconds": case.seconds[rows].tolist(),
    }
    tables = {name: engine.empty(schema) for name, schema in SCHEMAS.items()}
    tables["work"] = engine.table(work, SCHEMAS["work"])
    ends = np.cumsum(list(SHARES.values())) * CUSTOMERS
    classes = [list(SHARES)[int(np.searchsorted(ends, number, side="right"))] for number in range(CUSTOMERS)]
    members = engine.table({"customer_id": keys, "class_key": classes}, MEMBERS)
    return past_requests(tables, members, policy)


def happened(
    asked: Requests, ahead: list[date], policy: Policy, weekly: int, dice: np.random.Generator
) -> dict[str, tuple[int, int]]:
    """Kept and counted by class in the weeks ahead, in an office of other assumptions that works through all weeks."""
    calendar = calendar_of(policy)
    row = np.arange(len(asked))
    due = due_moments(asked, row, asked.moment, policy, calendar, {}).astype(np.int64)
    patience = dice.lognormal(np.log(60 * 3600), 1.0, len(asked)).astype(np.int64)
    at = asked.moment.astype(np.int64)
    work = Work(
        at=at,
        place=in_order([asked.urgency, due, at]),
        seconds=dice.permutation(asked.seconds),
        role=asked.role,
        gone=add_many(calendar, asked.moment, patience).astype(np.int64),
        misses=np.where(dice.random(len(asked)) < 0.25, 1, 0),
    )
    weeks = (asked.mondays[-1] - asked.mondays[0]).days // 7 + 1
    blocks = blocks_of(calendar, asked.mondays[0], weeks)
    people = [_stretches(blocks, weekly, dice) for _ in range(2)]
    end = int(blocks.closes.max())
    trace = kernel.run(work, people, [], Rules(attempt_seconds=60, retry_seconds=4 * 3600, until=end))
    started, left = np.array(trace.started), np.array(trace.given_up)
    kept = (started < NEVER) & (started <= due)
    later = np.isin(asked.week, [asked.mondays.index(monday) for monday in ahead])
    late = ~kept & (due < end) & ~(left & (work.gone <= due))
    return {
        key: (int((kept & own).sum()), int(((kept | late) & own).sum()))
        for number, key in enumerate(asked.classes)
        for own in [(asked.class_index == number) & later]
    }


def _stretches(blocks: Blocks, weekly: int, dice: np.random.Generator) -> Spans:
    """Somebody at the desk for minutes at a stretch between other things: short and long ones by chance."""
    share = weekly / blocks.weekly_seconds
    opens: list[int] = []
    closes: list[int] = []
    for begin, end in zip(blocks.opens.tolist(), blocks.closes.tolist(), strict=True):
        now = begin if dice.random() < share else begin + int(dice.exponential(2400 * (1 - share)))
        while now < end:
            until = min(end, now + 1 + int(dice.exponential(2400 * share)))
            opens.append(now)
            closes.append(until)
            now = until + 1 + int(dice.exponential(2400 * (1 - share)))
    return Spans(0, opens, closes)


def compare(case: Case, use: float, seed: int) -> Iterator[Line]:
    """The first half says, the second half happens."""
    policy = read_policy_text(POLICY).policy
    dice = np.random.default_rng(seed)
    customers = dice.integers(0, CUSTOMERS, len(case.day))
    # every second stretch of four weeks is the log, so that both halves see every season
    stretch = (case.day.astype(np.int64) + 3) // 28 % 2
    past = requests_of(case, policy, customers, stretch == 0)
    whole = requests_of(case, policy, customers, stretch >= 0)
    busy = past.seconds.sum() / len(past.mondays)
    weekly = int(busy / use / 2)
    staff = (Person("inside", weekly, 52_000),) * 2
    said = simulate(past, staff, policy, weeks=52, runs=10, seed=seed, habits=Habits(unreached_permille=250))
    ahead = [monday for monday in whole.mondays if monday not in past.mondays]
    truth = happened(whole, ahead, policy, weekly, dice)
    weeks = len(past.mondays) / len(ahead)
    for item in said.classes:
        kept, counted = truth[item.class_key]
        low, high = item.low_permille or 0, item.high_permille or 0
        share = item.kept_permille or 0
        # so many weeks ahead have chance of their own, as the weeks of the log had: both count
        wider = sqrt(1 + weeks)
        own = student(950, len(past.mondays) - 1) * sqrt(share * (1000 - share) / max(1, counted)) / 2
        yield Line(
            case.name, f"{use:.0%}", item.class_key, share, low, high,
            max(0, round(share - max((share - low) * wider, own))),
            min(1000, round(share + max((high - share) * wider, own))),
            kept * 1000 // counted,
        )  # fmt: skip


def table(lines: list[Line]) -> str:
    """Markdown: one line for each class of each case, and how many lie inside."""
    heads = ("case", "busy", "class", "said", "interval of the mean", "range for the weeks ahead", "happened", "")
    rows = ["| " + " | ".join(heads) + " |", "|---|---:|---|---:|---:|---:|---:|---|"]
    inside = 0
    for item in lines:
        hit = item.ahead_low <= item.happened <= item.ahead_high
        inside += hit
        figures = (item.said, f"{item.low}–{item.high}", f"{item.ahead_low}–{item.ahead_high}", item.happened)
        rows.append(f"| {item.case} | {item.use} | {item.class_key} | " + " | ".join(map(str, figures))
                    + f" | {'inside' if hit else 'outside'} |")  # fmt: skip
    return "\n".join([*rows, "", f"Figures in thousandths. Inside the range: {inside} of {len(lines)}."])


def run() -> str:
    """All cases at two loads."""
    cases = [
        drawn_case("season, lognormal handling", 1),
        drawn_case("heavier tail (σ = 1.4)", 2, spread=1.4),
        drawn_case("storms, five times as many", 3, burst=5),
        *real_cases(),
    ]
    lines = [
        line for number, case in enumerate(cases) for use in (0.7, 0.9) for line in compare(case, use, 100 + number)
    ]
    return table(lines)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write-docs", action="store_true")
    asked = options.parse_args()
    text = run()
    print(text)
    if asked.write_docs:
        page = PAGE.read_text("utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", "utf-8", newline="\n")
