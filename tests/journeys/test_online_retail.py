"""Half a million invoice lines of a shop: from the file to classes, each figure checked against a database."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.real import database, policy, unpacked, zusage

from zusage import engine
from zusage.book import Book, read_book

SET = "online_retail/online_retail.csv.gz"
MAPPING = """
files:
  online_retail.csv:
    table: yields
    columns: {InvoiceNo: contract_id, InvoiceDate: booked_on, CustomerID: customer_id, Description: null, Country: null}
    amount: [Quantity, UnitPrice]
    decimal: "."
    derive_customers: true
"""
CLASSES = """
    A: {name: Premium, when: {any: [{yield: {from: 5000, stay: 4500}}, {contracts: 40}]}}
    B: {name: Komfort, when: {all: [{yield: {from: 1000, stay: 900}}, {contracts: 3}]}}
    C: {name: Klassik}"""
LINES = """
CREATE TABLE lines AS
SELECT CustomerID AS customer, InvoiceNo AS invoice, substr(InvoiceDate, 1, 10) AS day,
       (2 * abs(units) + 100) / 200 * (CASE WHEN units < 0 THEN -1 ELSE 1 END) AS cents
FROM (SELECT *, CAST(Quantity AS INTEGER) * CAST(round(CAST(UnitPrice AS REAL) * 10000) AS INTEGER) AS units FROM raw)
"""
YEAR = "day BETWEEN '2010-12-01' AND '2011-11-30'"  # the last whole twelve months of a file that ends on 9 December
FIGURES = f"""
SELECT customer, sum(CASE WHEN {YEAR} THEN cents ELSE 0 END) AS cents, count(DISTINCT invoice) AS invoices
FROM lines WHERE customer != '' GROUP BY customer
"""  # noqa: S608 - a constant
CLASS = """CASE WHEN cents >= 500000 OR invoices >= 40 THEN 'A' WHEN cents >= 100000 AND invoices >= 3 THEN 'B'
ELSE 'C' END"""


@dataclass
class Shop:
    folder: Path
    sql: sqlite3.Connection
    book: Book
    printed: dict[str, Any]

    def one(self, query: str) -> Any:
        return self.sql.execute(query).fetchone()

    def table(self, name: str) -> list[dict[str, Any]]:
        return engine.rows(engine.read_parquet(self.folder / "result" / f"{name}.parquet"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    sql = database(SET, ("InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"))
    sql.executescript(LINES)
    folder = tmp_path_factory.mktemp("shop")
    (folder / "book").mkdir()
    unpacked(SET, folder / "book" / "online_retail.csv")
    (folder / "book" / "mapping.yaml").write_text(MAPPING, "utf-8")
    (folder / "policy.yaml").write_text(policy(CLASSES), "utf-8")
    done = zusage("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--no-report", "--json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    yield Shop(folder, sql, read_book(folder / "book"), json.loads(done.stdout))
    sql.close()


def test_every_line_is_assigned_or_unassigned_and_none_is_lost(shop: Shop) -> None:
    (total,) = shop.book.files
    assert (total.rows, total.rejected, len(shop.book.rejects)) == (*shop.one("SELECT count(*) FROM raw"), 0, 0)
    counted = shop.one("SELECT sum(customer != ''), sum(customer = '') FROM lines")
    assert (total.assigned, total.unassigned) == counted


def test_the_control_totals_are_those_of_the_database(shop: Shop) -> None:
    (total,) = shop.book.files
    sums = "sum(cents), sum(cents) FILTER (WHERE customer != ''), sum(cents) FILTER (WHERE customer = '')"
    expected = shop.one(f"SELECT {sums}, min(day), max(day) FROM lines")  # noqa: S608 - a constant
    found = total.sum_cents, total.assigned_cents, total.unassigned_cents
    assert (*found, str(total.first_on), str(total.last_on)) == expected


def test_credit_notes_lower_the_sum_by_what_they_hold(shop: Shop) -> None:
    credit = "SELECT sum(cents) FROM lines WHERE invoice LIKE 'C%' AND customer != ''"
    found = sum(
        row["amount_cents"] for row in engine.rows(shop.book.tables["yields"]) if row["contract_id"].startswith("C")
    )
    assert found == shop.one(credit)[0] < 0


def test_the_yields_of_all_accounts_are_the_money_of_the_year(shop: Shop) -> None:
    expected = shop.one(f"SELECT sum(cents) FROM lines WHERE customer != '' AND {YEAR}")  # noqa: S608 - a constant
    assert (sum(row["yield_cents"] for row in shop.table("accounts")),) == expected


def test_what_belongs_to_nobody_is_shown_as_a_sum(shop: Shop) -> None:
    missing = shop.one("SELECT count(*), sum(cents) FROM lines WHERE customer = ''")
    found = [(row["rows"], row["cents"]) for row in shop.printed["unassigned"]]
    assert found == [missing]


def test_every_customer_has_the_class_the_database_gives(shop: Shop) -> None:
    expected = dict(shop.sql.execute(f"SELECT customer, {CLASS} FROM ({FIGURES})"))  # noqa: S608 - constants
    found = {row["customer_id"]: row["class_key"] for row in shop.table("memberships")}
    assert len(expected) == 4372
    assert found == expected
    counts = Counter(expected.values())
    assert {row["class_key"]: row["customers"] for row in shop.printed["classes"]} == counts
    assert set(counts) == {"A", "B", "C"}


def test_a_customer_at_the_cut_is_in_the_class_and_one_cent_below_is_not(shop: Shop) -> None:
    units = {row["unit_id"]: row for row in shop.table("units")}
    nearest = f"SELECT customer, cents, {CLASS} FROM ({FIGURES}) ORDER BY abs(cents - 500000) LIMIT 8"  # noqa: S608
    rows = shop.sql.execute(nearest).fetchall()
    assert [(units[customer]["yield_cents"], units[customer]["class_key"]) for customer, _, _ in rows] == [
        (cents, key) for _, cents, key in rows
    ]
