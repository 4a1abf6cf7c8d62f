"""The book of a size comes in, figures go out: the main job by Zusage and by its peers, side by side in one run.

`python -m benchmarks.run [--size small|main|large] [--runs 7] [--write-docs]` prints the tables and writes
.benchdata/results/*.json; `--write-docs` fills docs/developer/benchmarks.md from all results that are there.

Before any clock runs, the outputs are compared row by row. Each job is a process of its own; the jobs take turns, so
that a busy minute of the machine hits all of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import report
from benchmarks.process import DATA, ROOT, alternate, run_once

JOBS = {
    "Zusage": "benchmarks.jobs.with_zusage",
    "Polars by hand": "benchmarks.jobs.with_polars",
    "Polars scan": "benchmarks.jobs.scan",
    "pandas": "benchmarks.jobs.with_pandas",
    "DuckDB": "benchmarks.jobs.with_duckdb",
}
COMPARED = ("Zusage", "Polars by hand", "pandas", "DuckDB")
FILES = {
    "Excel by Zusage": "benchmarks.jobs.excel_with_zusage",
    "Excel by openpyxl": "benchmarks.jobs.excel_with_openpyxl",
    "CSV by Zusage": "benchmarks.jobs.csv_with_zusage",
    "CSV by pandas": "benchmarks.jobs.csv_with_pandas",
}
RESULTS = DATA / "results"
SIZES = ("tiny", "small", "main", "large", "files")


def main(arguments: Sequence[str]) -> None:
    """Compare, measure, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    asked.add_argument("--size", choices=SIZES, default="main")
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
    """The main job on a book of a size; its outputs are compared before the clock runs."""
    rows = _made("benchmarks.generate", size)
    folder = Path(rows.pop("folder"))
    with TemporaryDirectory() as out:
        commands = {name: _command(module, folder, Path(out) / name) for name, module in JOBS.items()}
        for command in commands.values():
            run_once(command)
        run_once([sys.executable, "-m", "benchmarks.compare", *(str(Path(out) / name) for name in COMPARED)])
        taken = alternate(commands, runs)
    return report.result(size, rows, taken, base="Zusage")


def files(runs: int) -> dict[str, Any]:
    """Reading a list of 100,000 customers from Excel and a million lines of commission from CSV."""
    rows = _made("benchmarks.lists")
    folder = Path(rows.pop("folder"))
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
    return report.result("files", rows, taken, base="")


def _made(module: str, *arguments: str) -> dict[str, Any]:
    """What a generator says it made. Not in this process: a child's peak memory begins with that of its parent."""
    command = [sys.executable, "-m", module, *arguments]
    return dict(json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout))


def _command(module: str, folder: Path, out: Path) -> list[str]:
    out.mkdir()
    return [sys.executable, "-m", module, str(folder), str(out)]


if __name__ == "__main__":
    main(sys.argv[1:])
