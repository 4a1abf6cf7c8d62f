"""The path of an XLSX file comes in as argument, its sheets go out as JSON lines on standard output.

This script runs in a process of its own (see spreadsheet.py), with limits on memory and time, because a workbook is
untrusted: whatever happens in here can only end this process. It stands alone and imports nothing of Zusage, so that
it starts fast. Days are lists of one ISO text, so that a reader can tell them from text; durations are `h:mm:ss`.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

CHUNK = 2000


def limit_memory(megabytes: int) -> None:
    """Bound the memory of this process where the platform can (Linux, macOS)."""
    try:
        import resource  # noqa: PLC0415 - does not exist on Windows
    except ImportError:
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    except (ValueError, OSError):
        return  # a lower limit holds already, or the system has none


def plain(cell: Any) -> Any:
    """A cell as JSON can hold it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return [cell.isoformat(" ") if cell.time() != time() else cell.date().isoformat()]
    if isinstance(cell, date):
        return [cell.isoformat()]
    if isinstance(cell, time):
        return f"{cell.hour}:{cell.minute:02d}:{cell.second:02d}"
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return cell


def put(value: object) -> None:
    """One JSON line."""
    sys.stdout.write(json.dumps(value) + "\n")


def main(path: str, megabytes: str) -> int:
    """Write every sheet: its name, then its rows in chunks. 3: password; 4: damaged; 5: no memory."""
    limit_memory(int(megabytes))
    try:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            put({"sheet": name})
            rows = book.get_sheet_by_name(name).iter_rows()
            while chunk := [[plain(cell) for cell in row] for row in islice(rows, CHUNK)]:
                put(chunk)
    except MemoryError:
        return 5
    except PasswordError:
        return 3
    except CalamineError:
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
