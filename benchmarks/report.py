"""What the runs took comes in, a result (plain data, kept as JSON), a table and the page of the docs go out."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

from benchmarks.process import ROOT, Taken

PAGE = ROOT / "docs" / "developer" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by the run -->", "<!-- end of figures -->"
PACKAGES = ("polars", "narwhals", "pandas", "duckdb", "openpyxl", "python-calamine")
ORDER = ("small", "main", "large", "files")


def result(size: str, rows: Mapping[str, int], taken: Mapping[str, Sequence[Taken]], base: str) -> dict[str, Any]:
    """Medians per job with the machine they were measured on; `base` is what the others are compared with."""
    jobs = {
        name: {
            "wall": median(run.wall for run in runs),
            "slowest": max(run.wall for run in runs),
            "cpu": median(run.cpu for run in runs),
            "peak_mb": median(run.peak_mb for run in runs),
        }
        for name, runs in taken.items()
    }
    return {
        "size": size,
        "rows": dict(rows),
        "runs": len(next(iter(taken.values()))),
        "base": base,
        "machine": machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "jobs": jobs,
    }


def machine() -> dict[str, Any]:
    """Cores, memory in GB, system and Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def table(found: Mapping[str, Any]) -> str:
    """A result as a Markdown table."""
    against = found["base"] or "the other"
    lines = [
        f"| {_title(found)} | seconds | slowest run | CPU seconds | peak memory | time × {against} |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, job in found["jobs"].items():
        base = found["jobs"][found["base"] or _partner(name, found["jobs"])]["wall"]
        lines.append(
            f"| {name} | {job['wall']:.2f} | {job['slowest']:.2f} | {job['cpu']:.2f} "
            f"| {job['peak_mb']:,.0f} MB | {job['wall'] / base:.2f} |"
        )
    return "\n".join(lines)


def _partner(name: str, jobs: Mapping[str, Any]) -> str:
    """The other reader of the same file."""
    return next(other for other in jobs if other != name and other.split()[0] == name.split(maxsplit=1)[0])


def _title(found: Mapping[str, Any]) -> str:
    return " · ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found["rows"].items())


def write_docs(results: Sequence[Mapping[str, Any]]) -> None:
    """Put the tables of all results between the marks of the page; the words around them stay."""
    ordered = sorted((item for item in results if item["size"] in ORDER), key=lambda item: ORDER.index(item["size"]))
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(before + "\n\n".join([BEGIN, *map(_section, ordered), END]) + after, encoding="utf-8")


def _section(found: Mapping[str, Any]) -> str:
    on = found["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in found["packages"].items())
    where = (
        f"Median of {found['runs']} runs each, taking turns; {on['cores']} cores, {on['memory_gb']} GB, "
        f"{on['system']}, Python {on['python']}; {packages}."
    )
    return f"{table(found)}\n\n{where}"
