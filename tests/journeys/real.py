"""Real data sets and the installed program: names come in, unpacked files, tables of a database and output go out."""

from __future__ import annotations

import csv
import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
PROGRAM = shutil.which("zusage", path=Path(sys.executable).parent) or "zusage"

POLICY = """
zusage: 1
version: journey
firm: {name: Journey, state: SN, profile: general, language: en}
resources:
  roles:
    owner: {owner: true, imputed_wage: 60000, weekly_hours: 40, weeks: 46, practical_share: 60 %}
activities:
  claim: {cause: duty, role: owner, minutes: 30, match: [{log: desk}]}
  call: {cause: asked, role: owner, minutes: 6, around: 4, match: [{log: calls}]}
yields: {look_back_months: 12}
evidence: {prior_years: 0}
classes:
  household: single
  best_first:
    CLASSES
services:
  answer: {name: Answer, kind: floor, measure: included}
  callback: {name: Call back, kind: standard, measure: response}
  news: {name: News, kind: exclusive, measure: publication, minutes: 5, role: owner}
matrix:
  callback: {A: same_day, B: next_workday, C: within 3 workdays}
  news: {A: {mode: print, per_year: 4}, B: {mode: email, per_year: 4}}
"""


def policy(classes: str) -> str:
    """A small service model of a firm of one person with three classes A, B, C as given."""
    return POLICY.replace("    CLASSES", classes.strip("\n"))


def real(name: str) -> Path:
    """A file of the collection of real data; without it the test is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the data set {name} is not here")
    return path


def unpacked(name: str, target: Path) -> Path:
    """A packed data set as a plain file."""
    with gzip.open(real(name)) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return target


def split(name: str, folder: Path, target: Callable[[dict[str, str]], str]) -> None:
    """A packed data set as several plain files; `target` names the file of each row."""
    with gzip.open(real(name), "rt", encoding="utf-8", newline="") as packed:
        reader = csv.DictReader(packed)
        files: dict[str, list[dict[str, str]]] = {}
        for row in reader:
            files.setdefault(target(row), []).append(row)
    for file, rows in files.items():
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows(rows)


def database(name: str, columns: Iterable[str]) -> sqlite3.Connection:
    """Columns of a packed data set as the table `raw`, everything as the text it is."""
    listed = list(columns)
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE raw ({', '.join(f'{column} TEXT' for column in listed)})")
    with gzip.open(real(name), "rt", encoding="utf-8", newline="") as packed:
        rows = ([row[column] for column in listed] for row in csv.DictReader(packed))
        connection.executemany(f"INSERT INTO raw VALUES ({', '.join('?' for _ in listed)})", rows)  # noqa: S608 - our own columns
    return connection


def zusage(*arguments: object, cwd: Path | None = None, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    """The installed program, run in a plain environment: English, no colours, nothing of the source tree."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "ZUSAGE", "LC_", "COV_"))}
    plain = kept | {"LANG": "en_US.UTF-8", "NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb"}
    command = [program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=plain, cwd=cwd, check=False)
