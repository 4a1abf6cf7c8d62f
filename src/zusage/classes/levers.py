"""Units with their parts come in, what would change the class goes out: the least more yield, less time, more contracts
or referrals that takes a unit to a better class, everything else unchanged.

Every metric grows with its lever, so the least step is exact: the greatest step over "all of", the least over "any of".
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from zusage.classes.parts import Part, cut_of, fold, parts_of, ranked
from zusage.cost.units import at_least_one
from zusage.engine import Frame, divide, divide_down
from zusage.policy.document import Policy, ServiceClass, leaves, metric

NEVER = 2**50
"""No step of this lever alone is enough."""

SECONDS = "lever_seconds"
"""The column of seconds that must be reckoned with, while steps are sought."""

LEVERS = ("more_yield_cents", "less_seconds", "more_contracts", "more_referrals")


def with_levers(units: Frame, policy: Policy) -> Frame:
    """Adds LEVERS, each unknown where it cannot lift the unit alone; needs parts, metrics, `rank` and `previous_rank`.

    How sure a figure must be is what the assignment asks for: the estimate where a unit has no class yet, the possible
    where it would only go back to what it had, the sure where it rises. Only classes better than the unit's own count.
    """
    classes = [(rank, item) for rank, item in enumerate(ranked(policy)[:-1]) if item.places is None]
    parts = [part for part in parts_of(policy) if any(part.rank == rank for rank, _ in classes)]
    if not parts:  # every better class has limited places: no step is surely enough
        return units.with_columns(*(nw.lit(None, nw.Int64).alias(lever) for lever in LEVERS))
    columns = _columns(parts)
    reckoned = units.with_columns(*(value.alias(name) for name, value in columns.items()))
    met = {_met(part): nw.col(_figure(part)) >= cut_of(part) for part in parts}
    steps = [_step(classes, parts, lever).alias(lever) for lever in LEVERS]
    judged = reckoned.with_columns(*(value.alias(name) for name, value in met.items()))
    return judged.with_columns(*steps).drop(*columns, *met)


def _columns(parts: Sequence[Part]) -> dict[str, nw.Expr]:
    """What several steps rest on, as columns of its own: each is then written and reckoned once."""
    found = {SECONDS: _as_sure_as_needed(*_seconds())}
    for part in parts:
        key = f"m_{part.criterion.metric}"
        names = [f"{key}_high", key, f"{key}_low"] if metric(part.criterion.metric).unsure else [key] * 3
        found[_figure(part)] = _as_sure_as_needed(*(nw.col(name) for name in names))
    return found


def _figure(part: Part) -> str:
    return f"lever_{part.criterion.metric}"


def _met(part: Part) -> str:
    return f"lever_met_{part.rank}_{part.number}"


def _step(classes: Sequence[tuple[int, ServiceClass]], parts: Sequence[Part], lever: str) -> nw.Expr:
    """The least step of a lever into any class better than the unit's own."""
    if not any((lever, part.criterion.metric) in _STEPS for part in parts):
        return nw.lit(None, nw.Int64)  # it moves nothing that any class asks for
    never, nothing = nw.lit(NEVER, nw.Int64), nw.lit(0, nw.Int64)
    by_place = {(part.rank, part.number): part for part in parts}
    targets = []
    for rank, item in classes:
        needs = [_need(by_place[rank, number], lever) for number, _ in enumerate(leaves(item.rule))]
        need = fold(item.rule, needs.__getitem__, nw.max_horizontal, nw.min_horizontal, nothing)
        targets.append(nw.when(nw.col("rank") > rank).then(need).otherwise(never))
    least = nw.min_horizontal(*targets) if targets else never
    return nw.when((least > 0) & (least < NEVER)).then(least).otherwise(nw.lit(None, nw.Int64))


def _need(part: Part, lever: str) -> nw.Expr:
    """The least step of a lever with which a part is met; 0 where it is, NEVER where the lever does not move it."""
    step = _STEPS.get((lever, part.criterion.metric))
    missing = step(nw.col(_figure(part)), cut_of(part)) if step else nw.lit(NEVER, nw.Int64)
    return nw.when(nw.col(_met(part))).then(0).otherwise(missing)


def _as_sure_as_needed(possible: nw.Expr, likely: nw.Expr, sure: nw.Expr) -> nw.Expr:
    """Which bound of an estimate takes a unit up; see `assign` for the same rule on degrees.

    A unit that has fallen below what it had keeps that as soon as any better class is possible.
    """
    fallen = (nw.col("previous_rank") < nw.col("rank")).fill_null(value=False)
    known = nw.when(fallen).then(possible).otherwise(sure)
    return nw.when(nw.col("previous_rank").is_null()).then(likely).otherwise(known)


def _seconds() -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Seconds of duty and asked work that must be reckoned with: possible, likely, sure."""
    seconds = nw.col("before_seconds")
    low, high = (divide(seconds * nw.col(name), 1000) for name in ("low_permille", "high_permille"))
    return low, seconds, high


def _missing(figure: nw.Expr, cut: nw.Expr) -> nw.Expr:
    return cut - figure


def _up(numerator: nw.Expr, divisor: nw.Expr | int) -> nw.Expr:
    return divide_down(numerator * -1, divisor) * -1


def _yield_for_hours(figure: nw.Expr, cut: nw.Expr) -> nw.Expr:
    step = _up(cut * nw.col(SECONDS) - nw.col("yield_cents") * 3600, 3600)
    return nw.when(nw.col(SECONDS) > 0).then(step).otherwise(_first_cent())


def _first_cent() -> nw.Expr:
    """What is missing to a yield of one cent: ratios need a yield to speak of."""
    return nw.lit(1, nw.Int64) - nw.col("yield_cents")


def _yield_for_share(figure: nw.Expr, cut: nw.Expr) -> nw.Expr:
    """More recurring yield x so that (recurring + x) / (yield + x) reaches the cut."""
    rest = 1000 - cut
    short = nw.max_horizontal(cut * nw.col("yield_cents") - nw.col("recurring_cents") * 1000, nw.lit(1, nw.Int64))
    step = nw.max_horizontal(_up(short, nw.when(rest > 0).then(rest).otherwise(1)), _first_cent())
    return nw.when(rest > 0).then(step).otherwise(nw.lit(NEVER, nw.Int64))


def _less_time(figure: nw.Expr, cut: nw.Expr) -> nw.Expr:
    """Fewer seconds so that yield × 3600 ÷ seconds reaches the cut; the interval shrinks with the time."""
    allowed = divide_down(nw.col("yield_cents") * 3600, nw.when(cut > 0).then(cut).otherwise(1))
    seconds = nw.col("before_seconds")
    step = seconds - divide_down(allowed * seconds, at_least_one(nw.col(SECONDS)))
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
