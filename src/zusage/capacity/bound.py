"""Work that may move comes in, with the weeks it may be laid in; the least share of the worst week goes out.

A linear program, solved by HiGHS: each piece is divided at will among its options, and the highest share of a week,
owed ÷ there, is as small as it can be. No plan of whole deliveries can be better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
import numpy.typing as npt

HOUR = 3600.0
"""The program reckons in hours: figures near one keep a solver's tolerances meaningful."""


@dataclass(frozen=True)
class Piece:
    """Seconds of like deliveries: the weeks they lie in now, and each set of weeks they may be laid in instead."""

    seconds: int
    weeks: tuple[int, ...]
    options: tuple[tuple[int, ...], ...]


def least_worst(pieces: Sequence[Piece], laid: Sequence[int], there: Sequence[int]) -> int:
    """The least share of the worst week in permille, rounded down; weeks in which nobody is there do not count.

    `laid` are the seconds of each week with the pieces where they lie now, `there` the seconds there are.
    """
    open_weeks = [week for week, hours in enumerate(there) if hours]
    if not open_weeks:
        return 0
    if not pieces:
        return max(laid[week] * 1000 // there[week] for week in open_weeks)
    fixed = np.array(laid) / HOUR
    for piece in pieces:
        np.subtract.at(fixed, list(piece.weeks), piece.seconds / HOUR / len(piece.weeks))
    return max(0, floor(_solved(pieces, fixed, np.array(there) / HOUR) * 1000 + 1e-6))


def _solved(pieces: Sequence[Piece], fixed: npt.NDArray[np.float64], there: npt.NDArray[np.float64]) -> float:
    """The optimum: the column before all others is the share, then one for each option of each piece."""
    # a shared library of some megabytes: only plans that are levelled need it
    import highspy  # noqa: PLC0415

    from zusage.capacity.highs import Quiet  # noqa: PLC0415

    weeks, inf = len(there), highspy.kHighsInf
    program = highspy.HighsLp()
    starts, rows, values = [0], [int(week) for week in range(weeks)], [-float(hours) for hours in there]
    starts.append(len(rows))
    for number, piece in enumerate(pieces):
        for option in piece.options:
            rows += [*option, weeks + number]
            values += [piece.seconds / HOUR / len(option)] * len(option) + [1.0]
            starts.append(len(rows))
    columns = len(starts) - 1
    upper = np.where(there > 0, -fixed, inf)
    program.num_col_, program.num_row_ = columns, weeks + len(pieces)
    program.col_cost_ = np.array([1.0] + [0.0] * (columns - 1))
    program.col_lower_ = np.zeros(columns)
    program.col_upper_ = np.full(columns, inf)
    program.row_lower_ = np.concatenate([np.full(weeks, -inf), np.ones(len(pieces))])
    program.row_upper_ = np.concatenate([upper, np.ones(len(pieces))])
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.array(starts)
    program.a_matrix_.index_ = np.array(rows)
    program.a_matrix_.value_ = np.array(values)
    solver = Quiet()
    solver.passModel(program)
    solver.run()
    return float(solver.getInfo().objective_function_value)
