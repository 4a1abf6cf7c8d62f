"""A folder of tidy Parquet tables is a book without being held in memory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zusage import engine
from zusage.book import read_book
from zusage.book.tables import SCHEMAS
from zusage.ground.reasons import Refused


def write(path: Path, **columns: list[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def test_tables_in_files_and_folders_are_scanned_and_missing_ones_are_empty(tmp_path: Path) -> None:
    write(tmp_path / "customers.parquet", customer_id=["1", "2"], household_id=["9", None])
    write(tmp_path / "yields" / "2025.parquet", customer_id=["1"], amount_cents=[100], booked_on=[date(2025, 1, 1)])
    write(
        tmp_path / "yields" / "year=2026" / "a.parquet",
        customer_id=["2"],
        amount_cents=[-30],
        booked_on=[date(2026, 2, 1)],
    )
    book = read_book(tmp_path)
    assert list(book.tables) == list(SCHEMAS)
    assert [(row["customer_id"], row["household_id"]) for row in engine.rows(book.tables["customers"])] == [
        ("1", "9"),
        ("2", "2"),
    ]
    assert [row["amount_cents"] for row in engine.rows(book.tables["yields"])] == [100, -30]
    assert engine.rows(book.tables["work"]) == []
    found = [
        (total.file, total.kind, total.rows, total.sum_cents, total.first_on, total.last_on) for total in book.files
    ]
    assert found == [
        ("customers.parquet", "customers", 2, None, None, None),
        ("yields", "yields", 2, 70, date(2025, 1, 1), date(2026, 2, 1)),
    ]


def test_yields_of_strangers_are_counted_and_told(tmp_path: Path) -> None:
    write(tmp_path / "customers.parquet", customer_id=["1"])
    write(tmp_path / "yields.parquet", customer_id=["1", "7", None], amount_cents=[100, 20, 3])
    book = read_book(tmp_path)
    total = book.files[1]
    assert (total.assigned, total.unassigned, total.assigned_cents, total.unassigned_cents) == (1, 2, 100, 23)
    assert [dict(finding.reason.values) for finding in book.findings] == [{"line_count": 2, "sum_cents": 23}]


def test_duplicate_and_missing_customer_ids_are_refused_together(tmp_path: Path) -> None:
    write(tmp_path / "customers.parquet", customer_id=["1", "2", "1", None])
    with pytest.raises(Refused) as refused:
        read_book(tmp_path)
    found = [(finding.reason.code, finding.where.file) for finding in refused.value.findings]
    assert found == [
        ("book_customer_twice", "customers.parquet"),
        ("book_parquet_customers_without_id", "customers.parquet"),
    ]


def test_columns_of_the_wrong_type_are_named_for_all_tables_at_once(tmp_path: Path) -> None:
    write(tmp_path / "customers.parquet", customer_id=["1"], distance_m=["far"])
    write(tmp_path / "yields.parquet", customer_id=["1"], amount_cents=[1.5])
    with pytest.raises(Refused) as refused:
        read_book(tmp_path)
    assert [dict(finding.reason.values) for finding in refused.value.findings] == [
        {"columns": "distance_m", "table": "customers"},
        {"columns": "amount_cents", "table": "yields"},
    ]
