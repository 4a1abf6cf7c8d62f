"""Plain instances on the command line: one answer for each line, mistakes with their line, nothing held back."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from zusage.capacity.problems import bound_number

BIG = 10**30
LINES = [
    '{"capacity": 5, "groups": [[[0, 0], [7, 3]], [[0, 0], [5, 3]]]}',
    "",
    "{nonsense",
    '{"capacity": 1, "groups": [[[1, 2]]]}',
    json.dumps({"capacity": BIG, "groups": [[[BIG, BIG], [0, 1]]]}),
    '{"capacity": 1.5, "groups": []}',
    '{"capacity": 5, "groups": [[[0, 0], [7, 3, 1]]]}',
    '{"capacity": true, "groups": []}',
    '{"capacity": 1, "groups": [[], [[1, 1]]]}',
    "[" * 100_000,
    '{"capacity": 0, "groups": [], "id": "more is passed over"}',
]


def optimise(*arguments: str, given: bytes = b"") -> tuple[int, list[Any]]:
    command = [sys.executable, "-m", "zusage", "optimise", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.stderr == b""
    return done.returncode, [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def test_every_line_has_its_answer_and_a_bad_one_stops_no_other(tmp_path: Path) -> None:
    file = tmp_path / "aufgaben.jsonl"
    file.write_text("\n".join(LINES), "utf-8")
    code, rows = optimise("--problem", str(file), "--lang", "de")
    assert code == 2
    assert rows[0] == {"chosen": [1, 0], "value": 7, "bound": pytest.approx(10 + 1 / 3)}
    assert rows[1]["text"].startswith("aufgaben.jsonl, Zeile 3: Diese Zeile ist kein JSON")
    assert [(row.get("error"), row.get("line")) for row in rows] == [
        (None, None),
        ("unreadable", 3),
        ("infeasible", 4),
        (None, None),
        ("unreadable", 6),
        ("unreadable", 7),
        ("unreadable", 8),
        ("infeasible", 9),
        ("unreadable", 10),
        (None, None),
    ]
    assert rows[3] == {"chosen": [0], "value": BIG, "bound": BIG}
    assert rows[-1] == {"chosen": [], "value": 0, "bound": 0}


def test_from_standard_input_and_exactly() -> None:
    code, rows = optimise("--problem", "-", "--exact", given=f"{LINES[0]}\n{LINES[3]}\n".encode())
    assert code == 0
    assert rows[0] == {"chosen": [1, 0], "value": 7, "bound": 7}
    assert rows[1]["error"] == "infeasible"


def test_a_bound_written_as_a_number_is_never_below_the_true_one() -> None:
    for bound in (Fraction(10, 3), Fraction(-10, 3), Fraction(10**30 + 1, 3), Fraction(7)):
        assert bound_number(bound) >= bound
    assert bound_number(Fraction(7)) == 7
