"""A drawn year of 100,000 requests comes in; the time of one replication goes out, beside simpy on the same draws.

Run with `python -m benchmarks.capacity.simulate [--rows N] [--write-docs]`. Four urgencies, due moments as priorities
within them, customers who give up, twenty people who are always there. Both must find the same first reactions, or
nothing is printed. They take turns, and the medians of the rounds are compared. Smaller years show the growth.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Generator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import simpy
from benchmarks.worktime import seconds_of

from zusage.capacity.kernel import NEVER, Rules, Spans, Work, in_order, run

ROWS, PEOPLE, ROUNDS = 100_000, 20, 5
HOUR = 36_000_000
"""In tenths of milliseconds: in whole seconds much happens at one moment, and simpy has no rule for what goes first."""
YEAR = 365 * 24 * HOUR
PAGE = Path(__file__).parents[2] / "docs" / "developer" / "capacity-benchmarks.md"
BEGIN, END = "<!-- simulate -->", "<!-- /simulate -->"


def drawn(rows: int, seed: int = 1) -> Work:
    """A year of requests that keep twenty people busy for 90 %."""
    dice = np.random.default_rng(seed)
    at = np.sort(dice.integers(0, YEAR, rows))
    urgency = dice.choice(4, rows, p=[0.01, 0.04, 0.05, 0.9])
    due = at + dice.choice([2 * HOUR, 8 * HOUR, 24 * HOUR], rows)
    handling = 0.9 * PEOPLE * YEAR / rows
    return Work(
        at=at,
        place=in_order([urgency, due, at]),
        seconds=dice.lognormal(np.log(handling) - 0.5, 1, rows).astype(np.int64) + 1,
        role=np.zeros(rows, dtype=np.int64),
        gone=at + dice.exponential(3 * HOUR, rows).astype(np.int64) + 1,
        misses=np.zeros(rows, dtype=np.int64),
    )


def by_simpy(work: Work) -> list[int]:
    """The same office with simpy's PriorityResource: a customer waits for a turn or until patience ends."""
    env = simpy.Environment()
    desk = simpy.PriorityResource(env, capacity=PEOPLE)
    started = [NEVER] * len(work.at)
    columns = (work.at.tolist(), work.place.tolist(), work.seconds.tolist(), work.gone.tolist())

    def customer(number: int, place: int, seconds: int, patience: int) -> Generator[Any, Any, None]:
        with desk.request(priority=place) as turn:
            yield turn | env.timeout(patience)
            if turn.triggered and env.now < work_gone[number]:
                started[number] = int(env.now)
                yield env.timeout(seconds)

    work_gone = columns[3]

    def source() -> Generator[Any, Any, None]:
        for number, (at, place, seconds, gone) in enumerate(zip(*columns, strict=True)):
            yield env.timeout(at - env.now)
            env.process(customer(number, place, seconds, gone - at))

    env.process(source())
    env.run()
    return started


def measure(rows: int) -> dict[str, float]:
    """Medians in seconds; raises AssertionError where the two do not agree."""
    work = drawn(rows)
    people = [Spans(0, [0], [2 * YEAR])] * PEOPLE
    mine, peer = run(work, people, [], Rules()).started, by_simpy(work)
    assert mine == peer, "the two do not agree"
    jobs: dict[str, Callable[[], object]] = {
        "zusage": lambda: run(work, people, [], Rules()),
        "simpy": lambda: by_simpy(work),
    }
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            taken[name].append(seconds_of(job))
    return {name: median(times) for name, times in taken.items()}


def table(sizes: list[int]) -> str:
    """Markdown: a line for each size of the year."""
    lines = ["| requests a year | Zusage | simpy | times as fast |", "|---:|---:|---:|---:|"]
    for rows in sizes:
        found = measure(rows)
        times = found["simpy"] / found["zusage"]
        lines.append(f"| {rows:,} | {found['zusage']:.3f} s | {found['simpy']:.2f} s | {times:.1f} |")
        print(lines[-1])
    return "\n".join(lines)


def write_docs(text: str) -> None:
    """Put a table between the markers of the page, which stay."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", "utf-8", newline="\n")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--write-docs", action="store_true")
    asked = options.parse_args()
    found = table([asked.rows // 10, asked.rows // 3, asked.rows])
    if asked.write_docs:
        write_docs(found)
