"""The book of a size comes in, figures go out: the main job by Zusage and by its peers, side by side in one run.

`python -m benchmarks.run [--size small|main|large] [--runs 7] [--write-docs]` prints the tables and writes
.benchdata/results/*.json; `--write-docs` fills docs/developer/benchmarks.md from all results that are there.

Before any clock runs, the outputs are compared row by row. Each job is a process of its own; the jobs take turns, so
that a busy minute of the machine hits all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from benchmarks import report
from benchmarks.generate import FOLDER, SIZES, book
from benchmarks.process import alternate, run_once

JOBS = {
    "Zusage": "benchmarks.jobs.with_zusage",
    "Polars by hand": "benchmarks.jobs.with_polars",
    "Polars scan": "benchmarks.jobs.scan",
    "pandas": "benchmarks.jobs.with_pandas",
    "DuckDB": "benchmarks.jobs.with_duckdb",
}
FILES = {
    "Excel by Zusage": "benchmarks.jobs.excel_with_zusage",
    "Excel by openpyxl": "benchmarks.jobs.excel_with_openpyxl",
    "CSV by Zusage": "benchmarks.jobs.csv_with_zusage",
    "CSV by pandas": "benchmarks.jobs.csv_with_pandas",
}
RESULTS = FOLDER / "results"


def main(arguments: Sequence[str]) -> None:
    """Compare, measure, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    asked.add_argument("--size", choices=[*SIZES, "files"], default="main")
    asked.add_argument("--runs", type=int, default=7)
    asked.add_argument("--write-docs", action="store_true")
    options = asked.parse_args(arguments)
    found = files(options.runs) if options.size == "files" else job(options.size, options.runs)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{options.size}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(report.table(found))
    if options.write_docs:
        report.write_docs([json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))])


def job(size: str, runs: int) -> dict[str, Any]:
    """The main job on a book of a size."""
    folder = book(size)
    with TemporaryDirectory() as out:
        commands = {name: _command(module, folder, Path(out) / name) for name, module in JOBS.items()}
        for command in commands.values():
            run_once(command)
        compare({name: Path(out) / name for name in JOBS})
        taken = alternate(commands, runs)
    rows = {"customers": SIZES[size].customers, "work": SIZES[size].work}
    return report.result(size, rows, taken, base="Zusage")


def files(runs: int) -> dict[str, Any]:
    """Reading a list of 100,000 customers from Excel and a million lines of commission from CSV."""
    from benchmarks.lists import LINES, ROWS, lists

    folder = lists()
    with TemporaryDirectory() as out:
        commands = {
            name: _command(module, folder / name.split()[0].lower(), Path(out) / name) for name, module in FILES.items()
        }
        for command in commands.values():
            run_once(command)
        for kind in ("Excel", "CSV"):
            totals = [(Path(out) / name / "totals.json").read_text() for name in FILES if name.startswith(kind)]
            if len(set(totals)) > 1:
                raise SystemExit(f"{kind}: the readers disagree: {totals}")
        taken = alternate(commands, runs)
    return report.result("files", {"excel_rows": ROWS, "csv_lines": LINES}, taken, base="")


def _command(module: str, folder: Path, out: Path) -> list[str]:
    out.mkdir()
    return [sys.executable, "-m", module, str(folder), str(out)]


def compare(folders: Mapping[str, Path]) -> None:
    """Zusage and Polars by hand must agree in every cell, the others in money and class of every customer."""
    ours = {name: pl.read_parquet(folders["Zusage"] / f"{name}.parquet") for name in ("accounts", "memberships")}
    for name, table in ours.items():
        other = pl.read_parquet(folders["Polars by hand"] / f"{name}.parquet")
        if table.schema != other.schema or not table.equals(other):
            raise SystemExit(f"{name}: Zusage and Polars by hand disagree in {_unequal(table, other)}")
    money = ("customer_id", "yield_cents", "cost_cents", "contribution_cents")
    classes = ours["accounts"].select(money).with_columns(ours["memberships"]["class_key"])
    if not ours["accounts"]["customer_id"].equals(ours["memberships"]["customer_id"]):
        raise SystemExit("accounts and memberships list different customers")
    for name in ("pandas", "DuckDB"):
        other = pl.read_parquet(folders[name] / "memberships.parquet")
        if not classes.equals(other):
            raise SystemExit(f"Zusage and {name} disagree in {_unequal(classes, other)}")


def _unequal(table: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    if table.columns != other.columns or table.height != other.height:
        return ["columns or number of rows"]
    return [name for name in table.columns if not table[name].equals(other[name])]


if __name__ == "__main__":
    main(sys.argv[1:])
