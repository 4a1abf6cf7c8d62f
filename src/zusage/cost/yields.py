"""Booked money comes in, each customer's yield of a year by kind goes out, in whole cents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals as nw

from zusage.cost.periods import Periods, shift_months
from zusage.engine import Frame, divide
from zusage.policy.document import Policy, YieldRule

YIELD_COLUMNS = ("recurring_cents", "one_off_cents", "fee_cents", "bonus_cents", "cancelled_cents")
_COLUMN = {
    "recurring": "recurring_cents",
    "one_off": "one_off_cents",
    "fee": "fee_cents",
    "bonus": "bonus_cents",
    "cancellation": "cancelled_cents",
}


def yearly_yields(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> Frame:
    """One row per customer with money: customer_id and YIELD_COLUMNS, net cents a year.

    Recurring money, fees and bonuses of the look-back window are set to a year by the months covered by statements.
    Kinds spread over N years count with an N-th of what was booked in the last N years. A cancellation stands against
    its contract's one-off commission and is spread like it; without an original it counts as money of the window.
    """
    rules = policy.yields.rules
    booked = _with_originals(tables["yields"], policy)
    sums = booked.group_by("customer_id").agg(
        *(
            nw.when((nw.col("kind") == rule.kind) & _in_window(rule, periods))
            .then(nw.col("amount_cents"))
            .otherwise(0)
            .sum()
            .alias(_COLUMN[rule.kind])
            for rule in rules
        )
    )
    return sums.select("customer_id", *(_per_year(rule, periods).alias(_COLUMN[rule.kind]) for rule in rules))


def window_start(rule: YieldRule, periods: Periods) -> date:
    """The first day from which money of a kind counts."""
    return shift_months(periods.money_to, -12 * rule.years) if rule.years > 1 else periods.money_from


def _in_window(rule: YieldRule, periods: Periods) -> nw.Expr:
    booked = nw.col("booked_on")
    first = window_start(rule, periods)
    inside = booked > first if rule.years > 1 else booked >= first
    return inside & (booked <= periods.money_to)


def _per_year(rule: YieldRule, periods: Periods) -> nw.Expr:
    """Sum of the window to a year, net of tax, in one division so that it is rounded only once."""
    if not rule.counts:
        return nw.lit(0, nw.Int64)
    times, parts = (1, rule.years) if rule.years > 1 else (12, max(periods.covered_months, 1))
    if rule.tax_permille is not None:
        times, parts = times * 1000, parts * (1000 + rule.tax_permille.on(periods.money_to))
    return divide(nw.col(_COLUMN[rule.kind]) * times, parts) if (times, parts) != (1, 1) else nw.col(_COLUMN[rule.kind])


def _with_originals(booked: Frame, policy: Policy) -> Frame:
    columns = ("customer_id", "kind", "booked_on", "amount_cents")
    if not policy.yields.cancel_original:
        return booked.select(*columns)
    originals = (
        booked.filter((nw.col("kind") == "one_off") & ~nw.col("contract_id").is_null())
        .group_by("contract_id")
        .agg(nw.col("booked_on").max().alias("original_on"))
    )
    cancelled = (
        booked.filter(nw.col("kind") == "cancellation")
        .join(originals, on="contract_id", how="left")
        .with_columns(
            nw.when(nw.col("original_on").is_null())
            .then(nw.lit("cancellation"))
            .otherwise(nw.lit("one_off"))
            .alias("kind"),
            nw.when(nw.col("original_on").is_null())
            .then(nw.col("booked_on"))
            .otherwise(nw.col("original_on"))
            .alias("booked_on"),
        )
    )
    others = booked.filter(nw.col("kind") != "cancellation")
    return nw.concat([others.select(*columns), cancelled.select(*columns)], how="vertical")
