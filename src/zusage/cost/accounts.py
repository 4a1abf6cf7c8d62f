"""A book and a policy come in, one account per customer goes out: yield, cost to serve in its parts, contribution.

The account is made of whole cents and seconds, each rounded once, so that sums over customers equal the sums shown
and a reader with a pocket calculator gets the same figures. Sources: time-driven activity-based costing, Kaplan and
Anderson, Harvard Business Review 11/2004.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals as nw

from zusage import engine
from zusage.cost.periods import Periods
from zusage.cost.prior import Prior, priors, shape, total
from zusage.cost.work import MILLION, Pair, observed_work, pairs, travelling
from zusage.cost.yields import YIELD_COLUMNS, yearly_yields
from zusage.engine import Frame, divide, divide_down
from zusage.ground.money import half_up
from zusage.policy.document import CAUSES, Activity, Policy

RATE_UNIT = 3_600_000
"""Cost rates are thousandths of a cent per hour: seconds × rate ÷ 3,600,000 = cents."""


def customer_accounts(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> Frame:
    """One row per customer that is not a former one, lazily.

    Columns, all of a year: customer_id, household_id, name, since, tenure_months, distance_m, contracts, referrals_won,
    referral_yield_cents; YIELD_COLUMNS and yield_cents; for each cause (duty, asked, granted) `{cause}_seconds`,
    `{cause}_cents` (time + travel + materials), `{cause}_travel_cents`, `{cause}_materials_cents`; for each pair of
    cause and role its `{cause}_{role}_seconds` (travel time included); service_seconds, base_cents, cost_cents,
    contribution_before_granted_cents, contribution_cents; contacts_milli (duty and asked, estimated), seen (logged),
    shape_milli (a + n, which carries the interval), measured_seconds (taken from a clock), observed_seconds (resting on
    logged rows, measured or at standard time; the rest is the prior). Shares stand nowhere: they are recomputed
    wherever customers are summed.
    """
    home = nw.when(nw.col("household_id").is_null()).then(nw.col("customer_id")).otherwise(nw.col("household_id"))
    customers = _present(tables["customers"]).select(
        "customer_id", home.alias("household_id"), "name", "since", "distance_m"
    )
    yields = yearly_yields(tables, policy, periods).with_columns(_sum(YIELD_COLUMNS).alias("yield_cents"))
    joined = (
        _with_referrals(customers, tables, yields, policy.referral_decay_permille)
        .join(yields, on="customer_id", how="left")
        .join(contract_counts(tables, periods), on="customer_id", how="left")
        .join(observed_work(tables, policy, periods), on="customer_id", how="left")
    )
    filled = joined.with_columns(nw.col(*_summed_columns(policy)).fill_null(0))
    return _with_cost(_with_work(filled, policy, periods), policy, periods)


def _summed_columns(policy: Policy) -> list[str]:
    """What the joins brought in: nothing booked, done or referred is zero, not unknown."""
    return [
        *YIELD_COLUMNS,
        *("yield_cents", "contracts", "referrals_won", "referral_yield_cents", "contacts", "seen", "measured"),
        *(pair.seconds for pair in pairs(policy)),
        *(pair.visits for pair in travelling(policy)),
        *(f"{cause}_materials" for cause in CAUSES if _has_materials(policy, cause)),
    ]


def _present(customers: Frame) -> Frame:
    return customers.filter(~nw.col("former").fill_null(value=False))


def _sum(columns: tuple[str, ...] | list[str]) -> nw.Expr:
    return nw.sum_horizontal(*columns) if columns else nw.lit(0, nw.Int64)


def in_force(contracts: Frame, day: date) -> Frame:
    """The contracts that are in force on a day; unknown dates count as begun and not ended."""
    begun = nw.col("since").is_null() | (nw.col("since") <= day)
    return contracts.filter(begun & (nw.col("until").is_null() | (nw.col("until") >= day)))


def contract_counts(tables: Mapping[str, Frame], periods: Periods) -> Frame:
    """customer_id and contracts: how many are in force."""
    counted = in_force(tables["contracts"], periods.as_of).group_by("customer_id")
    return counted.agg(nw.len().cast(nw.Int64).alias("contracts"))


CHAIN = 5
"""So many steps a chain of referrals is followed: A recommended B, who recommended C, ..."""


def _with_referrals(customers: Frame, tables: Mapping[str, Frame], yields: Frame, decay: int) -> Frame:
    """Adds won referrals and what they bring. Nobody refers himself or his own household.

    What those bring whom a referred customer referred counts too, less with every step: `decay` permille of it in the
    second, decay² in the third, up to `CHAIN` steps.
    """
    if not engine.has_rows(tables["referrals"]):  # else all yields would be looked through once more, for nothing
        zero = nw.lit(0, nw.Int64)
        return customers.with_columns(zero.alias("referrals_won"), zero.alias("referral_yield_cents"))
    homes = tables["customers"].select("customer_id", "household_id")
    own, other = ({"customer_id": key, "household_id": f"{key}_home"} for key in ("referrer_id", "referred_id"))
    won = (
        tables["referrals"]
        .filter(nw.col("won").fill_null(value=False))
        .select("referrer_id", "referred_id")
        .join(homes.rename(own), on="referrer_id", how="inner")
        .join(homes.rename(other), on="referred_id", how="left")
    )
    worth = _of_others(won)
    sums = _worth(worth, yields, 1000).with_columns(nw.col("number").alias("referrals_won"))
    step, weight = won.select(nw.col("referrer_id").alias("via"), "referred_id", "referred_id_home"), decay
    for _ in range(CHAIN - 1):
        if not weight:
            break
        ends = worth.select("referrer_id", "referrer_id_home", nw.col("referred_id").alias("via"))
        worth = _of_others(ends.join(step, on="via", how="inner"))
        sums = engine.concat(
            [sums, _worth(worth, yields, weight).with_columns(nw.lit(0, nw.Int64).alias("referrals_won"))]
        )
        weight = weight * decay // 1000
    found = sums.group_by("customer_id").agg(nw.col("referrals_won", "referral_yield_cents").sum())
    return customers.join(found, on="customer_id", how="left")


def _of_others(pairs: Frame) -> Frame:
    """Pairs of which neither is of the other's household."""
    same = (nw.col("referrer_id_home") == nw.col("referred_id_home")).fill_null(value=False)
    return pairs.filter(~same & (nw.col("referrer_id") != nw.col("referred_id")))


