"""Units with their parts come in, what would change the class goes out: the least more yield, less time, more contracts
or referrals that takes a unit to a better class, everything else unchanged.

Every metric grows with its lever, so the least step is exact: the greatest step over "all of", the least over "any of".
"""

from __future__ import annotations

import narwhals as nw

from zusage.classes.parts import Part, cut_of, fold, parts_of, ranked
from zusage.engine import Frame, divide_down
from zusage.policy.document import Policy, metric

NEVER = 2**50
"""No step of this lever alone is enough."""

LEVERS = ("more_yield_cents", "less_seconds", "more_contracts", "more_referrals")


def with_levers(units: Frame, policy: Policy) -> Frame:
    """Adds LEVERS, each unknown where it cannot lift the unit alone; needs parts, metrics, `rank` and `previous_rank`.

    A unit that has a class needs its figures to *surely* reach the cut, one without only by the estimate: exactly what
    the assignment asks for. Only classes better than the unit's own count.
    """
    classes = ranked(policy)
    by_place = {(part.rank, part.number): part for part in parts_of(policy)}
    steps = []
    for lever in LEVERS:
        targets = []
        for rank, item in enumerate(classes[:-1]):
            if item.places is None:
                need = fold(
                    item.rule,
                    lambda number, rank=rank, lever=lever: _need(by_place[rank, number], lever),  # type: ignore[misc]
                    nw.max_horizontal,
                    nw.min_horizontal,
                    nw.lit(0, nw.Int64),
                )
                targets.append(nw.when(nw.col("rank") > rank).then(need).otherwise(nw.lit(NEVER, nw.Int64)))
        least = nw.min_horizontal(*targets) if targets else nw.lit(NEVER, nw.Int64)
        steps.append(nw.when((least > 0) & (least < NEVER)).then(least).otherwise(nw.lit(None, nw.Int64)).alias(lever))
    return units.with_columns(*steps)


def _need(part: Part, lever: str) -> nw.Expr:
    """The least step of a lever with which a part is met; 0 where it is, NEVER where the lever does not move it."""
    key, cut = part.criterion.metric, cut_of(part)
    name = nw.col(f"m_{key}")
    worst = nw.col(f"m_{key}_low") if metric(key).unsure else name
    held = nw.when(nw.col("previous_rank").is_null()).then(name).otherwise(worst)
    step = _STEPS.get((lever, key))
    if step is None:
        return nw.when(held >= cut).then(0).otherwise(nw.lit(NEVER, nw.Int64))
    return nw.when(held >= cut).then(0).otherwise(step(held, cut))


def _missing(held: nw.Expr, cut: nw.Expr) -> nw.Expr:
    return cut - held


def _up(numerator: nw.Expr, divisor: nw.Expr | int) -> nw.Expr:
    return divide_down(numerator * -1, divisor) * -1


def _certain_seconds() -> nw.Expr:
    """Seconds of duty and asked work that must be reckoned with: the upper bound once a class is held."""
    upper = divide_down(nw.col("before_seconds") * nw.col("high_permille") * 2 + 1000, 2000)
    return nw.when(nw.col("previous_rank").is_null()).then(nw.col("before_seconds")).otherwise(upper)


def _yield_for_hours(held: nw.Expr, cut: nw.Expr) -> nw.Expr:
    step = _up(cut * _certain_seconds() - nw.col("yield_cents") * 3600, 3600)
    return nw.when(_certain_seconds() > 0).then(step).otherwise(_first_cent())


def _first_cent() -> nw.Expr:
    """What is missing to a yield of one cent: ratios need a yield to speak of."""
    return nw.lit(1, nw.Int64) - nw.col("yield_cents")


def _yield_for_share(held: nw.Expr, cut: nw.Expr) -> nw.Expr:
    """More recurring yield x so that (recurring + x) / (yield + x) reaches the cut."""
    rest = 1000 - cut
    short = nw.max_horizontal(cut * nw.col("yield_cents") - nw.col("recurring_cents") * 1000, nw.lit(1, nw.Int64))
    step = nw.max_horizontal(_up(short, nw.when(rest > 0).then(rest).otherwise(1)), _first_cent())
    return nw.when(rest > 0).then(step).otherwise(nw.lit(NEVER, nw.Int64))


def _less_time(held: nw.Expr, cut: nw.Expr) -> nw.Expr:
    """Fewer seconds so that yield × 3600 ÷ seconds reaches the cut; the interval shrinks with the time."""
    allowed = divide_down(nw.col("yield_cents") * 3600, nw.when(cut > 0).then(cut).otherwise(1))
    seconds = nw.col("before_seconds")
    certain = nw.when(_certain_seconds() > 0).then(_certain_seconds()).otherwise(1)
    step = seconds - divide_down(allowed * seconds, certain)
    possible = (nw.col("yield_cents") > 0) & (step < seconds)
    return nw.when(possible).then(nw.max_horizontal(step, nw.lit(1, nw.Int64))).otherwise(nw.lit(NEVER, nw.Int64))


_STEPS = {
    ("more_yield_cents", "yield"): _missing,
    ("more_yield_cents", "contribution"): _missing,
    ("more_yield_cents", "euro_per_hour"): _yield_for_hours,
    ("more_yield_cents", "recurring_share"): _yield_for_share,
    ("less_seconds", "euro_per_hour"): _less_time,
    ("more_contracts", "contracts"): _missing,
    ("more_referrals", "referrals_won"): _missing,
}
