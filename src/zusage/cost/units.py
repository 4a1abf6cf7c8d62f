"""Accounts of customers come in, accounts of units go out: households where the policy says so, else customers.

A unit is what a class is given to. Its sums are the sums of its members' cents and seconds; every ratio is made anew
from the sums. Figures that rest on an estimate of work carry an interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import narwhals as nw

from zusage import engine
from zusage.cost.accounts import in_force, money_columns
from zusage.cost.periods import Periods, shift_months
from zusage.engine import Frame, divide, divide_down
from zusage.policy.document import OWN, Policy

FIRST_HOUR_HIGH = 3000
"""Permille of the first-hour estimate that a demanding customer may cost; a customer who never calls may cost nothing.
An assumption: without any times the spread between customers is not known."""


def unit_accounts(accounts: Frame, tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> Frame:
    """One row per unit, lazily.

    Columns: unit_id, name (only where a unit is a customer), members, since, tenure_months, distance_m, contracts,
    referrals_won, referral_yield_cents; the money columns of accounts as sums; potential_cents; the `own_…` figures
    that criteria use (thousandths); recurring_permille and euro_per_hour_cents (rounded down; whole service time,
    unknown without any); before_seconds (duty and asked: what criteria see); estimated_cents (cost that rests on the
    estimate of work) with low_permille and high_permille (its interval); provisional.
    """
    named = accounts.with_columns(unit_of(policy))
    links = named.select("customer_id", "unit_id")
    sums = _with_own_figures(_sums(named, policy), tables, links, policy)
    if policy.potential.lines:
        sums = sums.join(_gaps(tables, links, policy, periods), on="unit_id", how="left")
    return _with_ratios(_with_potential(sums, policy), policy, periods)


def unit_of(policy: Policy) -> nw.Expr:
    """unit_id of a customer's account: the household where the policy takes households together, else the customer."""
    return nw.col("household_id" if policy.household_together else "customer_id").alias("unit_id")


def _sums(named: Frame, policy: Policy) -> Frame:
    distance = nw.col("distance_m").fill_null(policy.travel.default_m)
    added = nw.col("contracts", "referrals_won", "referral_yield_cents", *money_columns(policy))
    if not policy.household_together:  # a customer is its own unit: grouping a million by themselves takes a second
        return named.select(
            "unit_id", "name", nw.lit(1, nw.Int64).alias("members"), "since", "tenure_months", distance, added
        )
    return named.group_by("unit_id").agg(
        nw.len().cast(nw.Int64).alias("members"),
        nw.col("since").min(),
        nw.col("tenure_months").max(),
        distance.min(),
        added.sum(),
    )


def _gaps(tables: Mapping[str, Frame], links: Frame, policy: Policy, periods: Periods) -> Frame:
    """unit_id and has_0, has_1 …: whether the unit has a contract in each line of the policy's potential."""
    held = in_force(tables["contracts"], periods.as_of).join(links, on="customer_id", how="inner")
    line = nw.col("product_line").str.to_lowercase()
    return held.group_by("unit_id").agg(
        (line == name.lower()).cast(nw.Int64).max().alias(f"has_{i}")
        for i, (name, _) in enumerate(policy.potential.lines)
    )


def own_keys(policy: Policy) -> list[str]:
    """The firm's own figures that the policy uses, without the prefix; `potential` always counts if it is there."""
    used = {item.metric for item in policy.criteria()} | {
        name for item in policy.classes if item.places for name in item.places.order
    }
    return sorted({name.removeprefix(OWN) for name in used if name.startswith(OWN)} | {"potential"})


def _with_own_figures(sums: Frame, tables: Mapping[str, Frame], links: Frame, policy: Policy) -> Frame:
    if not engine.has_rows(tables["figures"]):  # a join would copy every column to add nothing
        return sums.with_columns(nw.lit(0, nw.Int64).alias(OWN + key) for key in own_keys(policy))
    known = tables["figures"].join(links, on="customer_id", how="inner")
    figures = known.group_by("unit_id").agg(
        nw.when(nw.col("key") == key).then(nw.col("value_milli")).otherwise(0).sum().alias(OWN + key)
        for key in own_keys(policy)
    )
    return sums.join(figures, on="unit_id", how="left")


def _with_potential(sums: Frame, policy: Policy) -> Frame:
    """Potential in cents a year: lines a unit lacks at their worth, from so many contracts on, plus stated wishes."""
    lines = policy.potential.lines
    missing = [nw.lit(cents, nw.Int64) * (1 - nw.col(f"has_{i}").fill_null(0)) for i, (_, cents) in enumerate(lines)]
    gaps = nw.sum_horizontal(*missing) if missing else nw.lit(0, nw.Int64)
    enough = nw.col("contracts") >= policy.potential.from_contracts
    stated = divide(nw.col(f"{OWN}potential").fill_null(0), 10)
    own = [OWN + key for key in own_keys(policy)]
    return sums.with_columns(
        (nw.when(enough).then(gaps).otherwise(0) + stated).alias("potential_cents"),
        *(nw.col(name).fill_null(0) for name in own),
    ).drop(*(f"has_{i}" for i in range(len(lines))), *([OWN + "potential"] if OWN + "potential" in own else []))


def _with_ratios(sums: Frame, policy: Policy, periods: Periods) -> Frame:
    before = nw.col("duty_seconds") + nw.col("asked_seconds")
    young_from = shift_months(periods.as_of, -policy.yields.min_history_months)
    return sums.with_columns(
        before.alias("before_seconds"),
        nw.sum_horizontal("duty_cents", "asked_cents", *(["base_cents"] if periods.first_hour else [])).alias(
            "estimated_cents"
        ),
        nw.when(nw.col("yield_cents") > 0)
        .then(divide_down(nw.col("recurring_cents") * 1000, at_least_one(nw.col("yield_cents"))))
        .otherwise(0)
        .alias("recurring_permille"),
        nw.when(nw.col("service_seconds") > 0)
        .then(divide_down(nw.col("yield_cents") * 3600, at_least_one(nw.col("service_seconds"))))
        .otherwise(nw.lit(None, nw.Int64))
        .alias("euro_per_hour_cents"),
        _bound(policy, periods, -1).alias("low_permille"),
        _bound(policy, periods, 1).alias("high_permille"),
        (nw.col("since") > young_from).fill_null(value=False).alias("provisional"),
    )


def at_least_one(value: nw.Expr) -> nw.Expr:
    """Keeps a division defined in rows whose result is not used."""
    return nw.when(value > 0).then(value).otherwise(1)


def _bound(policy: Policy, periods: Periods, side: int) -> nw.Expr:
    """A bound of the yearly work in permille of its estimate.

    Contacts are taken as a Poisson process with a gamma prior, so the rate has a gamma distribution of shape a + n; its
    quantiles by the cube-root transformation of Wilson and Hilferty (1931), good to a percent from shape 1 on.
    """
    if periods.first_hour:
        return nw.lit(0 if side < 0 else FIRST_HOUR_HIGH, nw.Int64)
    z = NormalDist().inv_cdf((1 + policy.evidence.confidence_permille / 1000) / 2) * side
    shape = at_least_one(nw.col("shape_milli")) / 1000
    root = 1 - 1 / (shape * 9) + z / (shape.sqrt() * 3)
    cube = nw.when(root > 0).then(root * root * root * 1000).otherwise(0.0)
    bound = (cube.floor() if side < 0 else cube.ceil()).cast(nw.Int64)
    return nw.when(nw.col("shape_milli") > 0).then(bound).otherwise(nw.lit(1000, nw.Int64))
