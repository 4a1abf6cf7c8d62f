"""The same lines by pandas: read, drop what is no customer's, negative amounts are cancellations."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd


def main(folder: Path, out: Path) -> None:
    """Read with the German marks named, as nobody tells pandas what zusage.book finds out itself."""
    form = {"sep": ";", "encoding": "cp1252", "dtype": {"Kundennummer": "str", "Buchungsdatum": "str"}}
    booked = pd.read_csv(folder / "Courtage.csv", decimal=",", thousands=".", **form)
    booked["Buchungsdatum"] = pd.to_datetime(booked["Buchungsdatum"], format="%d.%m.%Y")
    customers = pd.read_csv(folder / "Kunden.csv", **form)
    booked = booked[booked["Kundennummer"].isin(customers["Kundennummer"])]
    cents = (booked["Betrag"] * 100).round().astype("int64")
    sums = cents.groupby(cents >= 0).sum()  # cancellations first, recurring money second
    totals = {"rows": len(booked), "cents": int(cents.sum()), "kinds": sums.to_list()}
    (out / "totals.json").write_text(json.dumps(totals))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
