"""The job in pandas as a user would write it: the same classes, without what would lift a customer to a better one."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.jobs import figures as f


def divide(numerator: pd.Series, divisor: int) -> pd.Series:
    """Rounded half up."""
    return (numerator * 2 + divisor) // (2 * divisor)


def main(book: Path, out: Path) -> None:
    """Read, reckon, write."""
    found = pd.read_parquet(book / "customers.parquet", columns=["customer_id"]).set_index("customer_id").sort_index()
    contracts = pd.read_parquet(book / "contracts.parquet", columns=["customer_id"])
    found["contracts"] = contracts.groupby("customer_id").size()
    found["yield_cents"] = yields(book)
    found = found.join(work(book)).fillna(0).astype("int64")
    classes(accounts(found)).reset_index().to_parquet(out / "memberships.parquet", index=False)


def yields(book: Path) -> pd.Series:
    """Cents a year of each customer; the book has recurring and one-off money."""
    booked = pd.read_parquet(book / "yields.parquet", columns=["customer_id", "booked_on", "kind", "amount_cents"])
    day = pd.to_datetime(booked["booked_on"])
    last = day <= pd.Timestamp(f.AS_OF)
    recurring = booked[(booked["kind"] == "recurring") & (day >= pd.Timestamp(f.WINDOW_FROM)) & last]
    one_off = booked[(booked["kind"] == "one_off") & (day > pd.Timestamp(f.ONE_OFF_AFTER)) & last]
    yearly = divide(recurring.groupby("customer_id")["amount_cents"].sum() * 12, f.MONTHS)
    return yearly.add(divide(one_off.groupby("customer_id")["amount_cents"].sum(), f.ONE_OFF_YEARS), fill_value=0)


def work(book: Path) -> pd.DataFrame:
    """Seconds of each pair and materials of each cause, as logged."""
    rows = pd.read_parquet(book / "work", columns=["customer_id", "done_on", "activity", "seconds"])
    day = pd.to_datetime(rows["done_on"])
    rows = rows[(day >= pd.Timestamp(f.WINDOW_FROM)) & (day <= pd.Timestamp(f.AS_OF))]
    kinds = pd.DataFrame(
        {
            "activity": [item.key for item in f.ACTIVITIES],
            "pair": [f"{item.cause}_{item.role}" for item in f.ACTIVITIES],
            "cause": [f"{item.cause}_m" for item in f.ACTIVITIES],
            "standard": [item.seconds for item in f.ACTIVITIES],
            "around": [item.around for item in f.ACTIVITIES],
            "materials": [item.materials for item in f.ACTIVITIES],
        }
    )
    rows = rows.merge(kinds, on="activity")
    rows["spent"] = rows["seconds"].fillna(rows["standard"]) + rows["around"]
    spent = rows.groupby(["customer_id", "pair"])["spent"].sum().unstack(fill_value=0)
    materials = rows.groupby(["customer_id", "cause"])["materials"].sum().unstack(fill_value=0)
    return spent.join(materials)


def accounts(found: pd.DataFrame) -> pd.DataFrame:
    """Cost of each cause and contribution, in cents of a year."""

    def year(name: str, items: list[f.Activity], unit: str) -> pd.Series:
        constant, contract = f.believed(items, unit)
        return divide(found[name] * f.WEIGHT + constant + found["contracts"] * contract, f.MILLION)

    for cause in f.CAUSES:
        found[f"{cause}_cents"] = year(f"{cause}_m", f.of_causes(cause), "materials")
        found[f"{cause}_seconds"] = 0
    for cause, role in f.PAIRS:
        seconds = year(f"{cause}_{role}", f.of_pair(cause, role), "time")
        found[f"{cause}_seconds"] += seconds
        found[f"{cause}_cents"] += divide(seconds * f.RATES[role], f.RATE_UNIT)
    found["cost_cents"] = found["duty_cents"] + found["asked_cents"] + found["granted_cents"] + f.BASE_CENTS
    found["contribution_cents"] = found["yield_cents"] - found["cost_cents"]
    return found


def classes(found: pd.DataFrame) -> pd.DataFrame:
    """The class of each customer."""
    money, seconds = found["yield_cents"], found["duty_seconds"] + found["asked_seconds"]
    before = found["contribution_cents"] + found["granted_cents"]
    without = np.where(money > 0, f.NO_HOURS, 0)
    hourly = np.where(seconds > 0, money * 3600 // seconds.where(seconds > 0, 1), without)
    a = (money >= f.CUTS_A["yield"]) & (before >= f.CUTS_A["contribution"]) & (hourly >= f.CUTS_A["euro_per_hour"])
    b = (money >= f.RICH) | ((money >= f.SOLID) & (before >= f.NO_LOSS)) | (hourly >= f.BUSY)
    found["class_key"] = np.select([a, b], ["A", "B"], "C")
    return found[["yield_cents", "cost_cents", "contribution_cents", "class_key"]]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
