"""What a reading hands out: the tidy tables of a book with the account of every file and line they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from zusage.engine import Frame
from zusage.ground.reasons import Finding, Reason


@dataclass(frozen=True)
class FileTotals:
    """The control totals of one file (or one sheet of it).

    `rows` = `assigned` + `unassigned` + `rejected` are the data lines; `skipped` are all others (title, header, blank,
    repeated header, sum lines, and calls that an overlapping export already held), by kind in `skipped_kinds`. Every
    line of the file is in exactly one of them. `sum_cents` adds up every readable amount, also those of rejected
    lines; it is None for files without amounts.
    """

    file: str
    kind: str  # customers, contracts, yields, calls, meetings, …; 'duplicate' or 'unknown' for files that were not used
    recognised_as: str  # headers, mapping, fritzbox, parquet; '' where it was not
    rows: int = 0
    assigned: int = 0
    unassigned: int = 0
    rejected: int = 0
    skipped: int = 0
    skipped_kinds: Mapping[str, int] = field(default_factory=dict)
    sum_cents: int | None = None
    assigned_cents: int | None = None
    unassigned_cents: int | None = None
    first_on: date | None = None
    last_on: date | None = None
    sha256: str = ""


@dataclass(frozen=True)
class Reject:
    """A line that could not be used, or (`line_used`) a single cell that had to be left empty."""

    file: str
    line: int
    column: str
    reason: Reason
    text: str  # what stood there, control characters escaped, at most 80 characters
    line_used: bool = False


@dataclass(frozen=True)
class Book:
    """The tables of tables.SCHEMAS (all of them, lazily), and where their rows come from."""

    tables: Mapping[str, Frame]
    files: tuple[FileTotals, ...]
    rejects: tuple[Reject, ...]
    findings: tuple[Finding, ...]
    customer_list: Path | None


def printable(cell: object) -> str:
    """A cell as it may be shown anywhere: control characters escaped, at most 80 characters."""
    text = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in str(cell)[:80])
    return text if len(text) <= 80 else text[:79] + "…"
