"""Invented books of growing size come in; how long their year by weeks takes, owed and levelled, goes out.

Run with `python -m benchmarks.capacity.load [--write-docs] [customers …]`. The service model is the template `abc`; a
fifth of the customers are in the first class, three tenths in the second. Beside the time stands how close the levelled
year comes to the best there can be: the share of the fullest week, and the bound of the linear program.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import narwhals as nw
import numpy as np

from zusage import engine
from zusage.capacity.weeks import YearPlan, plan_year
from zusage.cost.firm import RoleHours
from zusage.cost.work import pairs
from zusage.engine import Frame
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.policy.templates import template

SIZES, ROUNDS, SEED, AS_OF = (1_000, 10_000, 100_000), 3, 1, date(2026, 10, 31)
PEOPLE = 4
"""So many times the people of the template for a thousand customers."""
PAGE = Path(__file__).parents[2] / "docs" / "developer" / "capacity-benchmarks.md"
BEGIN, END = "<!-- load -->", "<!-- /load -->"


@dataclass(frozen=True)
class Taken:
    """A size with its time in seconds and what came of it; shares in permille, of the role that is fullest."""

    customers: int
    visits: int
    seconds: float
    owed: int
    levelled: int
    bound: int


def book(customers: int, policy: Policy) -> Frame:
    """Classified units of an invented book: class, first day, way, and expected work."""
    random = np.random.default_rng(SEED)
    keys = [item.key for item in policy.classes if not item.provisional][:3]
    asked = random.integers(600, 9_000, customers).tolist()
    columns = {
        "unit_id": [f"{number:07d}" for number in range(customers)],
        "class_key": random.choice(keys, customers, p=[0.2, 0.3, 0.5]).tolist(),
        "since": [date(2005, 1, 1) + timedelta(int(days)) for days in random.integers(0, 7_600, customers)],
        "distance_m": random.integers(0, 25_000, customers).tolist(),
        "service_seconds": asked,
        "observed_seconds": asked,
    }
    names = [pair.seconds for pair in pairs(policy)]
    columns |= {name: asked if place == 0 else [0] * customers for place, name in enumerate(names)}
    schema = dict.fromkeys(columns, nw.Int64) | {
        "unit_id": nw.String,
        "class_key": nw.String,
        "since": nw.Date,
    }
    return engine.collect(engine.table(columns, schema)).lazy()


def staffed(policy: Policy, customers: int) -> Policy:
    """The service model with people enough for a book of this size."""
    more = max(1, customers * PEOPLE // 1_000)
    roles = tuple(replace(role, people_milli=role.people_milli * more) for role in policy.roles)
    return replace(policy, roles=roles)


def hours(policy: Policy) -> list[RoleHours]:
    """The roles of the service model, of whom nothing else is known."""
    return [
        RoleHours(role.key, role.capacity_seconds(), 0, 0, role.internal_seconds_year(), 0, 0, role.rate(AS_OF))
        for role in policy.roles
    ]


def measured(customers: int, policy: Policy) -> Taken:
    """The median of some rounds."""
    units, roles = book(customers, policy), hours(policy)
    times: list[float] = []
    year: YearPlan | None = None
    for _ in range(ROUNDS):
        start = perf_counter()
        year = plan_year(units, roles, policy, AS_OF)
        times.append(perf_counter() - start)
    assert year is not None
    before, after = year.worst(levelled=False), year.worst()
    return Taken(
        customers,
        len(year.contacts),
        median(times),
        before.permille or 0,
        after.permille or 0,
        year.bound_permille[after.role],
    )


def table(found: Sequence[Taken]) -> str:
    """The figures as a table of a page."""
    lines = [
        "| customers | visits | load and levelled plan | fullest week as due | levelled | at least |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for item in found:
        shares = " | ".join(f"{share / 10:,.1f} %" for share in (item.owed, item.levelled, item.bound))
        lines.append(f"| {item.customers:,} | {item.visits:,} | {item.seconds:.2f} s | {shares} |")
    return "\n".join(lines)


def write_docs(text: str) -> None:
    """Put the table between its markers."""
    page = PAGE.read_text("utf-8")
    head, rest = page.split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", "utf-8")


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write where asked."""
    sizes = [int(item) for item in arguments if item.isdigit()] or SIZES
    policy = read_policy_text(template("abc", "de")).policy
    found = [measured(size, staffed(policy, size)) for size in sizes]
    print(table(found))
    if "--write-docs" in arguments:
        write_docs(table(found))


if __name__ == "__main__":
    main(sys.argv[1:])
