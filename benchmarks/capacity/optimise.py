"""Drawn books of customers with four levels come in; the time of the choice, its gap, and HiGHS beside it go out.

Run with `python -m benchmarks.capacity.optimise [--largest N] [--write-docs]`. Every choice is checked before its time
counts: sums right, within the capacity, value not above the bound; and where HiGHS finished, its optimum lies between
value and bound. The linear relaxation and the integer program get the same instance; the latter stops after a minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from zusage.capacity.optimise import Choice, choose
from zusage.capacity.several import Allotted, Quiet, choose_several

PAGE = Path(__file__).parents[2] / "docs/developer/optimiser.md"
BEGIN, END = "<!-- figures: written by the run -->", "<!-- end of figures -->"
SIZES, LARGEST, ROUNDS = (1_000, 10_000, 100_000), 1_000_000, 5
BESIDE = (10_000, 100_000)
LIMIT = 60.0

Numbers = NDArray[np.int64]


def book(rows: int) -> tuple[Numbers, Numbers, int]:
    """Values (cents) and weights (seconds) of four levels; room for 35 % of what the best levels would take more."""
    dice = np.random.default_rng(rows)
    weights = np.cumsum(dice.integers(0, 7_200, (rows, 4)), axis=1)
    values = np.cumsum(dice.integers(0, 20_000, (rows, 4)), axis=1)
    least, most = int(weights[:, 0].sum()), int(weights[:, 3].sum())
    return values, weights, least + (most - least) * 35 // 100


def timed(job: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    """Median seconds of some rounds, and the answer."""
    taken = []
    for _ in range(rounds):
        begin = perf_counter()
        found = job()
        taken.append(perf_counter() - begin)
    return median(taken), found


def check(values: Numbers, weights: Numbers, capacity: int, found: Choice) -> None:
    """The choice is what it says."""
    rows = np.arange(len(values))
    assert found.value == values[rows, found.chosen].sum() <= found.bound
    assert found.weight == weights[rows, found.chosen].sum() <= capacity


def highs(values: Numbers, weights: Numbers, capacity: int, *, whole: bool) -> tuple[float, float, bool]:
    """Seconds, optimum, and whether HiGHS finished within the limit."""
    rows, levels = values.shape
    cells = rows * levels
    program = highspy.HighsLp()
    program.num_col_, program.num_row_, program.sense_ = cells, rows + 1, highspy.ObjSense.kMaximize
    program.col_cost_ = values.ravel().astype(float)
    program.col_lower_, program.col_upper_ = np.zeros(cells), np.ones(cells)
    program.row_lower_ = np.append(np.ones(rows), -highspy.kHighsInf)
    program.row_upper_ = np.append(np.ones(rows), float(capacity))
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.arange(cells + 1) * 2
    program.a_matrix_.index_ = np.stack([np.repeat(np.arange(rows), levels), np.full(cells, rows)], axis=1).ravel()
    program.a_matrix_.value_ = np.stack([np.ones(cells), weights.ravel().astype(float)], axis=1).ravel()
    if whole:
        program.integrality_ = [highspy.HighsVarType.kInteger] * cells
    solver = Quiet()
    for name, value in {"mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "time_limit": LIMIT}.items():
        solver.setOptionValue(name, value)
    solver.passModel(program)
    begin = perf_counter()
    solver.run()
    finished = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return perf_counter() - begin, float(solver.getInfo().objective_function_value), finished


def growth(sizes: list[int]) -> list[str]:
    """How time and gap grow with the book."""
    lines = ["| customers | choice | gap | exact | gap of that |", "|---:|---:|---:|---:|---:|"]
    for rows in sizes:
        values, weights, capacity = book(rows)
        quick, found = timed(lambda: choose(values, weights, capacity))  # noqa: B023 - called at once
        slow, best = timed(lambda: choose(values, weights, capacity, exact=True))  # noqa: B023 - called at once
        check(values, weights, capacity, found)
        check(values, weights, capacity, best)
        lines.append(f"| {rows:,} | {quick:.3f} s | {found.gap:.1e} | {slow:.3f} s | {best.gap:.0e} |")
        print(lines[-1])
    return lines


def beside(sizes: list[int]) -> list[str]:
    """The choice beside HiGHS on the same instances."""
    lines = ["| customers | choice | exact | HiGHS, relaxation | HiGHS, whole levels |", "|---:|---:|---:|---:|---:|"]
    for rows in sizes:
        values, weights, capacity = book(rows)
        quick, found = timed(lambda: choose(values, weights, capacity))  # noqa: B023 - called at once
        slow, best = timed(lambda: choose(values, weights, capacity, exact=True))  # noqa: B023 - called at once
        relaxed = highs(values, weights, capacity, whole=False)
        whole = highs(values, weights, capacity, whole=True)
        if relaxed[2]:
            assert abs(relaxed[1] - float(found.bound)) <= 1e-6 * abs(relaxed[1])
        if whole[2]:
            assert abs(whole[1] - best.value) <= 1e-7 * abs(whole[1])
        lines.append(f"| {rows:,} | {quick:.3f} s | {slow:.3f} s | {_shown(relaxed)} | {_shown(whole)} |")
        print(lines[-1])
    return lines


def _shown(found: tuple[float, float, bool]) -> str:
    return f"{found[0]:.1f} s" if found[2] else f"not finished in {LIMIT:.0f} s"


def several(sizes: list[int]) -> list[str]:
    """The choice within the hours of three roles."""
    lines = ["| customers, three roles | choice | gap |", "|---:|---:|---:|"]
    for rows in sizes:
        dice = np.random.default_rng(rows)
        weights = np.cumsum(dice.integers(0, 7_200, (rows, 4, 3)), axis=1)
        values = np.cumsum(dice.integers(0, 20_000, (rows, 4)), axis=1)
        least, most = weights[:, 0].sum(axis=0), weights[:, 3].sum(axis=0)
        capacities = (least + (most - least) * 35 // 100).tolist()
        taken, found = timed(lambda: choose_several(values, weights, capacities), 1)  # noqa: B023 - called at once
        assert isinstance(found, Allotted)
        assert all(used <= there for used, there in zip(found.weights, capacities, strict=True))
        lines.append(f"| {rows:,} | {taken:.2f} s | {found.gap:.1e} |")
        print(lines[-1])
    return lines


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--largest", type=int, default=LARGEST)
    options.add_argument("--write-docs", action="store_true")
    asked = options.parse_args()
    kept = [rows for rows in SIZES if rows < asked.largest]
    tables = [
        growth([*kept, asked.largest]),
        beside([rows for rows in BESIDE if rows <= asked.largest]),
        several(kept),
    ]
    if asked.write_docs:
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        text = "\n\n".join("\n".join(lines) for lines in tables)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", "utf-8", newline="\n")