def _worth(pairs: Frame, yields: Frame, permille: int) -> Frame:
    """customer_id, number and referral_yield_cents: what those bring whom each referred, weighed."""
    brought = yields.select(nw.col("customer_id").alias("referred_id"), "yield_cents")
    found = pairs.join(brought, on="referred_id", how="left").group_by(nw.col("referrer_id").alias("customer_id"))
    sums = found.agg(nw.len().cast(nw.Int64).alias("number"), nw.col("yield_cents").fill_null(0).sum().alias("cents"))
    weighed = divide_down(nw.col("cents") * permille, 1000).alias("referral_yield_cents")
    return sums.select("customer_id", "number", weighed)


def _with_work(filled: Frame, policy: Policy, periods: Periods) -> Frame:
    """Observed sums plus the prior, brought to whole seconds, visits and contacts of a year."""
    believed = priors(policy, periods)

    def of(pair: Pair) -> list[Prior]:
        return [item for item in believed if (item.activity.cause, item.activity.role) == (pair.cause, pair.role)]

    def caused(cause: str) -> list[Prior]:
        return [item for item in believed if item.activity.cause == cause]

    asked = [item for item in believed if item.activity.cause != "granted"]
    return filled.with_columns(
        *(
            divide(nw.col(pair.seconds) + total(of(pair), standard_seconds), MILLION).alias(pair.seconds)
            for pair in pairs(policy)
        ),
        *(
            divide(nw.col(pair.visits) + total(of(pair), lambda item: int(item.travel)), 1000).alias(pair.visits)
            for pair in travelling(policy)
        ),
        *(
            divide(
                (nw.col(f"{cause}_materials") if _has_materials(policy, cause) else nw.lit(0, nw.Int64))
                + total(caused(cause), lambda item: item.materials_cents),
                MILLION,
            ).alias(f"{cause}_materials_cents")
            for cause in CAUSES
        ),
        divide(nw.col("contacts") + total(asked, lambda _: 1), 1000).alias("contacts_milli"),
        (nw.col("seen") * 1000 + shape(policy)).alias("shape_milli"),
        divide(nw.col("measured"), MILLION).alias("measured_seconds"),
        divide(_sum([pair.seconds for pair in pairs(policy)]), MILLION).alias("observed_seconds"),
    )


