"""A book and a wish come in ("the best fifth", "eighty households"), an absolute cut that fulfils it today goes out.

Shares and ranks are a way to *find* a cut, never a criterion: whoever asks can be told "from 600 € a year", but not
"better than your neighbours". What the cut was derived from is kept with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from zusage.ground.money import half_up


@dataclass(frozen=True)
class Proposal:
    """A cut for a metric, in the metric's unit, with what it rests on."""

    metric: str
    cut: int
    stay: int
    exact: int  # the figure of the last unit that was wished for
    wished: int  # units wished for
    reached: int  # units that reach the rounded cut
    units: int
    share_permille: int  # of the metric's sum that those who reach the cut bring


def propose_cut(
    units: nw.DataFrame[Any], column: str, metric: str, *, wished: int, stay_permille: int = 850
) -> Proposal:
    """The cut for which so many units (or a few more, if figures are equal) reach the metric.

    `column` holds the metric. The cut is rounded down to two leading digits, so that it can be told and remembered.
    Raises ValueError if there are no units or none is wished for.
    """
    values = sorted((value or 0 for value in units[column].to_list()), reverse=True)
    if not values or not 0 < wished <= len(values):
        raise ValueError(wished)
    exact = values[wished - 1]
    cut = round_down(exact)
    reached = sum(1 for value in values if value >= cut)
    total = sum(value for value in values if value > 0)
    return Proposal(
        metric=metric,
        cut=cut,
        stay=round_down(half_up(cut * stay_permille, 1000)),
        exact=exact,
        wished=wished,
        reached=reached,
        units=len(values),
        share_permille=sum(values[:reached]) * 1000 // total if total else 0,
    )


def round_down(value: int) -> int:
    """A figure rounded down to its two leading digits; figures below a hundred stay.

    >>> round_down(63_412), round_down(87), round_down(-5)
    (63000, 87, -5)
    """
    if value < 100:
        return value
    unit = int(10 ** (len(str(value)) - 2))
    return value // unit * unit
