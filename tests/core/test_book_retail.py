"""Half a million real invoice lines give the same totals as a database does."""

from __future__ import annotations

import csv
import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest

from zusage import engine
from zusage.book import read_book

RETAIL = Path(__file__).parents[2].parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
MAPPING = """files:
  online_retail.csv:
    table: yields
    amount: [Quantity, UnitPrice]
    columns: {InvoiceNo: null, InvoiceDate: booked_on}
    decimal: "."
    derive_customers: true
"""
QUERY = """
WITH priced AS (
    SELECT customer, day, (2 * abs(units) + 100) / 200 * (CASE WHEN units < 0 THEN -1 ELSE 1 END) AS cents FROM lines
)
SELECT count(*), sum(customer = ''), sum(cents), sum(CASE WHEN customer = '' THEN cents ELSE 0 END),
       min(day), max(day), count(DISTINCT nullif(customer, ''))
FROM priced
"""


def test_the_totals_of_online_retail_are_those_of_a_database(tmp_path: Path) -> None:
    if not RETAIL.exists():
        pytest.skip("the data set Online Retail is not here")
    with gzip.open(RETAIL) as packed, (tmp_path / "online_retail.csv").open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
    with sqlite3.connect(":memory:") as database, (tmp_path / "online_retail.csv").open(newline="") as stream:
        database.execute("CREATE TABLE lines (customer TEXT, units INTEGER, day TEXT)")
        lines = csv.DictReader(stream)
        database.executemany(
            "INSERT INTO lines VALUES (?, ? * CAST(ROUND(? * 10000) AS INTEGER), ?)",
            (
                (line["CustomerID"], int(line["Quantity"]), float(line["UnitPrice"]), line["InvoiceDate"][:10])
                for line in lines
            ),
        )
        expected = database.execute(QUERY).fetchone()
    book = read_book(tmp_path)
    total = book.files[0]
    customers = engine.rows(book.tables["customers"].select("customer_id"))
    assert (
        total.rows,
        total.unassigned,
        total.sum_cents,
        total.unassigned_cents,
        str(total.first_on),
        str(total.last_on),
        len(customers),
    ) == expected
    assert (total.rejected, total.assigned + total.unassigned) == (0, total.rows)
