"""A size and a seed come in, an invented bank goes out as a Parquet book: customers, contracts, yields, work, logs.

The same seed gives the same book. Work rows come in the order of days, as a log has them, so that the rows of one
customer lie anywhere; a few customers cause most of the work, a few others bring most of the yield.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree

import numpy as np
import polars as pl
from benchmarks.process import DATA

FIRST, LAST = date(2024, 9, 1), date(2026, 8, 31)
DAYS = (LAST - FIRST).days + 1
ACTIVITIES = {
    "call": 0.36,
    "mail": 0.24,
    "counter": 0.14,
    "meeting": 0.04,
    "loan_advice": 0.01,
    "claim": 0.06,
    "identity_check": 0.03,
    "annual_check": 0.02,
    "greeting": 0.10,
}
"""Keys of policy.yaml with their share of the work rows."""
LINES = ("Girokonto", "Depot", "Baufinanzierung", "Haftpflicht", "Hausrat", "Altersvorsorge")
UNMEASURED = 0.2
CHUNK = 2_000_000  # work rows of one file


@dataclass(frozen=True)
class Size:
    customers: int
    work: int


SIZES = {
    "tiny": Size(5_000, 100_000),
    "small": Size(100_000, 2_000_000),
    "main": Size(1_000_000, 20_000_000),
    "large": Size(2_000_000, 40_000_000),
}


def book(name: str, seed: int = 1) -> Path:
    """The folder of the book of a size; written once, complete or not at all."""
    folder = DATA / f"{name}-{seed}"
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        rmtree(part, ignore_errors=True)
        (part / "work").mkdir(parents=True)
        _write(part, SIZES[name], seed)
        part.rename(folder)
    return folder


def _write(folder: Path, size: Size, seed: int) -> None:
    _customers(size, seed).write_parquet(folder / "customers.parquet")
    _contracts(size, seed).write_parquet(folder / "contracts.parquet")
    _yields(size, seed).write_parquet(folder / "yields.parquet")
    for number, start in enumerate(range(0, size.work, CHUNK)):
        end = min(start + CHUNK, size.work)
        _work(size, start, end, seed).write_parquet(folder / "work" / f"part-{number:03}.parquet")
    pl.DataFrame({"log": ["times"], "first_on": [FIRST], "last_on": [LAST]}).write_parquet(folder / "logs.parquet")


def _random(seed: int, table: str, part: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, *table.encode(), part])


def _ids(numbers: np.ndarray) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(8)


def _day(first: date, days: np.ndarray) -> pl.Series:
    return pl.Series((np.datetime64(first) + days).astype("datetime64[D]"))


def _customers(size: Size, seed: int) -> pl.DataFrame:
    random = _random(seed, "customers")
    ids = _ids(np.arange(size.customers))
    days = random.integers(0, 9_000, size.customers)
    return pl.DataFrame(
        {"customer_id": ids, "household_id": ids, "name": "Muster " + ids, "since": _day(date(2000, 1, 1), days)}
    )


def _contracts(size: Size, seed: int) -> pl.DataFrame:
    random = _random(seed, "contracts")
    owners = np.repeat(np.arange(size.customers), random.integers(0, 4, size.customers))
    lines = pl.Series(LINES).gather(random.integers(0, len(LINES), owners.size))
    ids = "V" + _ids(np.arange(owners.size))
    return pl.DataFrame({"contract_id": ids, "customer_id": _ids(owners), "product_line": lines})


def _yields(size: Size, seed: int) -> pl.DataFrame:
    """One or two recurring rows of each year, and a one-off one for every twentieth customer."""
    random = _random(seed, "yields")
    every = np.arange(size.customers)
    worth = random.lognormal(9.6, 1.3, size.customers).astype(np.int64)  # cents a year: half of them below 150 €
    yearly = np.concatenate([every, every, every[random.random(size.customers) < 0.5]])
    once = random.choice(every, size.customers // 20, replace=False)
    owners = np.concatenate([yearly, once])
    kinds = np.repeat(["recurring", "one_off"], [yearly.size, once.size])
    booked = pl.DataFrame(
        {
            "customer_id": _ids(owners),
            "booked_on": _day(FIRST, random.integers(0, DAYS, owners.size)),
            "kind": kinds,
            "amount_cents": worth[owners] * np.where(kinds == "one_off", 3, 1),
        }
    )
    return booked.sort("booked_on", maintain_order=True)


def _work(size: Size, start: int, end: int, seed: int) -> pl.DataFrame:
    random = _random(seed, "work", start)
    rows = end - start
    # the square puts half of the work on a quarter of the customers
    owners = (random.random(rows) ** 2 * size.customers).astype(np.int64)
    days = np.sort(random.integers(start * DAYS // size.work, max(end * DAYS // size.work, 1), rows))
    seconds = random.gamma(2, 240, rows).astype(np.int64) + 20
    keys = pl.Series(list(ACTIVITIES)).gather(random.choice(len(ACTIVITIES), rows, p=list(ACTIVITIES.values())))
    return pl.DataFrame(
        {
            "customer_id": _ids(owners * 7_919 % size.customers),  # the busy ones are spread over all ids
            "log": pl.repeat("times", rows, eager=True),
            "done_on": _day(FIRST, days),
            "activity": keys,
            "seconds": pl.Series(seconds).set(pl.Series(random.random(rows) < UNMEASURED), None),
        }
    )


if __name__ == "__main__":
    made = SIZES[sys.argv[1]]
    print(json.dumps({"folder": str(book(sys.argv[1])), "customers": made.customers, "work": made.work}))
