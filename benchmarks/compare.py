"""The folders the jobs wrote to come in; SystemExit with what differs, or nothing where all of them agree."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl


def compare(zusage: Path, by_hand: Path, *others: Path) -> None:
    """Zusage and Polars by hand must agree in every cell, the others in money and class of every customer."""
    ours = {name: pl.read_parquet(zusage / f"{name}.parquet") for name in ("accounts", "memberships")}
    for name, table in ours.items():
        other = pl.read_parquet(by_hand / f"{name}.parquet")
        if table.schema != other.schema or not table.equals(other):
            raise SystemExit(f"{name}: Zusage and Polars by hand disagree in {_unequal(table, other)}")
    money = ("customer_id", "yield_cents", "cost_cents", "contribution_cents")
    classes = ours["accounts"].select(money).with_columns(ours["memberships"]["class_key"])
    if not ours["accounts"]["customer_id"].equals(ours["memberships"]["customer_id"]):
        raise SystemExit("accounts and memberships list different customers")
    for folder in others:
        other = pl.read_parquet(folder / "memberships.parquet")
        if not classes.equals(other):
            raise SystemExit(f"Zusage and {folder.name} disagree in {_unequal(classes, other)}")


def _unequal(table: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    if table.columns != other.columns or table.height != other.height:
        return ["columns or number of rows"]
    return [name for name in table.columns if not table[name].equals(other[name])]


if __name__ == "__main__":
    compare(*map(Path, sys.argv[1:]))
