"""A folder with commission lines comes in, the control totals of the file go out: lines, cents, cents by kind."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import narwhals as nw

from zusage import engine
from zusage.book import read_book


def main(folder: Path, out: Path) -> None:
    """Recognise, read, join to the customers, check."""
    book = read_book(folder)
    file = next(item for item in book.files if item.kind == "yields")
    yields = book.tables["yields"]
    kinds = engine.rows(yields.group_by("kind").agg(nw.col("amount_cents").sum()).sort("kind"))
    totals = {"rows": file.assigned, "cents": file.assigned_cents, "kinds": [row["amount_cents"] for row in kinds]}
    (out / "totals.json").write_text(json.dumps(totals))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