def standard_seconds(item: Activity) -> int:
    """Standard time of an activity with the work around it."""
    return item.seconds + item.around_seconds


def _has_materials(policy: Policy, cause: str) -> bool:
    return any(item.materials_cents for item in policy.activities if item.cause == cause)


def _with_cost(worked: Frame, policy: Policy, periods: Periods) -> Frame:
    """Travel time and all prices put to the work of a year; then the sums a customer's account is made of."""
    day = periods.as_of
    on_road = travelling(policy)
    way = nw.col("distance_m").fill_null(policy.travel.default_m) * 2
    road = worked.with_columns(
        *(
            # metres × thousandths of visits × seconds per km: a million of them is a second
            (nw.col(pair.seconds) + divide(nw.col(pair.visits) * way * policy.travel.seconds_per_km, MILLION)).alias(
                pair.seconds
            )
            for pair in on_road
        ),
        *(
            divide(
                _sum([pair.visits for pair in on_road if pair.cause == cause]) * way * policy.travel.per_km.on(day),
                MILLION,
            ).alias(f"{cause}_travel_cents")
            for cause in CAUSES
        ),
    )
    priced = road.with_columns(
        *(
            _sum([pair.seconds for pair in pairs(policy) if pair.cause == cause]).alias(f"{cause}_seconds")
            for cause in CAUSES
        ),
        *(_cause_cents(policy, cause, day).alias(f"{cause}_cents") for cause in CAUSES),
        nw.lit(base_cents(policy, periods), nw.Int64).alias("base_cents"),
        nw.when(nw.col("since").is_null())
        .then(nw.lit(None, nw.Int64))
        .otherwise((nw.lit(day.year) - nw.col("since").dt.year()) * 12 + nw.lit(day.month) - nw.col("since").dt.month())
        .cast(nw.Int64)
        .alias("tenure_months"),
    )
    return (
        priced.with_columns(
            _sum([f"{cause}_seconds" for cause in CAUSES]).alias("service_seconds"),
            _sum([*(f"{cause}_cents" for cause in CAUSES), "base_cents"]).alias("cost_cents"),
        )
        .with_columns(
            (nw.col("yield_cents") - nw.col("base_cents") - nw.col("duty_cents") - nw.col("asked_cents")).alias(
                "contribution_before_granted_cents"
            ),
            (nw.col("yield_cents") - nw.col("cost_cents")).alias("contribution_cents"),
        )
        .select(*account_columns(policy))
    )


def base_cents(policy: Policy, periods: Periods) -> int:
    """Cost of a customer before any work; where no times exist at all, the first-hour estimate of a year.

    The estimate (yearly cost of the firm with the owner's wage ÷ customers) is crude by design: it tells in the first
    hour what a customer costs on average, not which one does.
    """
    if periods.first_hour:
        return half_up(yearly_cost(policy, periods.as_of), max(periods.customers, 1))
    return policy.base_cost.on(periods.as_of)


def yearly_cost(policy: Policy, day: date) -> int:
    """Cents a year of the whole firm: all roles, the owner's wage included, and overhead."""
    return sum(role.yearly_cost.on(day) for role in policy.roles) + policy.overhead.on(day)


def _cause_cents(policy: Policy, cause: str, day: date) -> nw.Expr:
    time = [
        divide(nw.col(pair.seconds) * policy.role(pair.role).rate(day), RATE_UNIT)
        for pair in pairs(policy)
        if pair.cause == cause
    ]
    return nw.sum_horizontal(*time, f"{cause}_travel_cents", f"{cause}_materials_cents")


def account_columns(policy: Policy) -> list[str]:
    """The columns of an account, in their order."""
    return [
        *("customer_id", "household_id", "name", "since", "tenure_months", "distance_m"),
        *("contracts", "referrals_won", "referral_yield_cents"),
        *money_columns(policy),
    ]


def money_columns(policy: Policy) -> list[str]:
    """The columns of an account that add up over the members of a household."""
    return [
        *YIELD_COLUMNS,
        "yield_cents",
        *(pair.seconds for pair in pairs(policy)),
        *(pair.visits for pair in travelling(policy)),
        *(f"{cause}_{part}" for cause in CAUSES for part in ("seconds", "travel_cents", "materials_cents", "cents")),
        *("service_seconds", "base_cents", "cost_cents", "contribution_before_granted_cents", "contribution_cents"),
        *("contacts_milli", "seen", "shape_milli", "measured_seconds", "observed_seconds"),
    ]
