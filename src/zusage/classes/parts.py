"""Accounts of units come in, the parts table goes out: for each criterion of each class its value, its cut, and whether
it is met. A class is computed from this table and from nothing else.

Met is a degree that keeps its order under "all of" (the least) and "any of" (the greatest): 3 surely met, 2 met by the
estimate but not surely, 1 not met but possible, 0 surely not met. Exact figures know 3 and 0 only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import narwhals as nw

from zusage.cost.units import at_least_one
from zusage.engine import Frame, divide, divide_down
from zusage.policy.document import OWN, AllOf, Criterion, Policy, Rule, ServiceClass, leaves, metric

SURE, LIKELY, POSSIBLE, NO = 3, 2, 1, 0
NO_HOURS = 2**40
"""Stands for "euro per hour" of a customer with yield and without any hours: above every cut."""
NO_YIELD = -1
"""Stands for the recurring share of a customer without a yield: below every cut, or more yield could lower it."""

_VALUES = {
    "yield": "yield_cents",
    "contribution": "contribution_before_granted_cents",
    "potential": "potential_cents",
    "contracts": "contracts",
    "referrals_won": "referrals_won",
    "referral_yield": "referral_yield_cents",
    "tenure": "tenure_months",
}


@dataclass(frozen=True)
class Part:
    """A criterion at its place: the class it counts for and its number there (from 0)."""

    class_key: str
    rank: int  # of the class, 0 is best
    number: int
    criterion: Criterion

    @property
    def met(self) -> str:
        """The column that holds whether the part is met."""
        return f"met_{self.rank}_{self.number}"


def ranked(policy: Policy) -> list[ServiceClass]:
    """The classes that criteria decide about, best first; a class's rank is its position."""
    return [item for item in policy.classes if not item.provisional]


def parts_of(policy: Policy) -> list[Part]:
    """Every part of the parts table, in the order of the policy."""
    return [
        Part(item.key, rank, number, criterion)
        for rank, item in enumerate(ranked(policy))
        for number, criterion in enumerate(leaves(item.rule))
    ]


def with_metrics(units: Frame, policy: Policy) -> Frame:
    """Adds `m_{metric}` for every metric the policy uses, and `_low`/`_high` where it rests on an estimate."""
    keys = dict.fromkeys([item.metric for item in policy.criteria()])
    for item in policy.classes:
        keys |= dict.fromkeys(item.places.order if item.places else ())
    return units.with_columns(
        *(_value(key).alias(f"m_{key}") for key in keys),
        *(
            _value(key, bound).alias(f"m_{key}_{bound}")
            for key in keys
            if metric(key).unsure
            for bound in ("low", "high")
        ),
    )


def _value(key: str, bound: str | None = None) -> nw.Expr:
    # the more work, the less contribution: the low bound of a figure rests on the high bound of work
    factor = {"low": nw.col("high_permille"), "high": nw.col("low_permille")}.get(bound or "")
    if key == "euro_per_hour":
        seconds = nw.col("before_seconds")
        return _per_hour(seconds if factor is None else divide(seconds * factor, 1000))
    if key == "contribution" and factor is not None:
        more = divide(nw.col("estimated_cents") * (factor - 1000), 1000)
        return nw.col("contribution_before_granted_cents") - more
    if key == "recurring_share":
        none = nw.lit(NO_YIELD, nw.Int64)
        return nw.when(nw.col("yield_cents") > 0).then(nw.col("recurring_permille")).otherwise(none)
    return nw.col(key if key.startswith(OWN) else _VALUES[key]).fill_null(0)


def _per_hour(seconds: nw.Expr) -> nw.Expr:
    """Cents of yield per hour of duty and asked work, rounded down."""
    without = nw.when(nw.col("yield_cents") > 0).then(nw.lit(NO_HOURS, nw.Int64)).otherwise(nw.lit(0, nw.Int64))
    ratio = divide_down(nw.col("yield_cents") * 3600, at_least_one(seconds))
    return nw.when(seconds > 0).then(ratio).otherwise(without)


def cut_of(part: Part) -> nw.Expr:
    """The cut that counts for a unit: members of the class or a better one stay by the `stay` cut."""
    entry, stay = nw.lit(part.criterion.cut, nw.Int64), nw.lit(part.criterion.stay, nw.Int64)
    if part.criterion.cut == part.criterion.stay:
        return entry
    return nw.when((nw.col("previous_rank") <= part.rank).fill_null(value=False)).then(stay).otherwise(entry)


def with_parts(units: Frame, policy: Policy) -> Frame:
    """Adds one column `met_{rank}_{number}` per part; needs the metrics and `previous_rank` (unknown: no class yet)."""
    return units.with_columns(*(_met(part).alias(part.met) for part in parts_of(policy)))


def _met(part: Part) -> nw.Expr:
    name, cut = f"m_{part.criterion.metric}", cut_of(part)
    chain = nw.when(nw.col(name) >= cut)
    if not metric(part.criterion.metric).unsure:
        return chain.then(nw.lit(SURE, nw.Int64)).otherwise(nw.lit(NO, nw.Int64))
    possible = nw.when(nw.col(f"{name}_high") >= cut).then(nw.lit(POSSIBLE, nw.Int64)).otherwise(nw.lit(NO, nw.Int64))
    likely = chain.then(nw.lit(LIKELY, nw.Int64)).otherwise(possible)
    return nw.when(nw.col(f"{name}_low") >= cut).then(nw.lit(SURE, nw.Int64)).otherwise(likely)


def fold(
    rule: Rule,
    leaf: Callable[[int], nw.Expr],
    every: Callable[..., nw.Expr],
    some: Callable[..., nw.Expr],
    nothing: nw.Expr,
) -> nw.Expr:
    """A rule as one expression over its parts: `leaf` gives the n-th, `every` and `some` combine, `nothing` is an
    empty rule."""
    numbers = iter(range(sum(1 for _ in leaves(rule))))

    def walk(part: Rule) -> nw.Expr:
        if isinstance(part, Criterion):
            return leaf(next(numbers))
        if not part.rules:
            return nothing
        return (every if isinstance(part, AllOf) else some)(*[walk(item) for item in part.rules])

    return walk(rule)


def rule_met(item: ServiceClass, rank: int) -> nw.Expr:
    """How surely a unit meets a class's rule, from its parts."""
    return fold(
        item.rule,
        lambda number: nw.col(f"met_{rank}_{number}"),
        nw.min_horizontal,
        nw.max_horizontal,
        nw.lit(SURE, nw.Int64),
    )


def long_parts(units: Frame, policy: Policy) -> Frame:
    """The parts table in long form: unit_id, class_key, number, metric, value, low, high, cut, met.

    `value`, `low`, `high` and `cut` are in the metric's unit; low and high equal the value where it is exact.
    """
    frames = []
    for part in parts_of(policy):
        name = f"m_{part.criterion.metric}"
        low, high = (f"{name}_low", f"{name}_high") if metric(part.criterion.metric).unsure else (name, name)
        frames.append(
            units.select(
                "unit_id",
                nw.lit(part.class_key).alias("class_key"),
                nw.lit(part.number, nw.Int64).alias("number"),
                nw.lit(part.criterion.metric).alias("metric"),
                nw.col(name).alias("value"),
                nw.col(low).alias("low"),
                nw.col(high).alias("high"),
                cut_of(part).alias("cut"),
                nw.col(part.met).alias("met"),
            )
        )
    return nw.concat(frames, how="vertical")
