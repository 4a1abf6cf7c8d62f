"""A folder of tidy Parquet tables comes in, the tables of a book come out, scanned lazily and never held whole.

For books of millions: `customers.parquet` or `customers/*.parquet`, and so on for each table of tables.py. Tables that
are missing are empty, columns that are missing are unknown.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.book import tables
from zusage.book.result import Book, FileTotals
from zusage.engine import Frame
from zusage.ground.reasons import Finding, Place, Refused, mistake, warning

_FOOTER_BYTES = 65_536


def is_parquet_book(folder: Path) -> bool:
    """Whether the folder holds tidy tables: at least the one of the customers."""
    return _path(folder, "customers") is not None


def _path(folder: Path, table: str) -> Path | None:
    file, parts = folder / f"{table}.parquet", folder / table
    if file.is_file():
        return file
    return parts if parts.is_dir() and any(parts.glob("**/*.parquet")) else None


def read_parquet_book(folder: Path) -> Book:
    """The book of such a folder; raises Refused with all tables that cannot be read and with duplicate customers."""
    frames: dict[str, Frame] = {}
    problems: list[Finding] = []
    for table, schema in tables.SCHEMAS.items():
        path = _path(folder, table)
        try:
            frames[table] = engine.scan_parquet(path, schema) if path else engine.empty(schema)
        except KeyError as error:
            wrong = ", ".join(map(str, error.args))
            problems.append(mistake("book_parquet_types", Place(_name(folder, path)), columns=wrong, table=table))
        except Exception:
            problems.append(mistake("book_parquet_damaged", Place(_name(folder, path))))
    if problems:
        raise Refused(problems)
    return _checked(folder, _with_households(frames))


def _name(folder: Path, path: Path | None) -> str:
    return path.relative_to(folder).as_posix() if path else ""


def _with_households(frames: dict[str, Frame]) -> dict[str, Frame]:
    """A customer without a household is one of its own, as in every other source."""
    household = nw.when(nw.col("household_id").is_null()).then(nw.col("customer_id")).otherwise(nw.col("household_id"))
    frames["customers"] = frames["customers"].with_columns(household.alias("household_id"))
    return frames


def _checked(folder: Path, frames: dict[str, Frame]) -> Book:
    present = [table for table in tables.SCHEMAS if _path(folder, table)]
    counts = [_counts(table, frames) for table in present]
    try:
        *figures, twice = (engine.rows(result) for result in engine.collect_all([*counts, _twice(frames["customers"])]))
    except Exception as error:
        raise Refused([mistake("book_parquet_damaged", Place(folder.name))]) from error
    problems = _customer_problems(
        folder, figures[present.index("customers")][0]["keyless"], [row["customer_id"] for row in twice]
    )
    if problems:
        raise Refused(problems)
    files = [_totals(folder, table, row[0]) for table, row in zip(present, figures, strict=True)]
    findings = [
        warning(
            "book_customers_unknown_sum",
            Place(total.file),
            line_count=total.unassigned,
            sum_cents=total.unassigned_cents,
        )
        for total in files
        if total.unassigned
    ]
    return Book(frames, tuple(files), (), tuple(findings), None)


def _counts(table: str, frames: dict[str, Frame]) -> Frame:
    """One row: how many rows; of customers how many without a number, of yields the sums and the span of days."""
    if table == "customers":
        return frames[table].select(rows=nw.len(), keyless=nw.col("customer_id").is_null().sum())
    if table != "yields":
        return frames[table].select(rows=nw.len())
    known = frames["customers"].select("customer_id", known_cents=nw.lit(1, nw.Int64))
    amount = nw.col("amount_cents")
    return (
        frames[table]
        .join(known, on="customer_id", how="left")
        .select(
            rows=nw.len(),
            unassigned=nw.col("known_cents").is_null().sum(),
            sum_cents=amount.sum(),
            assigned_cents=(amount * nw.col("known_cents")).sum(),
            first_on=nw.col("booked_on").min(),
            last_on=nw.col("booked_on").max(),
        )
    )


def _twice(customers: Frame) -> Frame:
    counted = customers.filter(~nw.col("customer_id").is_null()).group_by("customer_id").agg(count=nw.len())
    return counted.filter(nw.col("count") > 1).select("customer_id").sort("customer_id").head(20)


def _customer_problems(folder: Path, keyless: int, twice: list[str]) -> list[Finding]:
    place = Place(_name(folder, _path(folder, "customers")))
    problems = [mistake("book_customer_twice", place, customer=customer, lines=place.file) for customer in twice]
    if keyless:
        problems.append(mistake("book_parquet_customers_without_id", place, row_count=keyless))
    return problems


def _totals(folder: Path, table: str, row: dict[str, Any]) -> FileTotals:
    path = _path(folder, table)
    figures: dict[str, Any] = {}
    unassigned = row.get("unassigned", 0)
    if table == "yields":
        lost = row["sum_cents"] - row["assigned_cents"]
        figures = {name: row[name] for name in ("sum_cents", "assigned_cents", "first_on", "last_on")}
        figures["unassigned_cents"] = lost
    return FileTotals(
        file=_name(folder, path),
        kind=table,
        recognised_as="parquet",
        rows=row["rows"],
        assigned=row["rows"] - unassigned,
        unassigned=unassigned,
        sha256=_fingerprint(path),
        **figures,
    )


def _fingerprint(path: Path | None) -> str:
    """Hash of names, sizes and footers: a footer holds the statistics of every block, and terabytes stay unread."""
    digest = hashlib.sha256()
    files = [] if path is None else [path] if path.is_file() else sorted(path.glob("**/*.parquet"))
    for file in files:
        size = file.stat().st_size
        digest.update(f"{file.name} {size} ".encode())
        with file.open("rb") as stream:
            stream.seek(max(0, size - _FOOTER_BYTES))
            digest.update(stream.read())
    return digest.hexdigest()
