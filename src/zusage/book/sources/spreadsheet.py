"""An XLSX file comes in, a grid of cells for each of its sheets comes out; nothing of it is trusted.

First the directory of the zip is checked without unpacking anything, then a process of its own reads the cells within
limits of time and memory (workbook.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zusage.book.grid import Grid
from zusage.ground.reasons import Place, Refused, mistake

ENTRIES = 2_000
UNPACKED_BYTES = 200 << 20
RATIO = 100
LARGE_BYTES = 10 << 20
"""Small parts compress very well without harm; the ratio counts for parts larger than this."""
MEMORY_MEGABYTES = 2_000
TIME_SECONDS = 120

_EXIT_CODES = {1: "book_xlsx_damaged", 3: "book_xlsx_encrypted", 4: "book_xlsx_damaged"}
"""1: the parser gave up with an error of its own. All others: the process was ended by a limit or by the system."""


def is_zip(data: bytes) -> bool:
    """Whether the file is a zip archive, as XLSX and ODS are."""
    return data.startswith(b"PK\x03\x04")


def is_old_office(data: bytes) -> bool:
    """Whether the file is of the format of XLS, which also wraps XLSX files that have a password."""
    return data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def old_office_code(data: bytes) -> str:
    """What to say of such a file: it has a password, or it is an XLS."""
    encrypted = "EncryptedPackage".encode("utf-16-le") in data
    return "book_xlsx_encrypted" if encrypted else "book_xls_old"


def read_sheets(path: Path, file: str, days_as_dates: bool = False) -> list[Grid]:
    """The sheets of a workbook that hold anything; raises Refused with what is wrong and how to mend it.

    Days are ISO text like in a text file; `days_as_dates` gives them as date and datetime, to write them again.
    """
    code = _directory_code(path)
    if code:
        raise Refused([mistake(code, Place(file))])
    return [grid for grid in _parse(_child(path, file), _as_date if days_as_dates else _as_text) if grid.rows]


def _directory_code(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "book_xlsx_damaged"
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        return "book_ods" if "mimetype" in names and "content.xml" in names else "book_zip_not_xlsx"
    too_large = len(parts) > ENTRIES or sum(part.file_size for part in parts) > UNPACKED_BYTES
    return "book_xlsx_bomb" if too_large or any(map(_swells, parts)) else None


def _swells(part: zipfile.ZipInfo) -> bool:
    return part.file_size > LARGE_BYTES and part.file_size > RATIO * max(1, part.compress_size)


def _child(path: Path, file: str) -> bytes:
    script = Path(__file__).with_name("workbook.py")
    command = [sys.executable, "-I", str(script), str(path.resolve()), str(MEMORY_MEGABYTES)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIME_SECONDS, check=False)  # noqa: S603 - our script
    except subprocess.TimeoutExpired as error:
        raise Refused([mistake("book_xlsx_too_slow", Place(file), limit_count=TIME_SECONDS)]) from error
    if done.returncode:
        raise Refused([mistake(_EXIT_CODES.get(done.returncode, "book_xlsx_too_large"), Place(file))])
    return done.stdout


def _parse(output: bytes, day: Callable[[str], Any]) -> list[Grid]:
    grids: list[Grid] = []
    for line in output.splitlines():
        value: Any = json.loads(line)
        if isinstance(value, dict):
            grids.append(Grid([], [], value["sheet"]))
        else:
            # a day is a list of one text, and nothing else is a list
            grids[-1].rows.extend([day(cell[0]) if type(cell) is list else cell for cell in row] for row in value)
    for grid in grids:
        grid.lines = range(1, len(grid.rows) + 1)
    return grids


def _as_text(iso: str) -> str:
    return iso


def _as_date(iso: str) -> date:
    return date.fromisoformat(iso) if len(iso) == 10 else datetime.fromisoformat(iso)
