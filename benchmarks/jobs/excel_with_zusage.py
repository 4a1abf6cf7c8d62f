"""A folder with a customer list in Excel comes in, how many customers it holds and their metres go out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import narwhals as nw

from zusage import engine
from zusage.book import read_book


def main(folder: Path, out: Path) -> None:
    """Recognise, read and check the list."""
    customers = read_book(folder).tables["customers"]
    totals = engine.rows(customers.select(nw.len().alias("rows"), nw.col("distance_m").sum().alias("metres")))[0]
    (out / "totals.json").write_text(json.dumps(totals))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
